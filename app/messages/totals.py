"""How many messages of each force are where: counted as they change, never by reading them all.

What is not on the record is few, and a partial index holds exactly that. What is grows for ever:
its total is kept, in the transaction that records a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.messages.models import IS_UNRECORDED, Message, RecordedTotal
from app.outbox.models import EntryState

PARTS = 16
"""Rows for each force: workers that record at the same time seldom wait for the same one."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages of one force, by where they stand; the oldest `saved` one in seconds."""

    saved: int
    recorded: int
    attention: int
    oldest_saved_seconds: float | None


def count_recorded(session: Session, force_id: UUID, conversation_id: UUID) -> None:
    """One more. The last lock that a transaction takes, and its only one here."""
    part = conversation_id.int % PARTS
    one_more = (
        update(RecordedTotal)
        .where(RecordedTotal.force_id == force_id, RecordedTotal.part == part)
        .values(messages=RecordedTotal.messages + 1)
        .execution_options(synchronize_session=False)
        .returning(RecordedTotal.part)
    )
    if session.execute(one_more).first() is not None:
        return
    try:
        with session.begin_nested():
            session.add(RecordedTotal(force_id=force_id, part=part, messages=1))
    except IntegrityError:
        # Another worker recorded the part's first message meanwhile.
        session.execute(one_more)


def counts(session: Session, force_id: UUID, now: datetime) -> Counts:
    """Where the messages of one force stand."""
    unrecorded = session.execute(
        select(Message.state, func.count(), func.min(Message.sent_at))
        .where(Message.force_id == force_id, IS_UNRECORDED)
        .group_by(Message.state)
    )
    by_state = {state: (count, oldest) for state, count, oldest in unrecorded}
    saved, oldest = by_state.get(EntryState.SAVED.value, (0, None))
    recorded = session.scalar(
        select(func.sum(RecordedTotal.messages)).where(RecordedTotal.force_id == force_id)
    )
    return Counts(
        saved=saved,
        recorded=int(recorded or 0),
        attention=by_state.get(EntryState.ATTENTION.value, (0, None))[0],
        oldest_saved_seconds=(now - oldest).total_seconds() if oldest else None,
    )
