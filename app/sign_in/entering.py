"""The last step of every way in for victims: a session on a device that is known from now on."""

from __future__ import annotations

from uuid import UUID

from flask import request

from app import clock
from app.accounts.models import Victim
from app.accounts.telling import choose_language
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.sign_in import device_cookie
from app.sign_in.devices import browser_of, is_known_device, remember_device
from app.sign_in.requests import start_session
from app.sign_in.sessions import Whereabouts
from app.web.language import ENGLISH, asked_for
from app.web.transactions import db


def let_in(victim: Victim, *, by: str, subject_id: UUID | None = None) -> None:
    """Sign a victim in here. `by` names the way for the record."""
    asked = asked_for()
    if victim.chosen_language is None and asked is not None and asked != ENGLISH:
        # They signed in in it: that is how they want to go on. (English is where everybody begins.)
        choose_language(db(), victim, asked)
    found = remember_device(db(), device_cookie.token(), victim.id, clock.now())
    browser = browser_of(request.headers.get("User-Agent", ""))
    is_news = found.is_new and not found.is_first
    start_session(victim=victim, place=Whereabouts(found.device.id, browser, is_news))
    device_cookie.keep(found.token)
    audit.record(
        db(),
        Action.SIGNED_IN,
        Actor("victim", victim.id),
        subject_id=subject_id,
        by=by,
        is_new_device=found.is_new,
    )


def is_known_here(victim_id: UUID) -> bool:
    """Whether this victim has signed in with this browser before."""
    return is_known_device(db(), device_cookie.token(), victim_id)
