"""`flask demo` and `flask case-system serve`."""

from __future__ import annotations

import os
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.config import PROJECT_ROOT
from app.demo.case_system import serve
from app.demo.folder import DemoFolder
from app.demo.running import CreateApp, DemoFailed, print_codes, run_demo

DEFAULT_TOKEN = "demo-token"  # noqa: S105 - for trying things out on one machine

case_system = AppGroup("case-system", help="The demo case system.")


NEED_NO_SETTINGS = ("case-system", "demo")
"""Commands that work where no settings are: one needs none, the other makes its own."""

_WITH_A_VALUE = {"--app", "-A", "--env-file", "-e"}
"""Options of `flask` that stand before the command and take the next word."""


def needs_no_settings(words: list[str]) -> bool:
    """Whether a program was started with one of those as its command. A force may be called like
    one, so only the command itself counts."""
    rest = iter(words)
    for word in rest:
        if word in _WITH_A_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word in NEED_NO_SETTINGS
    return False


def without_settings(create_app: CreateApp) -> Flask:
    """An application with nothing but the commands that need no settings."""
    app = Flask("demo")
    app.extensions["create-app"] = create_app
    init_app(app)
    return app


def init_app(app: Flask) -> None:
    app.cli.add_command(case_system)
    app.cli.add_command(demo)


@click.group("demo", invoke_without_command=True)
@click.pass_context
@with_appcontext
def demo(context: click.Context) -> None:
    """Run the portal with a made-up force on this machine (PORT, DEMO_DIR)."""
    context.obj = _folder()
    if context.invoked_subcommand is None:
        try:
            run_demo(context.obj, current_app.extensions["create-app"])
        except DemoFailed as error:
            raise click.ClickException(str(error)) from None


@demo.command("codes")
@click.pass_obj
def codes(folder: DemoFolder) -> None:
    """Print the officers' authenticator codes of this half minute."""
    if not folder.is_set_up:
        raise click.ClickException("there is no demo yet: make demo")
    print_codes(folder)


def _folder() -> DemoFolder:
    port = os.environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65535):
        raise click.ClickException("PORT must be a number from 1 to 65534")
    path = PROJECT_ROOT / (os.environ.get("DEMO_DIR") or "var/demo")
    return DemoFolder(path, int(port))


@case_system.command("serve", with_appcontext=False)
@click.option("--profile", required=True, type=click.Choice(["niche", "connect"]))
@click.option("--port", required=True, type=click.IntRange(1, 65535))
@click.option("--data", required=True, type=click.Path(file_okay=False, path_type=Path))
def serve_command(profile: str, port: int, data: Path) -> None:
    """Serve it on 127.0.0.1 until stopped; everything it took is in the data folder."""
    token = os.environ.get("CASE_SYSTEM_TOKEN") or DEFAULT_TOKEN
    serve(profile, port, data, token)
