"""How officers sign in: password, then a code from an authenticator that works once."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.addresses import normalise_email
from app.accounts.models import Officer
from app.accounts.queries import OFFICER_EMAIL, officer_by_email
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, OPERATOR, Action, Actor
from app.database import Database, keyring_of
from app.forces.models import Force
from app.sign_in.authenticator import Authenticator
from app.sign_in.digits import digits_in
from app.sign_in.models import OfficerSignInTry, SignInSession
from app.sign_in.recovery import DIGITS, use_code

TRIES_IN_AN_HOUR = 60
STEP_SECONDS = 30

_hasher = PasswordHasher()
# Checked when there is no such account, so that both take the same time.
_NOBODY = _hasher.hash("nobody has this password")


class TooManyTries(Exception):
    """Too many wrong passwords or codes for this account; `retry_at` is when to come back."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at.isoformat())
        self.retry_at = retry_at


class SignsInElsewhere(Exception):
    """Officers of this force sign in through its own provider, and passwords do not count."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


def hash_password(password: str) -> str:
    """argon2id, with the library's parameters. Slow on purpose: call it outside transactions."""
    return _hasher.hash(password)


def check_password(database: Database, email: str, password: str, now: datetime) -> UUID | None:
    """The officer whose e-mail and password these are, or None. Counts what is wrong.

    Opens its own transactions, since hashing must not happen inside one.

    Raises:
        TooManyTries: the account is shut for a while, whatever was typed.
        SignsInElsewhere: this officer's force has a provider.
    """
    typed = normalise_email(email) or ""
    with database.reading() as session:
        check_rate(session, typed, now)
        officer = officer_by_email(session, typed) if typed else None
        elsewhere = provider_of(session, officer) if officer else None
        if elsewhere is not None:
            raise SignsInElsewhere(elsewhere)
        stored = officer.password_hash if officer else None
        may = officer is not None and officer.is_active and officer.authenticator is not None
        officer_id = officer.id if officer else None
    if is_right(stored or _NOBODY, password) and stored is not None and may:
        return officer_id
    note_wrong_password(database, typed, now)
    return None


def note_wrong_password(database: Database, email: str, now: datetime) -> None:
    with database.writing() as session:
        count_wrong(session, email, now, by="password")


def provider_of(session: Session, officer: Officer) -> str | None:
    """The slug of the officer's force where it has a provider of its own."""
    force = session.get_one(Force, officer.force_id)
    return None if force.settings.officer_sign_in is None else force.slug


def end_sessions_of(
    session: Session, officer_id: UUID, now: datetime, *, but: UUID | None = None
) -> None:
    """End every session of an officer, but for one that they keep."""
    wanted = update(SignInSession).where(
        SignInSession.officer_id == officer_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        wanted = wanted.where(SignInSession.id != but)
    session.execute(wanted.values(ended_at=now))


def disable_officer(session: Session, officer: Officer, now: datetime) -> None:
    """Shut an account and end all that is open in it. Who it was at the force's provider is
    forgotten: a person who comes later may get the same number. Repeatable."""
    officer.is_active = False
    officer.subject = None
    officer.subject_index = None
    end_sessions_of(session, officer.id, now)
    _note_by_operator(session, officer, Action.OFFICER_DISABLED)


def enable_officer(session: Session, officer: Officer) -> None:
    officer.is_active = True
    _note_by_operator(session, officer, Action.OFFICER_ENABLED)


def _note_by_operator(session: Session, officer: Officer, action: Action) -> None:
    audit.record(session, action, OPERATOR, force_id=officer.force_id, subject_id=officer.id)


def is_right(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def check_code(session: Session, officer_id: UUID, typed: str, now: datetime) -> Officer | None:
    """The officer, if the code is the authenticator's of now (or 30 seconds either way), or one of
    the recovery codes, and was not used before.

    Raises:
        TooManyTries: the account is shut for a while.
    """
    officer = session.scalar(select(Officer).where(Officer.id == officer_id).with_for_update())
    if officer is None or not officer.is_active or officer.authenticator is None:
        return None
    if provider_of(session, officer) is not None:
        return None
    email = officer.email or ""
    check_rate(session, email, now)
    digits = digits_in(typed)
    by = "recovery-code" if len(digits) == DIGITS else "authenticator"
    if not (
        use_code(session, officer, digits, now)
        if by == "recovery-code"
        else _use_authenticator(officer, digits, now)
    ):
        count_wrong(session, email, now, by=by)
        return None
    note_signed_in(session, officer, now, by=by)
    return officer


def _use_authenticator(officer: Officer, digits: str, now: datetime) -> bool:
    assert officer.authenticator is not None
    step = step_of(Authenticator(officer.authenticator), digits, now)
    if step is None or step <= officer.authenticator_step:
        return False
    officer.authenticator_step = step
    return True


def note_signed_in(session: Session, officer: Officer, now: datetime, *, by: str) -> None:
    officer.last_signed_in_at = now
    audit.record(
        session,
        Action.SIGNED_IN,
        Actor("officer", officer.id),
        force_id=officer.force_id,
        by=by,
    )


def step_of(authenticator: pyotp.TOTP, digits: str, now: datetime) -> int | None:
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(authenticator.generate_otp(step), digits):
            return step
    return None


def count_wrong(session: Session, email: str, now: datetime, *, by: str) -> None:
    session.add(
        OfficerSignInTry(email_index=keyring_of(session).index(OFFICER_EMAIL, email), tried_at=now)
    )
    audit.record(session, Action.SIGN_IN_FAILED, ANONYMOUS, by=by)


def check_rate(session: Session, email: str, now: datetime) -> None:
    since = now - timedelta(hours=1)
    count, first = session.execute(
        select(func.count(), func.min(OfficerSignInTry.tried_at)).where(
            OfficerSignInTry.email_index.in_(keyring_of(session).indexes(OFFICER_EMAIL, email)),
            OfficerSignInTry.tried_at > since,
        )
    ).one()
    if count >= TRIES_IN_AN_HOUR:
        raise TooManyTries(first + timedelta(hours=1))
