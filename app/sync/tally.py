"""What came of calls, counted: in this worker's memory first, in the database every few seconds.

A count for every call in the call's own transaction would make all workers wait for one row. What a
killed worker had not written yet is missing from the figures, and from nothing else.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import Database
from app.sync.models import OutcomeTotal


class Tally:
    """Outcomes of calls by force; threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[UUID, str]] = Counter()

    def note(self, force_id: UUID, outcome: str) -> None:
        with self._lock:
            self._counts[force_id, outcome] += 1

    def write(self, database: Database) -> None:
        """Add what was counted since to the totals in the database."""
        with self._lock:
            counted, self._counts = self._counts, Counter()
        if not counted:
            return
        try:
            with database.writing() as session:
                # In one order, so that two workers never wait for each other.
                for (force_id, outcome), number in sorted(counted.items(), key=str):
                    _add(session, force_id, outcome, number)
        except Exception:
            with self._lock:
                self._counts.update(counted)
            raise


def outcome_totals(session: Session) -> list[OutcomeTotal]:
    """What came of all calls so far."""
    return list(session.scalars(select(OutcomeTotal)))


def _add(session: Session, force_id: UUID, outcome: str, number: int) -> None:
    more = (
        update(OutcomeTotal)
        .where(OutcomeTotal.force_id == force_id, OutcomeTotal.outcome == outcome)
        .values(calls=OutcomeTotal.calls + number)
        .returning(OutcomeTotal.outcome)
        .execution_options(synchronize_session=False)
    )
    if session.execute(more).first() is not None:
        return
    try:
        with session.begin_nested():
            session.add(OutcomeTotal(force_id=force_id, outcome=outcome, calls=number))
    except IntegrityError:
        session.execute(more)
