"""The application for a WSGI server (`wsgi:app`) and for `flask --app wsgi`."""

from __future__ import annotations

import sys

from flask import Flask

from app import create_app
from app.config import ConfigurationError
from app.demo.commands import needs_no_settings, without_settings


def load() -> Flask:
    """The portal; for commands that need no settings, only those."""
    if needs_no_settings(sys.argv[1:]):
        return without_settings(create_app)
    try:
        return create_app()
    except ConfigurationError as error:
        # One line and exit code 1: what an operator at a terminal can use.
        raise SystemExit(str(error)) from None


app = load()
