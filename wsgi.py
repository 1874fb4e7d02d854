"""The application for a WSGI server (`wsgi:app`) and for `flask --app wsgi`."""

from __future__ import annotations

import sys

from flask import Flask

from app import create_app
from app.config import ConfigurationError
from app.demo.commands import case_system_only


def load() -> Flask:
    """The portal; for `case-system serve`, which needs no settings, only that command."""
    if "case-system" in sys.argv[1:]:
        return case_system_only()
    try:
        return create_app()
    except ConfigurationError as error:
        # One line and exit code 1: what an operator at a terminal can use.
        raise SystemExit(str(error)) from None


app = load()
