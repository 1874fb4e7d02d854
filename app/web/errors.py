"""Pages for when something went wrong. None of them needs the database or a session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    TooManyRequests,
    default_exceptions,
)

from app import clock
from app.connecting import is_away
from app.web import pages
from app.web.access import Audience, answer_nobody, open_to
from app.web.asking_again import OFFICER, give_words_back, is_for_officers
from app.web.limits import come_back_at
from app.web.typed import typed

PLAIN = 400
UNFORESEEN = 500
NOT_NOW = 503
_COME_BACK_IN = "10"
"""Seconds after which open pages ask again once the database was away."""
_LONGEST_WAIT = timedelta(days=1)
TOO_MANY = 429
WITH_A_PAGE = (PLAIN, 404, 405, 413, TOO_MANY, UNFORESEEN, NOT_NOW)
KEPT_HEADERS = ("Allow", "Retry-After")


def init_app(app: Flask) -> None:
    """Register a calm page for every error that a person may meet."""
    app.register_error_handler(CSRFError, answer_expired_form)
    app.register_error_handler(HTTPException, show_error)
    app.add_url_rule("/problem/<int:code>", view_func=problem)


def show_error(error: HTTPException) -> Response:
    """Answer with the page of this error's code; the cause is never shown."""
    code = error.code or UNFORESEEN
    if code == UNFORESEEN and isinstance(error, InternalServerError):
        return _show_crash(error)
    page = code if code in WITH_A_PAGE else UNFORESEEN if code >= UNFORESEEN else PLAIN
    response = (
        show_too_many(come_back_at()) if code == TOO_MANY else _page(f"errors/{page}.html", code)
    )
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    if isinstance(error, TooManyRequests) and isinstance(error.retry_after, datetime):
        seconds = ceil((error.retry_after - clock.now()).total_seconds())
        response.headers["Retry-After"] = str(max(1, seconds))
    return response


def _show_crash(error: InternalServerError) -> Response:
    """Say whether it is worth coming back soon, and give back what was typed."""
    code = NOT_NOW if is_away(error.original_exception) else UNFORESEEN
    words = typed()
    response = _page(f"errors/{code}.html", code, typed=words, send_url=request.path)
    if code == NOT_NOW:
        response.headers["Retry-After"] = _COME_BACK_IN
    return give_words_back(response) if words else response


@open_to(Audience.EVERYBODY)
def problem(code: int) -> ResponseReturnValue:
    """The page about a form that went wrong; see `app.web.asking_again`."""
    if code == PLAIN:
        # Whatever else a browser sends is in order: its form was too old.
        return show_expired_form()
    if code not in default_exceptions:
        abort(404)
    if code == TOO_MANY:
        return show_too_many(_until(request.args.get("until", "")))
    return show_error(default_exceptions[code]())


def _until(seconds: str) -> datetime | None:
    """The time that the address of the page names; None for none, or one of no sense."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 11):
        return None
    when = datetime.fromtimestamp(int(seconds), UTC)
    return when if clock.now() < when < clock.now() + _LONGEST_WAIT else None


def show_too_many(when: datetime | None) -> Response:
    """Answer somebody who asked too often: when to come back, and what they typed. (Our limits add
    the header.)"""
    words = typed()
    response = _page(
        "errors/429.html",
        TOO_MANY,
        come_back_at=when,
        typed=words,
        send_url=request.path,
    )
    return give_words_back(response) if words else response


def answer_expired_form(_error: CSRFError) -> ResponseReturnValue:
    """Answer a form without a good token. Who is not signed in has nothing to lose but words."""
    signed_out = None if typed() else answer_nobody()
    return show_expired_form() if signed_out is None else signed_out


def show_expired_form() -> Response:
    """Answer a form that was open too long; what was typed comes back, ready to send again."""
    words = typed()
    response = _page(
        "errors/expired_form.html",
        PLAIN,
        typed=words,
        send_url=request.path,
        sign_in_url=f"/{OFFICER}/sign-in" if is_for_officers() else "/sign-in",
    )
    return give_words_back(response) if words else response


def _page(template: str, code: int, **context: object) -> Response:
    """The page in the frame of those whose address it is. Who asks is not looked up."""
    if is_for_officers():
        context |= {"frame": "layouts/officer.html", "start_url": "/officer/inbox"}
    return pages.render(template, "errors/_short.html", status=code, **context)
