"""Small things that the ways in share."""

from __future__ import annotations

from datetime import datetime

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import victim
from app.cases.queries import open_cases_of
from app.web import pages
from app.web.asking_again import is_sent_as_page
from app.web.errors import show_too_many
from app.web.transactions import db


def too_many(retry_at: datetime) -> Response:
    """Too often: when to come back."""
    response = show_too_many(retry_at)
    seconds = max(1, int((retry_at - clock.now()).total_seconds()))
    response.headers["Retry-After"] = str(seconds)
    return response


def has_open_case() -> bool:
    """Whether any of the signed-in victim's cases is open now: else only the neutral page is."""
    return bool(open_cases_of(db(), victim(), clock.now()))


def no_case_open(endpoint: str) -> ResponseReturnValue:
    """The neutral page, at `endpoint`'s address."""
    if is_sent_as_page():
        return redirect(url_for(endpoint), 303)
    return pages.render("portal/not_available.html", status=404, force_phone="101")
