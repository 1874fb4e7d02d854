"""The session of each request: begun, found, noted as in use, and ended."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user, login_user

from app import clock
from app.accounts.models import Officer, Victim
from app.accounts.push import forget_push_of_device
from app.audit.vocabulary import ANONYMOUS, Action
from app.config import Settings
from app.crypto import token_hash
from app.messages import kept
from app.sign_in import device_cookie
from app.sign_in.devices import told_devices
from app.sign_in.sessions import (
    Former,
    SignedIn,
    Whereabouts,
    begin,
    end,
    is_due_to_be_seen,
    look_up,
    note_seen,
)
from app.web import language
from app.web.access import is_poll, is_private
from app.web.transactions import database, db
from app.web.waiting import waiting_words

TOKEN = "_user_id"  # noqa: S105 - Flask-Login's name for it in the cookie


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    # Phones change networks in the middle of a session: it is bound to nothing that they change.
    manager.session_protection = None
    manager.user_loader(_load)
    device_cookie.init_app(app)


def note_use(app: Flask) -> None:
    """Register the note that a person did something; after the access rules, before the view."""
    app.before_request(_note_use)


def settings() -> Settings:
    found = current_app.extensions["settings"]
    assert isinstance(found, Settings)
    return found


def start_session(
    *,
    victim: Victim | None = None,
    officer: Officer | None = None,
    place: Whereabouts | None = None,
) -> None:
    """Sign this browser in, under a new session id; whoever was signed in here no longer is."""
    now = clock.now()
    waiting = waiting_words()
    end_session(Action.SIGNED_OUT, followed_by=victim.id if victim else None)
    # Also of somebody whose session was gone with the browser's cookies.
    known_by = device_cookie.token()
    if known_by is not None:
        for device_id in told_devices(
            db(), token_hash(known_by), but=victim.id if victim else None
        ):
            forget_push_of_device(db(), device_id, ANONYMOUS)
    token = begin(db(), settings(), victim=victim, officer=officer, now=now, place=place)
    signed_in = look_up(db(), settings(), token, now)
    assert isinstance(signed_in, SignedIn)
    login_user(signed_in)
    for claim_id, form in waiting:
        kept.claim(db(), claim_id, signed_in.viewer, now, form or kept.MESSAGE)


def end_session(action: Action, *, followed_by: UUID | None = None) -> None:
    """End this browser's session, on the server and in the cookie. (`app.sign_in.exit` does it in
    a hurry.)"""
    token = session.get(TOKEN)
    # The cookie's disappearance also throws kept pages out of the back-forward cache.
    session.clear()
    if isinstance(token, str):
        end(db(), token_hash(token), action, clock.now(), followed_by=followed_by)


def _load(token: str) -> SignedIn | None:
    found = look_up(db(), settings(), token, clock.now())
    if isinstance(found, Former):
        g.former_viewer = found.viewer
        return None
    if found is not None:
        language.speak(found.language)
    return found


def _note_use() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    # Pages that anybody may read ask nothing of the database; polls never touch the session.
    if view is None or not is_private(view) or is_poll(view):
        return
    if not current_user.is_authenticated:
        return
    now = clock.now()
    if not is_due_to_be_seen(current_user, settings(), now):
        return
    g.seen_at = now
    if request.method in {"GET", "HEAD"}:
        with database().writing() as writing:
            note_seen(writing, current_user.session_id, now)
    else:
        note_seen(db(), current_user.session_id, now)
