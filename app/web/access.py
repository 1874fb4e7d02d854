"""Who may call an endpoint at all: declared on every one as data, enforced before it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import MethodNotAllowed, NotFound

from app.web import pages
from app.web.limits import per_account

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Needs = Callable[[Any], bool]


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


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an endpoint says of itself."""

    audience: Audience
    signed_out: SignedOut
    needs: Needs | None = None
    """What else the viewer must be; a rule of `app.cases.access`."""


_ATTRIBUTE = "declared_access"

PRIVATE_PREFIXES = ("/officer", "/cases", "/safety", "/preferences")


def open_to(
    audience: Audience,
    signed_out: SignedOut = SignedOut.GOES_TO_SIGN_IN,
    *,
    needs: Needs | None = None,
) -> Callable[[View], View]:
    """Declare whom an endpoint is for; `needs` is asked with the viewer.

    The forms of people who are signed in are counted by account here, so that none is forgotten.
    """

    def declare(view: View) -> View:
        if audience in {Audience.VICTIM, Audience.OFFICER}:
            view = cast("View", per_account(view))
        setattr(view, _ATTRIBUTE, Declaration(audience, signed_out, needs))
        return view

    return declare


def init_app(app: Flask) -> None:
    """Enforce the declarations. Call after all blueprints are registered.

    Raises RuntimeError for an endpoint that declares nothing.
    """
    undeclared = [name for name, view in app.view_functions.items() if declared(view) is None]
    if undeclared:
        raise RuntimeError(f"no audience declared: {', '.join(sorted(undeclared))}")
    app.before_request(_enforce)


def declared(view: object) -> Declaration | None:
    """What an endpoint's view declares."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, Declaration) else None


def is_private(view: object) -> bool:
    """Whether an endpoint is for people who are signed in."""
    found = declared(view)
    return found is not None and found.audience in {Audience.VICTIM, Audience.OFFICER}


def is_poll(view: object) -> bool:
    """Whether an endpoint is asked by a timer and not by a person."""
    found = declared(view)
    return found is not None and found.signed_out is SignedOut.IS_TOLD


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return _answer_no_endpoint()
    found = declared(current_app.view_functions[request.endpoint])
    assert found is not None
    wanted = found.audience
    if wanted in {Audience.EVERYBODY, Audience.OPERATOR}:
        return None
    if not current_user.is_authenticated:
        return _answer_signed_out(found.signed_out)
    is_meant = current_user.kind == wanted.value
    if not is_meant or (found.needs is not None and not found.needs(current_user.viewer)):
        return _answer_other_kind(found.signed_out)
    return None


def _answer_no_endpoint() -> ResponseReturnValue | None:
    """An address that does not exist looks like one that does, and so does one that takes no such
    method."""
    is_wrong_address = isinstance(request.routing_exception, NotFound | MethodNotAllowed)
    if not (is_wrong_address and _is_private(request.path)):
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    abort(404)


def _answer_other_kind(answer: SignedOut) -> ResponseReturnValue:
    """An officer among a victim's pages, or a victim among officers': nothing is there."""
    if answer is SignedOut.IS_TOLD:
        # Somebody else signed in at this browser: the page that polls has to go.
        return "", 404, {"HX-Refresh": "true"}
    abort(404)


def _answer_signed_out(answer: SignedOut) -> ResponseReturnValue | None:
    if answer is SignedOut.IS_SEEN_BY_VIEW:
        return None
    if answer is SignedOut.IS_TOLD:
        return "", 401
    return _to_sign_in()


def answer_nobody() -> ResponseReturnValue | None:
    """What somebody gets who is not signed in and whose form has no good token; None for others."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not is_private(view) or current_user.is_authenticated:
        return None
    return ("", 401) if is_poll(view) or pages.wants_fragment() else _to_sign_in()


def _to_sign_in() -> ResponseReturnValue:
    is_officers = request.path.startswith("/officer")
    endpoint = "sign_in.officer_sign_in" if is_officers else "sign_in.sign_in"
    return pages.go_to(endpoint)


def _is_private(path: str) -> bool:
    return path.startswith(PRIVATE_PREFIXES)
