"""Server-side sessions: begun at sign-in, looked up at every request, ended for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Officer, Victim
from app.accounts.viewers import OfficerViewer, Role, VictimViewer, Viewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.config import Settings
from app.crypto import token_hash
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
class Former:
    """Whose session it was, where a cookie names one that has ended or run out."""

    viewer: Viewer


def begin(
    session: Session,
    settings: Settings,
    *,
    victim: Victim | None,
    officer: Officer | None,
    now: datetime,
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
        )
    )
    session.flush()
    return token


def look_up(
    session: Session, settings: Settings, token: str, now: datetime
) -> SignedIn | Former | None:
    """Whose token this is, and whether it is good. One indexed read."""
    row = session.execute(
        select(SignInSession, Victim, Officer)
        .outerjoin(Victim, Victim.id == SignInSession.victim_id)
        .outerjoin(Officer, Officer.id == SignInSession.officer_id)
        .where(SignInSession.token_hash == token_hash(token))
    ).first()
    if row is None:
        return None
    found: SignInSession = row[0]
    victim: Victim | None = row[1]
    officer: Officer | None = row[2]
    viewer = _viewer(victim, officer)
    if viewer is None:
        return None
    ends_at = min(found.ends_at, found.seen_at + settings.session_idle)
    if found.ended_at is not None or now >= ends_at:
        return Former(viewer)
    return SignedIn(
        token=token,
        session_id=found.id,
        viewer=viewer,
        language="en" if victim is None else victim.language,
        seen_at=found.seen_at,
        ends_at=ends_at,
    )


def _viewer(victim: Victim | None, officer: Officer | None) -> Viewer | None:
    if victim is not None and victim.closed_at is None:
        return VictimViewer(victim.id)
    if officer is not None and officer.is_active:
        roles = frozenset(Role(role) for role in officer.roles)
        return OfficerViewer(officer.id, officer.force_id, roles)
    return None


def is_due_to_be_seen(signed_in: SignedIn, settings: Settings, now: datetime) -> bool:
    """Whether to note that the person did something: once a minute, or oftener when the idle
    limit is short."""
    return now - signed_in.seen_at >= min(_SEEN_EVERY, settings.session_idle / 4)


def note_seen(session: Session, session_id: UUID, now: datetime) -> None:
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=now))


def end(session: Session, token: str, action: Action, now: datetime) -> None:
    """End the session of this token. Repeatable; an unknown token is no error."""
    ended = session.scalar(
        select(SignInSession).where(
            SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None)
        )
    )
    if ended is None:
        return
    ended.ended_at = now
    victim = session.get(Victim, ended.victim_id) if ended.victim_id else None
    officer = session.get(Officer, ended.officer_id) if ended.officer_id else None
    viewer = _viewer(victim, officer)
    if viewer is not None:
        audit.record(session, action, viewer.actor, subject_id=ended.id)
