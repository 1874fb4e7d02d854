"""A form that was refused is asked again behind a redirect.

With a page that answers a form, a browser keeps what was sent, on disk and in plain text, so that
it can show that page again after a restart; `autocomplete="off"` does not help (measured with
Chromium's session restore). With a page that was asked for by its address it keeps the address
only. So no form is answered with a page: what was typed waits, sealed, in the cookie.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, redirect, request, session
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from app import clock
from app.crypto import CannotOpen, Place
from app.web import pages
from app.web.forms import Form
from app.web.language import public_url
from app.web.transactions import database

_REFUSED_FORM = "refused_form"
_FOR = timedelta(minutes=15)
_LONGEST_SEALED = 2_400
"""Characters in the cookie; browsers take 4,096 of one. Room for a note of 1,000 letters."""

_AGAIN = "again"
_UNTIL = "until"
_NOT_TYPED = {"csrf_token"}


def init_app(app: Flask) -> None:
    """Lead every form that went wrong to the page about it. Register this before everything else:
    it has to come last, when the answer is what it will be."""
    app.after_request(_lead_to_page_about_it)


def is_sent_as_page() -> bool:
    """Whether a browser sent this form and will show the answer as its page.

    (Browsers of before 2023 do not say so, and get the answer at once.)
    """
    is_navigation = request.headers.get("Sec-Fetch-Mode") == "navigate"
    return request.method == "POST" and is_navigation


def show_form(template: str, form: Form, **context: object) -> ResponseReturnValue:
    """The page with this form: empty, or with what was typed and what is wrong with it."""
    if request.method == "POST" and form.errors:
        if not is_sent_as_page():
            return pages.render(template, None, 422, form=form, **context)
        sealed = _sealed(form)
        if sum(map(len, sealed)) > _LONGEST_SEALED:
            return give_words_back(pages.render(template, None, 422, form=form, **context))
        session[_REFUSED_FORM] = sealed
        return redirect(public_url(request.path, **{_AGAIN: "1"}) + "#problem", 303)
    if request.method == "GET" and _AGAIN in request.args:
        _fill(form)
    return pages.render(template, None, 422 if form.errors else 200, form=form, **context)


def give_words_back(response: Response) -> Response:
    """Mark a page that holds words which would be lost otherwise: losing them is worse."""
    response.headers[_HOLDS_WORDS] = "1"
    return response


_HOLDS_WORDS = "X-Holds-Words"


def _lead_to_page_about_it(response: Response) -> Response:
    holds_words = response.headers.pop(_HOLDS_WORDS, None)
    if is_sent_as_page() and response.status_code >= 400 and not holds_words:
        query = {_UNTIL: until} if (until := _come_back_at(response)) else {}
        response.location = public_url(f"/problem/{response.status_code}", **query)
        response.status_code = 303
        response.set_data("")
    return response


def _come_back_at(response: Response) -> str | None:
    """The second until which somebody was told to wait, for the page about it."""
    seconds = response.headers.get("Retry-After", "")
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    return str(int(clock.now().timestamp()) + int(seconds))


def _sealed(form: Form) -> list[str]:
    """What was typed and what is wrong with it, as the cookie holds it."""
    told = {
        "path": request.path,
        "until": (clock.now() + _FOR).timestamp(),
        "values": {
            field.name: field.data
            for field in form
            if field.name not in _NOT_TYPED and not isinstance(field, PasswordField)
        },
        "errors": {name: [str(each) for each in errors] for name, errors in form.errors.items()},
    }
    row = uuid4()
    wrapped = database().keyring.new_data_key(_place(row))
    told_in_short = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    sealed = database().keyring.data_key(wrapped, _place(row)).seal(told_in_short, _place(row))
    return [row.hex, *(urlsafe_b64encode(part).decode() for part in (wrapped, sealed))]


def _fill(form: Form) -> None:
    told = _opened(session.get(_REFUSED_FORM))
    if told.get("path") != request.path or told["until"] < clock.now().timestamp():
        return
    for field in form:
        if field.name in told["values"]:
            field.data = told["values"][field.name]
        field.errors = told["errors"].get(field.name, [])


def _opened(kept: Any) -> dict[str, Any]:
    if kept is None:
        return {}
    row, wrapped, sealed = UUID(kept[0]), *map(urlsafe_b64decode, kept[1:])
    try:
        key = database().keyring.data_key(wrapped, _place(row))
        told: dict[str, Any] = json.loads(key.open(sealed, _place(row)))
    except CannotOpen:  # the keys have changed since
        return {}
    return told


def _place(row: UUID) -> Place:
    return Place("cookie", _REFUSED_FORM, row)
