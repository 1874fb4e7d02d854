"""Small things that the ways in share."""

from __future__ import annotations

from datetime import datetime

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.web import pages
from app.web.forms import Form
from app.web.language import public_url


def status_of(form: Form) -> int:
    """200 for a form that was asked for, 422 for one that came back with errors."""
    return 422 if form.errors else 200


def go_to(endpoint: str) -> ResponseReturnValue:
    """On to another public page, in the language that this one's address asks for."""
    return redirect(public_url(url_for(endpoint)), 303)


def too_many(retry_at: datetime) -> Response:
    """Too often: when to come back."""
    response = pages.render("errors/429.html", status=429)
    seconds = max(1, int((retry_at - clock.now()).total_seconds()))
    response.headers["Retry-After"] = str(seconds)
    return response
