"""An officer's way in through their force's own provider: there, and back."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.forces.models import Force
from app.forces.queries import force_named
from app.sign_in import blueprint
from app.sign_in.once import use_once
from app.sign_in.openid import (
    ANOTHER_PERSON,
    DISABLED,
    NO_GROUP,
    UNKNOWN,
    MayNotEnter,
    enter,
    note_failure,
    note_refusal,
    wanted_claims,
)
from app.sign_in.provider import Attempt, Provider, ProviderFails, TokenRefused
from app.sign_in.requests import settings, start_session
from app.web import pages
from app.web.access import Audience, open_to
from app.web.transactions import database, db, undo, write_in_this_get

COUNTS_FOR = timedelta(minutes=10)

_PENDING = "openid"
_USED, _CANCELLED = "used", "cancelled"

log = structlog.get_logger()


@blueprint.get("/officer/sign-in/<slug>")
@open_to(Audience.EVERYBODY)
def openid_start(slug: str) -> ResponseReturnValue:
    force = force_with_provider(slug)
    if force is None:
        return pages.go_to("sign_in.officer_sign_in")
    attempt = Attempt(*(secrets.token_urlsafe(32) for _number in range(3)))
    try:
        address = _provider(force).address(attempt)
    except ProviderFails as error:
        return _provider_fails(force, error)
    until = (clock.now() + COUNTS_FOR).timestamp()
    session[_PENDING] = {**asdict(attempt), "force": str(force.id), "until": until}
    return redirect(address, 303)


@blueprint.get("/officer/sign-in/callback")
@open_to(Audience.EVERYBODY)
def openid_callback() -> ResponseReturnValue:
    pending: dict[str, Any] | None = session.pop(_PENDING, None)
    if pending is None:
        return pages.go_to("sign_in.officer_sign_in")
    with database().reading() as reading:
        force = reading.get(Force, UUID(pending["force"]))
    if force is None or force.settings.officer_sign_in is None:
        return pages.go_to("sign_in.officer_sign_in")
    attempt = Attempt(pending["state"], pending["nonce"], pending["verifier"])
    try:
        _check_return(force, attempt, pending["until"])
        claims = _provider(force).claims(
            request.args.get("code", ""), attempt, wanted_claims(force.settings.officer_sign_in)
        )
    except TokenRefused as error:
        return _refused(force, error.reason)
    except ProviderFails as error:
        return _provider_fails(force, error)
    return _let_in(force, claims)


def force_with_provider(slug: str) -> Force | None:
    """The force of this name, if its officers sign in through a provider of its own."""
    with database().reading() as reading:
        force = force_named(reading, slug)
    return force if force is not None and force.settings.officer_sign_in is not None else None


def _provider(force: Force) -> Provider:
    # Not as the request came: a force registers the one public address with its provider.
    back = settings().public_url + urlsplit(url_for("sign_in.openid_callback")).path
    assert force.settings.officer_sign_in is not None
    return Provider(force.settings.officer_sign_in, os.environ, back)


def _check_return(force: Force, attempt: Attempt, until: float) -> None:
    """That this is the one return of the attempt that this browser began.

    Raises TokenRefused.
    """
    now = clock.now()
    if not hmac.compare_digest(request.args.get("state", "").encode(), attempt.state.encode()):
        raise TokenRefused("state")
    # Nothing but the session cookie says what is pending, and a copy of that may come again.
    with database().writing() as writing:
        is_first = use_once(writing, attempt.state, now)
    if not is_first or now.timestamp() > until:
        raise TokenRefused(_USED)
    assert force.settings.officer_sign_in is not None
    if request.args.get("iss", force.settings.officer_sign_in.issuer) != (
        force.settings.officer_sign_in.issuer
    ):
        raise TokenRefused("iss")
    if "code" not in request.args:
        raise TokenRefused(_CANCELLED)


def _let_in(force: Force, claims: dict[str, Any]) -> ResponseReturnValue:
    write_in_this_get()
    now = clock.now()
    try:
        officer = enter(db(), force, claims, now)
    except MayNotEnter as error:
        undo()
        with database().writing() as writing:
            note_refusal(writing, force, error, now)
        return _problem(force, _say(error.reason), 403)
    start_session(officer=officer)
    return redirect(url_for("inbox.inbox"), 303)


def _refused(force: Force, reason: str) -> ResponseReturnValue:
    with database().writing() as writing:
        note_failure(writing, force, reason)
    return _problem(force, _say(reason), 403)


def _provider_fails(force: Force, error: ProviderFails) -> ResponseReturnValue:
    log.error("provider fails", force=force.slug, why=str(error))
    with database().writing() as writing:
        note_failure(writing, force, "provider")
    words = _(
        "The sign-in system of %(force)s does not answer properly just now."
        " Please try again in a few minutes. If it goes on, tell your IT service desk",
        force=force.name,
    )
    return _problem(force, words, 503)


def _problem(force: Force, words: str, status: int) -> ResponseReturnValue:
    return pages.render("sign_in/openid_problem.html", force=force, words=words, status=status)


def _say(reason: str) -> str:
    ask = _("Ask the people who look after this service in your force")
    said = {
        UNKNOWN: _("You have signed in to your force's system, but have no account here"),
        DISABLED: _("Your account here is closed"),
        NO_GROUP: _("You are in no group that may use this service"),
        ANOTHER_PERSON: _("This account belongs to another person in your force's system"),
    }
    if reason in said:
        return f"{said[reason]}. {ask}"
    if reason == _CANCELLED:
        return str(_("Your force's system did not sign you in. You can try again"))
    if reason == _USED:
        return str(_("That sign-in was used already, or it took too long. Please start again"))
    return str(_("We could not make sure who you are. Please start again"))
