"""What officers change of their own sign-in: password, authenticator. Both end every other session
of theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Officer
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.database import Database
from app.forces.models import Force
from app.sign_in.digits import digits_in
from app.sign_in.officers import (
    check_rate,
    count_wrong,
    end_sessions_of,
    is_right,
    note_wrong_password,
    step_of,
)

SHOWN_FOR = timedelta(minutes=15)
"""How long a new authenticator's secret waits for its first code."""


def is_own_password(database: Database, officer_id: UUID, typed: str, now: datetime) -> bool:
    """Whether this is the officer's password. Counts what is wrong, together with sign-in's.

    Opens its own transactions, since hashing must not happen inside one.

    Raises:
        TooManyTries: the account is shut for a while.
    """
    with database.reading() as session:
        officer = session.get_one(Officer, officer_id)
        email, stored = officer.email or "", officer.password_hash
        check_rate(session, email, now)
    if stored is not None and is_right(stored, typed):
        return True
    note_wrong_password(database, email, now)
    return False


def words_about(session: Session, officer: Officer) -> list[str]:
    """What may not stand in the officer's password."""
    force = session.get_one(Force, officer.force_id)
    mailbox = (officer.email or "").partition("@")[0]
    return [officer.name or "", officer.collar, force.name, force.slug, mailbox]


def change_password(
    session: Session, officer: Officer, password_hash: str, keep: UUID, now: datetime
) -> None:
    """Set a new password, hashed before this transaction began; `keep` is the session in use."""
    officer.password_hash = password_hash
    end_sessions_of(session, officer.id, now, but=keep)
    _note(session, officer, Action.PASSWORD_CHANGED)


def offer_authenticator(officer: Officer, now: datetime) -> None:
    """Make a secret for a new authenticator. Until a code of it was typed, the old one counts."""
    officer.new_authenticator = pyotp.random_base32()
    officer.new_authenticator_at = now


def offered_authenticator(officer: Officer, now: datetime) -> pyotp.TOTP | None:
    """The authenticator that waits for its first code."""
    made_at = officer.new_authenticator_at
    if made_at is None or now - made_at > SHOWN_FOR or officer.new_authenticator is None:
        return None
    return pyotp.TOTP(officer.new_authenticator)


def take_authenticator(
    session: Session, officer_id: UUID, typed: str, keep: UUID, now: datetime
) -> bool:
    """Let the offered authenticator take the old one's place, if this is its code.

    Raises:
        TooManyTries: the account is shut for a while.
    """
    officer = session.scalars(
        select(Officer).where(Officer.id == officer_id).with_for_update()
    ).one()
    offered = offered_authenticator(officer, now)
    check_rate(session, officer.email or "", now)
    step = step_of(offered, digits_in(typed), now) if offered else None
    if step is None:
        count_wrong(session, officer.email or "", now, by="new-authenticator")
        return False
    officer.authenticator = officer.new_authenticator
    officer.authenticator_step = step
    officer.new_authenticator = None
    officer.new_authenticator_at = None
    end_sessions_of(session, officer.id, now, but=keep)
    _note(session, officer, Action.AUTHENTICATOR_CHANGED)
    return True


def _note(session: Session, officer: Officer, action: Action) -> None:
    actor = Actor("officer", officer.id)
    audit.record(session, action, actor, force_id=officer.force_id, subject_id=officer.id)
