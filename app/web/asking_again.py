"""A form that was refused is asked again behind a redirect.

With a page that answers a form, a browser keeps what was sent, on disk and in plain text, so that
it can show that page again after a restart; `autocomplete="off"` does not help (measured with
Chromium's session restore). With a page that was asked for by its address it keeps the address
only. So no form is answered with a page: what was typed waits, sealed, in the cookie, until it was
shown once.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, redirect, request, session
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from app import clock
from app.web import pages
from app.web.cookie_seal import seal, unseal
from app.web.forms import Form
from app.web.language import public_url

_REFUSED_FORM = "refused_form"
_FOR = timedelta(minutes=15)
_LONGEST_SEALED = 2_400
"""Characters in the cookie; browsers take 4,096 of one. Room for a note of 1,000 letters."""

_AGAIN = "again"
_UNTIL = "until"
_FOR_WHOM = "for"
OFFICER = "officer"
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


def is_for_officers() -> bool:
    """Whether this address, or the one of the form that went wrong, is among the officers'."""
    area = request.path.split("/")[1]
    return OFFICER in (area, request.args.get(_FOR_WHOM) if area == "problem" else None)


def give_words_back(response: Response) -> Response:
    """Mark a page that holds words which would be lost otherwise: losing them is worse."""
    response.headers[_HOLDS_WORDS] = "1"
    return response


_HOLDS_WORDS = "X-Holds-Words"


def _lead_to_page_about_it(response: Response) -> Response:
    holds_words = response.headers.pop(_HOLDS_WORDS, None)
    if is_sent_as_page() and response.status_code >= 400 and not holds_words:
        query = {_UNTIL: until} if (until := _come_back_at(response)) else {}
        if is_for_officers():
            query[_FOR_WHOM] = OFFICER
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
        "values": {
            field.name: field.data
            for field in form
            if field.name not in _NOT_TYPED and not isinstance(field, PasswordField)
        },
        "errors": {name: [str(each) for each in errors] for name, errors in form.errors.items()},
    }
    return seal(_REFUSED_FORM, told, _FOR)


def _fill(form: Form) -> None:
    told = unseal(_REFUSED_FORM, session.get(_REFUSED_FORM))
    if told is not None and told["path"] != request.path:
        return
    # Shown once: from now on the words are on the page alone.
    session.pop(_REFUSED_FORM, None)
    if told is None:
        return
    for field in form:
        if field.name in told["values"]:
            field.data = told["values"][field.name]
        field.errors = told["errors"].get(field.name, [])
