"""How many codes go to one address: counted in the database, alike for known and unknown ones.

Strangers' requests and those from a browser that the victim is known by are counted apart, so that
nobody who merely knows an address can use up what its owner is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from app.sign_in.models import SignInCode

TRIES = 3
ALIVE_AT_MOST = 3
UNANSWERED_AN_HOUR = 3
UNANSWERED_A_DAY = 6
WRONG_TRIES_AN_HOUR = 15

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was asked for one address lately, by strangers or in browsers that are known. Codes
    that let somebody in do not count as unanswered."""

    asked: int
    """In an hour, whatever became of it."""
    asked_first_at: datetime | None
    unanswered_hour: int
    unanswered_day: int
    wrong_tries: int
    alive: int

    def must_wait(self, *, is_own_device: bool) -> bool:
        """Whether the next code is held back: the same page shows, and nothing is sent."""
        return (
            self.unanswered_hour >= UNANSWERED_AN_HOUR
            or self.unanswered_day >= UNANSWERED_A_DAY
            or self.wrong_tries >= WRONG_TRIES_AN_HOUR
            or (self.alive >= ALIVE_AT_MOST and not is_own_device)
        )


def take_turns(session: Session, address_index: bytes) -> None:
    """Nobody else asks for this address until the transaction ends: counts are then exact.

    Known and unknown addresses alike, so there may be no row to lock. (On SQLite there is only
    one writer anyway.)
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(address_index[-8:], "big", signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def so_far(
    session: Session, address: tuple[bytes, ...], now: datetime, *, is_own_device: bool
) -> SoFar:
    """One read of an index, the same whoever asks."""
    last_hour = SignInCode.asked_at > now - HOUR
    was_sent = SignInCode.is_withheld.is_(False)
    is_counted = was_sent & SignInCode.used_at.is_(None)
    same_kind = SignInCode.is_own_device.is_(is_own_device)
    wrong = SignInCode.tries - case((SignInCode.used_at.is_(None), 0), else_=1)
    row = session.execute(
        select(
            _count(last_hour & same_kind),
            func.min(case((last_hour & same_kind, SignInCode.asked_at))),
            _count(last_hour & is_counted & same_kind),
            _count(is_counted & same_kind),
            func.coalesce(func.sum(case((last_hour & was_sent & same_kind, wrong), else_=0)), 0),
            _count(is_counted & _is_alive(now)),
        ).where(SignInCode.address_index.in_(address), SignInCode.asked_at > now - DAY)
    ).one()
    return SoFar(*row)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return (
        SignInCode.used_at.is_(None)
        & SignInCode.is_withheld.is_(False)
        & (SignInCode.expires_at > now)
        & (SignInCode.tries < TRIES)
    )


def end_strangers_codes(session: Session, address: tuple[bytes, ...], now: datetime) -> None:
    """Room for the owner's own: what is alive and was asked for by others ends."""
    session.execute(
        update(SignInCode)
        .where(
            SignInCode.address_index.in_(address),
            SignInCode.is_own_device.is_(False),
            _is_alive(now),
        )
        .values(expires_at=now)
    )


def alive_in_browser(session: Session, asked: SignInCode, now: datetime) -> list[SignInCode]:
    """The codes for the same address that this browser asked for and that still count, locked."""
    wanted: Any = (
        select(SignInCode)
        .where(
            SignInCode.address_index == asked.address_index,
            SignInCode.browser_hash == asked.browser_hash,
            _is_alive(now),
        )
        .order_by(SignInCode.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(wanted))
