"""Sign-in by code: asked for, sent, typed."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.addresses import read_address
from app.accounts.models import Victim
from app.accounts.queries import VICTIM_ADDRESS, address_of_victim
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action, Actor
from app.crypto import token_hash
from app.database import keyring_of
from app.notifications.actions import owe
from app.notifications.templates import SIGN_IN_CODE
from app.sign_in.digits import digits_in
from app.sign_in.models import SignInCode

LASTS = timedelta(minutes=10)
TRIES = 3
DIGITS = 8
ASKED_AT_MOST = 100
"""In an hour, for one address."""

_CODE = "sign-in-code"


class TooManyCodes(Exception):
    """This address was asked for too often; `retry_at` is when to come back."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at.isoformat())
        self.retry_at = retry_at


class AddressIsNonsense(ValueError):
    """Neither an e-mail address nor a mobile number."""


class Outcome(StrEnum):
    """What came of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"
    """Too late, too many tries, or asked for in another browser."""


def ask(session: Session, typed: str, browser: str, now: datetime) -> UUID:
    """Somebody asks for a code: its id, to keep in the asking browser beside `browser`.

    A known and an unknown address get the same answer in the same time and leave the same rows;
    the last check before hand-over lets nothing go to an address that is nobody's.

    Raises:
        AddressIsNonsense: what was typed is no address.
        TooManyCodes: nothing was stored or sent.
    """
    read = read_address(typed)
    if read is None:
        raise AddressIsNonsense
    channel, value = read
    keyring = keyring_of(session)
    _check_rate(session, keyring.indexes(VICTIM_ADDRESS, value), now)
    known = address_of_victim(session, value)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    asked = SignInCode(
        address_index=keyring.index(VICTIM_ADDRESS, value),
        victim_id=known.victim_id if known else None,
        browser_hash=token_hash(browser),
        code_hash=b"",
        asked_at=now,
        expires_at=now + LASTS,
    )
    asked.code_hash = keyring.index(_CODE, str(asked.id), code)
    session.add(asked)
    audit.record(session, Action.CODE_ASKED, ANONYMOUS, subject_id=asked.id)
    owe(
        session,
        SIGN_IN_CODE,
        channel=channel,
        to=value,
        context={"code": f"{code[:4]} {code[4:]}"},
        language=known.victim.language if known else "en",
        victim_id=asked.victim_id,
        subject_id=asked.id,
        expires_at=asked.expires_at,
    )
    return asked.id


def _check_rate(session: Session, address: tuple[bytes, ...], now: datetime) -> None:
    since = now - timedelta(hours=1)
    asked, first = session.execute(
        select(func.count(), func.min(SignInCode.asked_at)).where(
            SignInCode.address_index.in_(address), SignInCode.asked_at > since
        )
    ).one()
    if asked >= ASKED_AT_MOST:
        raise TooManyCodes(first + timedelta(hours=1))


def try_code(
    session: Session, code_id: UUID | None, browser: str, typed: str, now: datetime
) -> tuple[Outcome, Victim | None]:
    """A typed code; the victim when it is right. Every try counts, and a code works once."""
    asked = (
        session.scalar(select(SignInCode).where(SignInCode.id == code_id).with_for_update())
        if code_id
        else None
    )
    if asked is None or not hmac.compare_digest(asked.browser_hash, token_hash(browser)):
        return Outcome.OVER, None
    if asked.used_at is not None or asked.expires_at <= now or asked.tries >= TRIES:
        return Outcome.OVER, None
    asked.tries += 1
    hashes = keyring_of(session).indexes(_CODE, str(asked.id), digits_in(typed))
    matches = any(hmac.compare_digest(asked.code_hash, each) for each in hashes)
    victim = session.get(Victim, asked.victim_id) if asked.victim_id else None
    if not matches or victim is None or victim.closed_at is not None:
        audit.record(session, Action.SIGN_IN_FAILED, ANONYMOUS, subject_id=asked.id, by="code")
        return (Outcome.OVER if asked.tries >= TRIES else Outcome.WRONG), None
    asked.used_at = now
    audit.record(
        session, Action.SIGNED_IN, Actor("victim", victim.id), subject_id=asked.id, by="code"
    )
    return Outcome.RIGHT, victim
