"""Checking the record against its seals."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditKey, AuditRow, AuditSeal
from app.audit.sealing import rows_between, seal_over
from app.crypto import CannotOpen, KeyIsMissing
from app.database import Database

SEALED_WITHIN = timedelta(minutes=5)
"""Every row, while a worker runs."""
LATE = timedelta(hours=1)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Whole:
    """Every row is as it was when it was sealed."""

    rows: int
    seals: int
    unsealed: int
    last: str
    """The last seal: its number, a colon, and the seal."""
    late: tuple[int, ...]
    """Seals made long after their rows: no worker ran, or earlier seals were taken away."""


class Broken(Exception):
    """The record is not whole; the first place where, in words."""


def verify(database: Database, now: datetime, *, noted: str | None = None) -> Whole:
    """Go through the whole record. `noted` is a last seal that was noted elsewhere.

    Raises:
        Broken: something was altered, taken out or put in.
        KeyIsMissing: it cannot be checked without that key.
    """
    with database.reading() as session:
        before: AuditSeal | None = None
        rows, late, still_to_find = 0, [], noted
        for seal in _seals(session):
            oldest = _check(session, seal, before)
            rows += seal.row_count
            if seal.sealed_at - oldest > LATE:
                late.append(seal.number)
            if still_to_find == named(seal):
                still_to_find = None
            before = seal
        if still_to_find is not None:
            raise Broken(f"the seal that was noted, {noted}, is not in the chain")
        unsealed = _check_the_rest(session, before, now)
        last = named(before) if before else ""
        return Whole(rows, before.number if before else 0, unsealed, last, tuple(late))


def named(seal: AuditSeal) -> str:
    return f"{seal.number}:{seal.seal.hex()}"


def _seals(session: Session) -> Iterator[AuditSeal]:
    """All of them, in order and without a gap."""
    number = 0
    while True:
        page = session.scalars(
            select(AuditSeal)
            .where(AuditSeal.number > number)
            .order_by(AuditSeal.number)
            .limit(_PAGE)
        ).all()
        if not page:
            return
        for seal in page:
            number += 1
            if seal.number != number:
                raise Broken(f"seal {number} is missing")
            yield seal


def _check(session: Session, seal: AuditSeal, before: AuditSeal | None) -> datetime:
    """The time of the oldest row under the seal.

    Raises:
        Broken: the rows are not those that were sealed, or the seal itself was changed.
    """
    after = before.up_to_id if before else None
    place = f"seal {seal.number}, rows {'first' if after is None else after + 1} to {seal.up_to_id}"
    key = session.get(AuditKey, seal.key_id)
    if key is None:
        raise Broken(f"{place}: its key is gone")
    rows = session.execute(rows_between(after, seal.up_to_id)).all()
    if len(rows) != seal.row_count:
        raise Broken(f"{place}: there are {len(rows)} rows, and {seal.row_count} were sealed")
    try:
        wanted = seal_over(seal, before, rows, key.data_key)
    except KeyIsMissing:
        raise
    except (CannotOpen, LookupError):
        raise Broken(f"{place}: its key does not open") from None
    if not hmac.compare_digest(wanted, seal.seal):
        raise Broken(f"{place}: a row, or the seal itself, was altered")
    oldest: datetime = min(row.at for row in rows)
    return oldest


def _check_the_rest(session: Session, last: AuditSeal | None, now: datetime) -> int:
    """The number of rows after the last seal; they have to be young."""
    after = last.up_to_id if last else None
    count, first, oldest = session.execute(
        rows_between(after, None, func.count(), func.min(AuditRow.id), func.min(AuditRow.at))
    ).one()
    if oldest is not None and oldest < now - SEALED_WITHIN:
        raise Broken(
            f"rows from {first} on, the oldest of {oldest:%Y-%m-%d %H:%M} UTC, are not sealed:"
            " no worker has run since, or seals were taken away"
        )
    return int(count)
