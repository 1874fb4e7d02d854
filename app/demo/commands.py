"""`flask demo` and `flask case-system serve`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.demo.case_system import serve
from app.sync.port import NotBuiltYet

NOT_BUILT_YET = 2
DEFAULT_TOKEN = "demo-token"  # noqa: S105 - for trying things out on one machine

case_system = AppGroup("case-system", help="The demo case system.")


def case_system_only() -> Flask:
    """An application with nothing but the case system's command: it needs no settings."""
    app = Flask("case-system")
    init_app(app)
    return app


def init_app(app: Flask) -> None:
    app.cli.add_command(case_system)


@case_system.command("serve", with_appcontext=False)
@click.option("--profile", required=True, type=click.Choice(["niche", "connect"]))
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--data", required=True, type=click.Path(file_okay=False, path_type=Path))
def serve_command(profile: str, port: int, data: Path) -> None:
    """Serve it on 127.0.0.1 until stopped; everything it took is in the data folder."""
    token = os.environ.get("CASE_SYSTEM_TOKEN") or DEFAULT_TOKEN
    try:
        serve(profile, port, data, token)
    except NotBuiltYet as error:
        click.echo(f"{error}", err=True)
        sys.exit(NOT_BUILT_YET)
