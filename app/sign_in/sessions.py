"""Server-side sessions: begun at sign-in, looked up at every request, ended for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Officer, Victim
from app.accounts.push import forget_push_elsewhere, forget_push_of_device
from app.accounts.viewers import OfficerViewer, Role, VictimViewer, Viewer
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.config import Settings
from app.crypto import token_hash
from app.sign_in.devices import forget_device, forget_devices_elsewhere
from app.sign_in.models import SignInSession

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good now: what Flask-Login calls a user."""

    token: str
    session_id: UUID
    viewer: Viewer
    language: str
    seen_at: datetime
    ends_at: datetime
    """When it ends if nothing more is done."""
    limit_at: datetime
    """When it ends whatever is done."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def kind(self) -> str:
        """ "victim" or "officer", as endpoints declare whom they are for."""
        return self.viewer.actor.kind

    def get_id(self) -> str:
        return self.token


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The device that a victim signs in on."""

    device_id: UUID
    browser: str | None
    is_new: bool
    """Not seen before, so that the others tell of it."""


@dataclass(frozen=True, slots=True)
class SignedInDevice:
    """A session that is good now, as its person sees it among their others."""

    id: UUID
    browser: str | None
    started_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Former:
    """Whose session it was, where a cookie names one that has run out. One that was ended is
    nobody's: it may have been ended because of who holds the cookie."""

    viewer: Viewer


def begin(
    session: Session,
    settings: Settings,
    *,
    victim: Victim | None,
    officer: Officer | None,
    now: datetime,
    place: Whereabouts | None = None,
) -> str:
    """Start a session for one person; its token, for the cookie."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            victim_id=victim.id if victim else None,
            officer_id=officer.id if officer else None,
            started_at=now,
            seen_at=now,
            ends_at=now + settings.session_max,
            device_id=place.device_id if place else None,
            browser=place.browser if place else None,
            is_new_device=place.is_new if place else False,
        )
    )
    session.flush()
    return token


_BY_TOKEN = (
    select(
        SignInSession.id,
        SignInSession.seen_at,
        SignInSession.ends_at,
        SignInSession.ended_at,
        Victim.id.label("victim_id"),
        Victim.closed_at,
        func.coalesce(Victim.chosen_language, Victim.language).label("language"),
        Officer.id.label("officer_id"),
        Officer.force_id,
        Officer.roles,
        Officer.is_active,
    )
    .outerjoin(Victim, Victim.id == SignInSession.victim_id)
    .outerjoin(Officer, Officer.id == SignInSession.officer_id)
    .where(SignInSession.token_hash == bindparam("token_hash"))
)


def look_up(
    session: Session, settings: Settings, token: str, now: datetime
) -> SignedIn | Former | None:
    """Whose token this is, and whether it is good. One indexed read."""
    found: Any = session.execute(_BY_TOKEN, {"token_hash": token_hash(token)}).first()
    if found is None:
        return None
    viewer = _viewer_of(found)
    if viewer is None or found.ended_at is not None:
        return None
    if not is_good(found, settings, now):
        return Former(viewer)
    return SignedIn(
        token=token,
        session_id=found.id,
        viewer=viewer,
        language=found.language or "en",
        seen_at=found.seen_at,
        ends_at=_ends_at(found, settings),
        limit_at=found.ends_at,
    )


def is_good(found: Any, settings: Settings, now: datetime) -> bool:
    """Whether a session has neither been ended nor run out. `found` has its columns."""
    return found.ended_at is None and now < _ends_at(found, settings)


def _ends_at(found: Any, settings: Settings) -> datetime:
    ends_at: datetime = min(found.ends_at, found.seen_at + settings.session_idle)
    return ends_at


def _viewer_of(found: Any) -> Viewer | None:
    if found.victim_id is not None and found.closed_at is None:
        return VictimViewer(found.victim_id)
    if found.officer_id is not None and found.is_active:
        roles = frozenset(Role(role) for role in found.roles)
        return OfficerViewer(found.officer_id, found.force_id, roles)
    return None


def is_due_to_be_seen(signed_in: SignedIn, settings: Settings, now: datetime) -> bool:
    """Whether to note that the person did something: once a minute, or oftener when the idle
    limit is short."""
    return now - signed_in.seen_at >= min(_SEEN_EVERY, settings.session_idle / 4)


def note_seen(session: Session, session_id: UUID, now: datetime) -> None:
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=now))


def end(
    session: Session,
    hashed: bytes,
    action: Action,
    now: datetime,
    *,
    followed_by: UUID | None = None,
) -> None:
    """End the session whose token has this hash. Repeatable; an unknown one is no error.

    The device is told of nothing more, unless the same victim's next session there follows.
    """
    found: Any = session.execute(_BY_TOKEN, {"token_hash": hashed}).first()
    if found is None or found.ended_at is not None:
        return
    ended = session.get_one(SignInSession, found.id)
    ended.ended_at = now
    if action is Action.LEFT_IN_A_HURRY:
        # Whoever picks the device up is nobody whom we know.
        forget_device(session, ended.device_id, now)
    viewer = _viewer_of(found)
    if viewer is not None:
        if followed_by is None or followed_by != found.victim_id:
            forget_push_of_device(session, ended.device_id, viewer.actor)
        audit.record(session, action, viewer.actor, subject_id=found.id)


def devices_signed_in(
    session: Session, settings: Settings, victim_id: UUID, here: UUID, now: datetime
) -> list[SignedInDevice]:
    """The victim's sessions that are good now: this one first, then by last use."""
    found = session.scalars(_good(settings, victim_id, now).order_by(SignInSession.seen_at.desc()))
    listed = [
        SignedInDevice(each.id, each.browser, each.started_at, each.seen_at, each.id == here)
        for each in found
    ]
    return sorted(listed, key=lambda each: not each.is_this)


