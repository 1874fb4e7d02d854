"""Who may call an endpoint at all: declared on every one as data, enforced before it runs."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Audience(StrEnum):
    """Whom an endpoint is for."""

    EVERYBODY = "everybody"
    VICTIM = "victim"
    OFFICER = "officer"
    OPERATOR = "operator"
    """Loopback or a token; the endpoint checks."""


class SignedOut(StrEnum):
    """What an endpoint answers to somebody who is not signed in."""

    GOES_TO_SIGN_IN = "sign-in"
    IS_TOLD = "401"
    """For polls: a redirect would be followed and swapped into the page."""
    IS_SEEN_BY_VIEW = "view"
    """The view itself decides: words posted after the session ended must not be lost."""


PRIVATE_PREFIXES = ("/officer", "/cases", "/safety", "/preferences")


def open_to(
    audience: Audience, signed_out: SignedOut = SignedOut.GOES_TO_SIGN_IN
) -> Callable[[View], View]:
    """Declare whom an endpoint is for."""

    def declare(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        view.signed_out = signed_out  # type: ignore[attr-defined]
        return view

    return declare


def init_app(app: Flask) -> None:
    """Enforce the declarations. Call after all blueprints are registered.

    Raises RuntimeError for an endpoint that declares nothing.
    """
    undeclared = [name for name, view in app.view_functions.items() if not _declared(view)]
    if undeclared:
        raise RuntimeError(f"no audience declared: {', '.join(sorted(undeclared))}")
    app.before_request(_enforce)


def audience_of(app: Flask, endpoint: str) -> Audience:
    audience: Audience = app.view_functions[endpoint].audience  # type: ignore[attr-defined]
    return audience


def is_private(view: object) -> bool:
    """Whether an endpoint is for people who are signed in."""
    return getattr(view, "audience", None) in {Audience.VICTIM, Audience.OFFICER}


def is_poll(view: object) -> bool:
    """Whether an endpoint is asked by a timer and not by a person."""
    return getattr(view, "signed_out", None) is SignedOut.IS_TOLD


def _declared(view: object) -> bool:
    return isinstance(getattr(view, "audience", None), Audience)


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        # An address that does not exist looks like one that does to somebody signed out.
        if isinstance(request.routing_exception, NotFound) and _is_private(request.path):
            return None if current_user.is_authenticated else _to_sign_in()
        return None
    view = current_app.view_functions[request.endpoint]
    wanted: Audience = view.audience  # type: ignore[attr-defined]
    if wanted in {Audience.EVERYBODY, Audience.OPERATOR}:
        return None
    if not current_user.is_authenticated:
        return _answer_signed_out(view.signed_out)  # type: ignore[attr-defined]
    if current_user.kind != wanted.value:
        abort(404)
    return None


def _answer_signed_out(answer: SignedOut) -> ResponseReturnValue | None:
    if answer is SignedOut.IS_SEEN_BY_VIEW:
        return None
    if answer is SignedOut.IS_TOLD:
        return "", 401
    return _to_sign_in()


def _to_sign_in() -> ResponseReturnValue:
    is_officers = request.path.startswith("/officer")
    endpoint = "sign_in.officer_sign_in" if is_officers else "sign_in.sign_in"
    return redirect(url_for(endpoint), 303)


def _is_private(path: str) -> bool:
    return path.startswith(PRIVATE_PREFIXES)
