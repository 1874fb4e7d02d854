"""`flask --app wsgi feedback …`: what people say of the service, for whoever runs it."""

from __future__ import annotations

from datetime import datetime

import click
from flask import current_app

from app import clock
from app.database import Database
from app.portal.feedback import all_since
from app.web.command_groups import CommandGroup

feedback = CommandGroup("feedback", help="What people say of the service.")

_EVER = "2000-01-01"


@feedback.command("list")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=_EVER, help="A day.")
def list_all(since: datetime) -> None:
    """Print it, one a line: day, rating from 1 (very bad) to 5 (very good), words."""
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        for each in all_since(session, since.date()):
            words = " ".join((each.words or "").split()) if each.wrapped_key else "-"
            click.echo(f"{each.given_on}  {each.rating or '-'}  {words or '-'}")
    click.echo(f"(until {clock.now():%Y-%m-%d})")
