"""Groups of `flask` commands that say in one line when the database cannot be used."""

from __future__ import annotations

import re
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

_NOT_MIGRATED = re.compile(r"no such (table|column)|(relation|column) \S+ does not exist")


class CommandGroup(AppGroup):
    """What an operator at a terminal can use, in place of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DBAPIError as error:
            trouble = trouble_with_database(error)
            if trouble is None:
                raise
            raise click.ClickException(f"DATABASE_URL: {trouble}") from error


def trouble_with_database(error: DBAPIError) -> str | None:
    """Why this database cannot be used as it is; None for an error of the program's own."""
    said = str(error.orig).strip()
    if _NOT_MIGRATED.search(said):
        return "the database is not migrated: flask --app wsgi db upgrade"
    # SQLite says of a file that is something else just DatabaseError.
    if isinstance(error, OperationalError) or type(error) is DatabaseError:
        # Never its own words: they may hold the address, and it a password.
        return f"the database cannot be used ({type(error.orig).__name__})"
    return None
