"""What a passkey has to answer: a random value, bound to this browser's session, good once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import session

from app import clock
from app.sign_in.once import use_once
from app.sign_in.passkeys import Site, options_to_sign_in, passkeys_of, site_of
from app.sign_in.requests import settings
from app.web.transactions import db

COUNTS_FOR = timedelta(minutes=5)

_PENDING = "passkey"


@dataclass(frozen=True, slots=True)
class Challenge:
    """`officer_id` is whom it was made for; None: whoever answers."""

    value: str
    officer_id: UUID | None


def site() -> Site | None:
    """The portal as passkeys know it, if it can have any."""
    return site_of(settings().public_url)


def new_challenge(officer_id: UUID | None = None) -> str:
    value = secrets.token_urlsafe(32)
    until = (clock.now() + COUNTS_FOR).timestamp()
    session[_PENDING] = [value, str(officer_id) if officer_id else None, until]
    return value


def take_challenge() -> Challenge | None:
    """This browser's challenge, once; None if there is none, or it is old or was used."""
    pending = session.pop(_PENDING, None)
    if pending is None:
        return None
    value, officer_id, until = pending
    now = clock.now()
    # A copy of the session cookie may come again.
    if not use_once(db(), value, now) or now.timestamp() > until:
        return None
    return Challenge(value, UUID(officer_id) if officer_id else None)


def passkey_options(officer_id: UUID | None = None) -> str:
    """For a page on which somebody may sign in with a passkey; empty where nobody can."""
    here = site()
    known = passkeys_of(db(), officer_id) if officer_id else ()
    if here is None or (officer_id is not None and not known):
        return ""
    return options_to_sign_in(here, known, new_challenge(officer_id))
