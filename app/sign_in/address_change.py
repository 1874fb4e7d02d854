"""Changing the address by which a victim signs in: only once both addresses sent a code back.

Whether the new address may be used is not told: it might be another victim's. If it may not,
the same page shows, the same rows are left, and no code comes.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.addresses import read_address
from app.accounts.models import Victim
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.cases.door import AddressCannotBeUsed, change_address, may_use_address
from app.cases.rules import Channel
from app.config import Settings
from app.database import add_sealed, keyring_of
from app.notifications.actions import owe
from app.notifications.templates import ADDRESS_CODE
from app.sign_in.code_limits import DAY, HOUR, TRIES, UNANSWERED_A_DAY, UNANSWERED_AN_HOUR
from app.sign_in.codes import DIGITS, AddressIsNonsense, Outcome, TooManyCodes
from app.sign_in.digits import digits_in
from app.sign_in.models import AddressChange
from app.sign_in.sessions import device_of, end_of_victim

LASTS = timedelta(minutes=30)
"""Two codes have to be fetched, perhaps from two devices."""

_OLD, _NEW = "address-code-old", "address-code-new"


class AddressIsTheSame(ValueError):
    """The victim signs in with it already."""


def ask_change(
    session: Session, victim: Victim, session_id: UUID, typed: str, now: datetime
) -> UUID:
    """A victim wants another address: codes go to the old and, if it may be used, to the new one.

    Raises:
        AddressIsNonsense, AddressIsTheSame: nothing was sent.
        TooManyCodes: asked too often, nothing was sent.
    """
    read = read_address(typed)
    if read is None:
        raise AddressIsNonsense
    channel, value = Channel(read[0]), read[1]
    if value in {address.value for address in victim.addresses}:
        raise AddressIsTheSame
    _check_rate(session, victim.id, now)
    keyring = keyring_of(session)
    change = add_sealed(
        session,
        AddressChange(
            victim_id=victim.id,
            session_id=session_id,
            channel=channel.value,
            old_code_hash=b"",
            new_code_hash=b"",
            asked_at=now,
            expires_at=now + LASTS,
        ),
    )
    change.value = value
    may_be_used = may_use_address(session, victim.id, channel, value)
    old = next(
        (each for each in victim.addresses if each.channel == channel.value), victim.addresses[0]
    )
    codes = [f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for _ in range(2)]
    change.old_code_hash = keyring.index(_OLD, str(change.id), codes[0])
    if may_be_used:
        change.new_code_hash = keyring.index(_NEW, str(change.id), codes[1])
    _send(session, victim, change, (old.channel, old.value or "", codes[0]), is_allowed=True)
    _send(session, victim, change, (channel.value, value, codes[1]), is_allowed=may_be_used)
    audit.record(
        session,
        Action.ADDRESS_CHANGE_ASKED,
        Actor("victim", victim.id),
        subject_id=change.id,
        channel=channel.value,
        may_be_used=may_be_used,
    )
    return change.id


def _send(
    session: Session,
    victim: Victim,
    change: AddressChange,
    what: tuple[str, str, str],
    *,
    is_allowed: bool,
) -> None:
    channel, to, code = what
    owe(
        session,
        ADDRESS_CODE,
        channel=channel,
        to=to,
        context={"code": f"{code[:4]} {code[4:]}"},
        language=victim.speaks,
        # What is nobody's goes nowhere: the last check before hand-over sees to that.
        victim_id=victim.id if is_allowed else None,
        subject_id=change.id,
        expires_at=change.expires_at,
    )


def _check_rate(session: Session, victim_id: UUID, now: datetime) -> None:
    asked: list[datetime] = list(
        session.scalars(
            select(AddressChange.asked_at)
            .where(AddressChange.victim_id == victim_id, AddressChange.asked_at > now - DAY)
            .order_by(AddressChange.asked_at)
        )
    )
    last_hour = [each for each in asked if each > now - HOUR]
    if len(asked) >= UNANSWERED_A_DAY:
        raise TooManyCodes(asked[0] + DAY)
    if len(last_hour) >= UNANSWERED_AN_HOUR:
        raise TooManyCodes(last_hour[0] + HOUR)


def confirm_change(
    session: Session,
    settings: Settings,
    ids: tuple[UUID | None, UUID, UUID],
    typed: tuple[str, str],
    now: datetime,
) -> Outcome:
    """The codes that came to the old and to the new address; both right changes the address and
    signs out everywhere else. `ids` are the change's, the victim's and the session's."""
    change_id, victim_id, session_id = ids
    change = session.scalar(
        select(AddressChange)
        .where(
            AddressChange.id == change_id,
            AddressChange.victim_id == victim_id,
            AddressChange.session_id == session_id,
        )
        .with_for_update()
    )
    if change is None or change.done_at or change.expires_at <= now or change.tries >= TRIES:
        return Outcome.OVER
    change.tries += 1
    is_right = [
        _fits(session, purpose, change.id, stored, each)
        for purpose, stored, each in zip(
            (_OLD, _NEW), (change.old_code_hash, change.new_code_hash), typed, strict=True
        )
    ]
    victim = Actor("victim", victim_id)
    if not all(is_right) or change.value is None:
        audit.record(session, Action.ADDRESS_CHANGE_FAILED, victim, subject_id=change.id)
        return Outcome.OVER if change.tries >= TRIES else Outcome.WRONG
    channel, value = Channel(change.channel), change.value
    try:
        change_address(
            session,
            victim_id,
            channel,
            value,
            by=victim,
            reason="both-confirmed",
            now=now,
            device_id=device_of(session, session_id),
        )
    except AddressCannotBeUsed:
        audit.record(session, Action.ADDRESS_CHANGE_FAILED, victim, subject_id=change.id)
        change.expires_at = now
        return Outcome.OVER
    change.done_at = now
    change.value_sealed = None
    change.wrapped_key = None
    end_of_victim(session, settings, victim_id, now, but=session_id)
    return Outcome.RIGHT


def _fits(session: Session, purpose: str, change_id: UUID, stored: bytes, typed: str) -> bool:
    hashes = keyring_of(session).indexes(purpose, str(change_id), digits_in(typed))
    return any(hmac.compare_digest(stored, each) for each in hashes)