def end_of_victim(
    session: Session,
    settings: Settings,
    victim_id: UUID,
    now: datetime,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
    by: Actor | None = None,
) -> int:
    """End this victim's sessions (`only` one, or all `but` one), and forget their devices: what
    was signed out from afar is in doubt. How many were ended that were good.

    Everywhere means also where the session had run out: the device is in as much doubt.
    """
    wanted = _good(settings, victim_id, now).with_for_update()
    if only is not None:
        wanted = wanted.where(SignInSession.id == only)
    if but is not None:
        wanted = wanted.where(SignInSession.id != but)
    ended = session.scalars(wanted).all()
    here = session.get(SignInSession, but) if but else None
    for each in ended:
        each.ended_at = now
        if here is None or each.device_id != here.device_id:
            forget_device(session, each.device_id, now)
            forget_push_of_device(session, each.device_id, by or VictimViewer(victim_id).actor)
        audit.record(
            session,
            Action.DEVICE_SIGNED_OUT,
            by or VictimViewer(victim_id).actor,
            subject_id=each.id,
        )
    if only is None:
        device_id = here.device_id if here else None
        actor = by or VictimViewer(victim_id).actor
        _end_what_has_run_out(session, victim_id, now, but=but)
        forget_devices_elsewhere(session, victim_id, device_id, now)
        forget_push_elsewhere(session, victim_id, device_id, actor)
    return len(ended)


def _end_what_has_run_out(
    session: Session, victim_id: UUID, now: datetime, *, but: UUID | None
) -> None:
    """So that nobody who holds such a cookie is taken for this victim (`Former`)."""
    wanted = update(SignInSession).where(
        SignInSession.victim_id == victim_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        wanted = wanted.where(SignInSession.id != but)
    session.execute(wanted.values(ended_at=now))


def _good(settings: Settings, victim_id: UUID, now: datetime) -> Select[SignInSession]:
    return select(SignInSession).where(
        SignInSession.victim_id == victim_id,
        SignInSession.ended_at.is_(None),
        SignInSession.ends_at > now,
        SignInSession.seen_at > now - settings.session_idle,
    )


def device_of(session: Session, session_id: UUID) -> UUID | None:
    """The device that a session was begun on."""
    return session.scalar(select(SignInSession.device_id).where(SignInSession.id == session_id))
