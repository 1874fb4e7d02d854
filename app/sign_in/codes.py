"""Sign-in by code: asked for, sent, typed."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.addresses import read_address
from app.accounts.models import Victim
from app.accounts.queries import VICTIM_ADDRESS, address_of_victim
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action
from app.crypto import token_hash
from app.database import keyring_of
from app.notifications.actions import owe
from app.notifications.templates import SIGN_IN_CODE
from app.sign_in.code_limits import (
    ALIVE_AT_MOST,
    HOUR,
    TRIES,
    alive_in_browser,
    end_strangers_codes,
    so_far,
    take_turns,
)
from app.sign_in.devices import NOBODY, is_known_device
from app.sign_in.digits import digits_in
from app.sign_in.models import SignInCode

LASTS = timedelta(minutes=10)
DIGITS = 8
ASKED_AT_MOST = 100
"""In an hour, for one address, whether or not a code is sent: beyond it the page says to wait."""

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


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a typed code, and of which: `victim` only when it is right."""

    outcome: Outcome
    victim: Victim | None = None
    code_id: UUID | None = None


def ask(
    session: Session, typed: str, browser: str, now: datetime, *, device: str | None = None
) -> UUID:
    """Somebody asks for a code: its id, to keep in the asking browser beside `browser`.

    A known and an unknown address get the same answer in the same time and leave the same rows;
    the last check before hand-over lets nothing go to an address that is nobody's. Codes that
    other browsers asked for stay good. `device` is the token of a browser that may be known.

    Raises:
        AddressIsNonsense: what was typed is no address.
        TooManyCodes: nothing was stored or sent.
    """
    read = read_address(typed)
    if read is None:
        raise AddressIsNonsense
    channel, value = read
    keyring = keyring_of(session)
    index, indexes = keyring.index(VICTIM_ADDRESS, value), keyring.indexes(VICTIM_ADDRESS, value)
    take_turns(session, index)
    known = address_of_victim(session, value)
    is_own = is_known_device(session, device, known.victim_id if known else NOBODY)
    before = so_far(session, indexes, now, is_own_device=is_own)
    if before.asked >= ASKED_AT_MOST and before.asked_first_at is not None:
        raise TooManyCodes(before.asked_first_at + HOUR)
    is_withheld = before.must_wait(is_own_device=is_own)
    if not is_withheld and before.alive >= ALIVE_AT_MOST:
        end_strangers_codes(session, indexes, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    asked = SignInCode(
        address_index=index,
        victim_id=known.victim_id if known else None,
        browser_hash=token_hash(browser),
        code_hash=b"",
        asked_at=now,
        expires_at=now + LASTS,
        is_withheld=is_withheld,
        is_own_device=is_own,
    )
    session.add(asked)
    audit.record(
        session, Action.CODE_ASKED, ANONYMOUS, subject_id=asked.id, is_withheld=is_withheld
    )
    if is_withheld:
        return asked.id
    asked.code_hash = keyring.index(_CODE, str(asked.id), code)
    owe(
        session,
        SIGN_IN_CODE,
        channel=channel,
        to=value,
        context={"code": f"{code[:4]} {code[4:]}"},
        language=known.victim.speaks if known else "en",
        victim_id=asked.victim_id,
        subject_id=asked.id,
        expires_at=asked.expires_at,
    )
    return asked.id


def try_code(
    session: Session, code_id: UUID | None, browser: str, typed: str, now: datetime
) -> Tried:
    """A typed code. It may be any that this browser asked for and that is still good, since an
    earlier one may arrive last; every try counts against each of them, and a code works once."""
    asked = session.get(SignInCode, code_id) if code_id else None
    if asked is None or not hmac.compare_digest(asked.browser_hash, token_hash(browser)):
        return Tried(Outcome.OVER)
    alive = alive_in_browser(session, asked, now)
    if not alive:
        audit.record(
            session,
            Action.SIGN_IN_REFUSED,
            ANONYMOUS,
            subject_id=asked.id,
            by="code",
            why="withheld" if asked.is_withheld else "over",
        )
        # A code that was held back looks like one that has not come yet.
        return Tried(Outcome.WRONG if _could_still_come(asked, now) else Outcome.OVER)
    for each in alive:
        each.tries += 1
    right = [each for each in alive if _fits(session, each, typed)]
    victim = session.get(Victim, right[0].victim_id) if right and right[0].victim_id else None
    if victim is None or victim.closed_at is not None:
        audit.record(session, Action.SIGN_IN_FAILED, ANONYMOUS, subject_id=asked.id, by="code")
        is_over = all(each.tries >= TRIES for each in alive)
        return Tried(Outcome.OVER if is_over else Outcome.WRONG)
    right[0].used_at = now
    return Tried(Outcome.RIGHT, victim, right[0].id)


def _fits(session: Session, asked: SignInCode, typed: str) -> bool:
    hashes = keyring_of(session).indexes(_CODE, str(asked.id), digits_in(typed))
    return any(hmac.compare_digest(asked.code_hash, each) for each in hashes)


def _could_still_come(asked: SignInCode, now: datetime) -> bool:
    """As many wrong tries as any other code takes, so that nobody learns that none was sent."""
    if not asked.is_withheld or asked.expires_at <= now or asked.tries >= TRIES:
        return False
    asked.tries += 1
    return asked.tries < TRIES
