"""Owing entries, claiming a stream of them, and noting what came of each try.

The caller brings its own transaction. A worker holds a stream by a lease (a token and a time), and
no row lock while it calls the case system.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Uuid, column, exists, func, literal, or_, select, table
from sqlalchemy.orm import Session

from app.outbox import breakers
from app.outbox.hints import hint_once_committed
from app.outbox.models import IS_UNRECORDED, EntryState, OwedEntry, Stream

LEASE = timedelta(seconds=60)

HIGH = "high"
"""The priority that overtakes other conversations."""


def open_stream(session: Session, stream_id: UUID, force_id: UUID) -> None:
    """Begin the stream of a conversation."""
    session.add(Stream(id=stream_id, force_id=force_id))


def owe(
    session: Session,
    stream_id: UUID,
    *,
    entry_id: UUID,
    force_id: UUID,
    kind: str,
    priority: str,
    now: datetime,
) -> None:
    """Owe one entry at the end of its stream. The caller holds the conversation's lock, and has
    flushed what it owed before."""
    stream = _locked(session, stream_id)
    assert stream is not None
    last = session.scalar(
        select(func.max(OwedEntry.position)).where(OwedEntry.stream_id == stream_id)
    )
    session.add(
        OwedEntry(
            id=entry_id,
            stream_id=stream_id,
            force_id=force_id,
            position=(last or 0) + 1,
            kind=kind,
            priority=priority,
            owed_at=now,
            receipts=[],
        )
    )
    if stream.due_at is None:
        with session.no_autoflush:
            before = first_unrecorded(session, stream_id)
        if before is None or before.state == EntryState.SAVED.value:
            stream.due_at = now
            hint_once_committed(session)
    if priority == HIGH:
        stream.urgent_since = stream.urgent_since or now


@dataclass(frozen=True, slots=True)
class Claim:
    """A stream whose lease is ours, and as what its force may be called."""

    stream: Stream
    leave: breakers.Leave


def forces_with_something_due(session: Session, now: datetime) -> list[UUID]:
    """Forces for which `claim` would find a stream, those with something urgent first, the others
    in no order: one force's backlog must not come before everybody else's single message."""
    force = table("forces", column("id", Uuid()))
    mine = exists().where(Stream.force_id == force.c.id, *_may_be_claimed(now))
    urgent = mine.where(Stream.urgent_since.is_not(None))
    # Of the forces first: a dead one's whole backlog would be looked through at each turn.
    may_be_called = breakers.let_through(force.c.id, now)
    found = session.execute(select(force.c.id, urgent).where(may_be_called, mine)).all()
    random.shuffle(found := list(found))
    return [force_id for force_id, _ in sorted(found, key=lambda each: not each[1])]


def forces_with_something_leased(session: Session, now: datetime) -> list[UUID]:
    """Forces of which something is due that a worker has, or had when it died."""
    force = table("forces", column("id", Uuid()))
    leased = exists().where(
        Stream.force_id == force.c.id, Stream.due_at <= now, Stream.leased_until > now
    )
    return list(session.scalars(select(force.c.id).where(leased)))


def claim(session: Session, force_id: UUID, now: datetime) -> Claim | None:
    """Take the lease of a stream of this force: the most urgent, else the one due longest."""
    due = (
        select(Stream)
        .where(Stream.force_id == force_id, *_may_be_claimed(now))
        .where(breakers.let_through(literal(force_id, Uuid()), now))
        .order_by(Stream.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    stream = session.scalar(due.where(Stream.urgent_since.is_not(None))) or session.scalar(due)
    if stream is None:
        return None
    leave = breakers.leave_to_call(session, force_id, now)
    if leave is None:
        return None
    stream.lease_token = uuid4()
    stream.leased_until = now + LEASE
    return Claim(stream, leave)


def _may_be_claimed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Stream.due_at <= now,
        or_(Stream.leased_until.is_(None), Stream.leased_until <= now),
    )


def held_stream(session: Session, stream_id: UUID, token: UUID, now: datetime) -> Stream | None:
    """The stream, locked and its lease made longer, if the lease is still this worker's."""
    stream = _locked(session, stream_id)
    if (
        stream is None
        or stream.lease_token != token
        or stream.leased_until is None
        or stream.leased_until <= now
    ):
        return None
    stream.leased_until = now + LEASE
    return stream


def first_unrecorded(session: Session, stream_id: UUID) -> OwedEntry | None:
    """The entry that everything behind it in the stream waits for."""
    return session.scalar(
        select(OwedEntry)
        .where(OwedEntry.stream_id == stream_id, IS_UNRECORDED)
        .order_by(OwedEntry.position)
        .limit(1)
    )


def note_try(entry: OwedEntry, now: datetime, *, alive_until: datetime) -> None:
    """Write a call down before it is made, and until when it could take effect if nobody ever says
    what came of it."""
    note_attempt(entry, now)
    entry.alive_until = alive_until


def note_attempt(entry: OwedEntry, now: datetime) -> None:
    """Count a try, of sending or of finding out what came of the last one."""
    entry.first_tried_at = entry.first_tried_at or now
    entry.attempts += 1


def note_receipt(
    session: Session, stream: Stream, entry: OwedEntry, receipt: dict[str, Any], parts: int
) -> bool:
    """Keep the receipt of one part; True when it was the last one and the entry is recorded."""
    entry.receipts = [*entry.receipts, receipt]
    entry.alive_until = None
    entry.tried_under_sealed = None
    # Attempts count for one part: the next one starts with patience of its own.
    entry.first_tried_at = None
    entry.not_found_since = None
    entry.attempts = 0
    if len(entry.receipts) < parts:
        return False
    note_recorded(session, stream, entry)
    return True


def note_recorded(session: Session, stream: Stream, entry: OwedEntry) -> None:
    """All of an entry stands on the record; what is behind it may go."""
    entry.state = EntryState.RECORDED.value
    entry.problem = None
    entry.alive_until = None
    entry.tried_under_sealed = None
    if entry.priority == HIGH:
        session.flush()
        another = select(OwedEntry.id).where(
            OwedEntry.stream_id == stream.id, OwedEntry.priority == HIGH, IS_UNRECORDED
        )
        if session.scalar(another.limit(1)) is None:
            stream.urgent_since = None


def release(stream: Stream, due_at: datetime | None) -> None:
    """Give the lease up; `due_at` says when the stream may be claimed again."""
    stream.lease_token = None
    stream.leased_until = None
    stream.due_at = due_at


def put_back(session: Session, entry: OwedEntry, now: datetime) -> None:
    """Try an entry that needed a person again, from now, as if it had not been tried.

    An unknown fate stays unknown: it is settled before anything is sent.
    """
    entry.state = EntryState.SAVED.value
    entry.first_tried_at = None
    entry.not_found_since = None
    entry.attempts = 0
    entry.problem = None
    locked_stream(session, entry.stream_id).due_at = now


def locked_stream(session: Session, stream_id: UUID) -> Stream:
    stream = _locked(session, stream_id)
    assert stream is not None
    return stream


def _locked(session: Session, stream_id: UUID) -> Stream | None:
    return session.scalar(
        select(Stream)
        .where(Stream.id == stream_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
