"""Sealing the record: a chain of seals, each over the rows that came after the one before it.

What is altered, taken out or put in later no longer fits its seal, whoever did it: making one
needs an encryption key, which is not in the database. What cannot be found is said in
docs/decisions/0017-sealing-the-audit-record.md.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, Select, func, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.models import AuditKey, AuditRow, AuditSeal
from app.crypto import DataKey
from app.database import Database, add_sealed, ring_of

log = structlog.get_logger(__name__)

LAG = timedelta(seconds=60)
"""Younger rows wait for the next round."""
ROWS = 2_000
"""Under one seal, at most."""
_SETTLES_WITHIN_SECONDS = 5.0
_ASKED_EVERY_SECONDS = 0.1

_COLUMNS = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.force_id,
    AuditRow.actor_kind,
    AuditRow.actor_id,
    AuditRow.action,
    AuditRow.case_id,
    AuditRow.subject_id,
    AuditRow.details,
)

# Transactions that have written something, by PostgreSQL's own count of them.
_FIRST_UNBORN = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_OLDEST_ALIVE = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def seal_due(
    database: Database, now: datetime, *, should_stop: Callable[[], bool] = lambda: False
) -> int:
    """Housekeeping: seal what is old enough; the number of rows. Any number of workers may try:
    one at a time does it."""
    up_to = _settled_up_to(database, now - LAG)
    sealed = 0
    while up_to is not None and not should_stop():
        try:
            with database.writing() as session:
                seal = _seal_next(session, up_to, now)
        except IntegrityError:
            # Another worker, whose first encryption key is another, was quicker.
            break
        if seal is None:
            break
        sealed += seal.row_count
        # Whoever keeps these lines elsewhere can tell later that the chain was not cut short.
        log.info("audit sealed", number=seal.number, up_to=seal.up_to_id, seal=seal.seal.hex())
    return sealed


def _settled_up_to(database: Database, before: datetime) -> int | None:
    """Up to which id the record is complete: no row with a lower one can still appear.

    Ids are given before rows are committed, so a row may come into view after others with higher
    ids. Every transaction that had written anything when the highest of them was seen must be over.
    """
    with database.reading() as session:
        highest: int | None = session.scalar(_unsealed(session, func.max(AuditRow.id), before))
        if highest is None or session.get_bind().dialect.name == "sqlite":
            return highest
        unborn: int = session.scalars(select(literal_column(_FIRST_UNBORN))).one()
    give_up = time.monotonic() + _SETTLES_WITHIN_SECONDS
    while time.monotonic() < give_up:
        with database.reading() as session:
            if session.scalars(select(literal_column(_OLDEST_ALIVE))).one() >= unborn:
                return highest
        time.sleep(_ASKED_EVERY_SECONDS)
    return None


def _unsealed(session: Session, what: Any, before: datetime) -> Select[Any]:
    """Selects from the rows after the last seal that are older than `before`."""
    last = last_seal(session)
    return rows_between(last.up_to_id if last else None, None, what).where(AuditRow.at <= before)


def last_seal(session: Session) -> AuditSeal | None:
    return session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))


def rows_between(after: int | None, up_to: int | None, *what: Any) -> Select[Any]:
    """Selects from the rows after one id and up to another, in order; None is no bound."""
    wanted = select(*(what or _COLUMNS))
    if after is not None:
        wanted = wanted.where(AuditRow.id > after)
    if up_to is not None:
        wanted = wanted.where(AuditRow.id <= up_to)
    return wanted if what else wanted.order_by(AuditRow.id)


def _seal_next(session: Session, up_to: int, now: datetime) -> AuditSeal | None:
    key = _own_key(session, now)
    if key is None:
        return None
    before = last_seal(session)
    after = before.up_to_id if before else None
    rows = session.execute(rows_between(after, up_to).limit(ROWS)).all()
    if not rows:
        return None
    seal = AuditSeal(
        number=before.number + 1 if before else 1,
        key_id=key.id,
        up_to_id=rows[-1].id,
        row_count=len(rows),
        sealed_at=now,
    )
    seal.seal = seal_over(seal, before, rows, key.data_key)
    session.add(seal)
    return seal


def _own_key(session: Session, now: datetime) -> AuditKey | None:
    """The key for new seals, locked: who has it, seals. None: somebody else does just now."""
    first = ring_of(session).first
    if session.scalar(select(AuditKey.id).where(AuditKey.made_under == first)) is None:
        add_sealed(session, AuditKey(made_under=first, made_at=now))
        session.flush()
    return session.scalar(
        select(AuditKey).where(AuditKey.made_under == first).with_for_update(skip_locked=True)
    )


def seal_over(
    seal: AuditSeal, before: AuditSeal | None, rows: Iterable[Row[Any]], key: DataKey
) -> bytes:
    """What the seal has to be, over the one before it, its own columns and these rows."""
    content = hashlib.sha256()
    for row in rows:
        line = json.dumps([_plain(value) for value in row], sort_keys=True).encode()
        content.update(len(line).to_bytes(4, "big") + line)
    stated = [
        "audit seal",
        seal.number,
        before.seal.hex() if before else "",
        str(seal.key_id),
        seal.up_to_id,
        seal.row_count,
        _plain(seal.sealed_at),
        content.hexdigest(),
    ]
    return key.fingerprint(json.dumps(stated))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str | dict) else str(value)
