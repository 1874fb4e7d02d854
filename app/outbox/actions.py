"""Owing entries, claiming a stream of them, and noting what came of each try.

The caller brings its own transaction. A worker holds a stream by a lease (a token and a time), and
no row lock while it calls the case system.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.outbox.models import IS_UNRECORDED, EntryState, ForceWait, OwedEntry, Stream

LEASE = timedelta(seconds=60)


def open_stream(session: Session, stream_id: UUID, force_id: UUID) -> None:
    """Begin the stream of a conversation."""
    session.add(Stream(id=stream_id, force_id=force_id))


def owe(
    session: Session,
    stream_id: UUID,
    *,
    entry_id: UUID,
    force_id: UUID,
    position: int,
    kind: str,
    priority: str,
    now: datetime,
) -> None:
    """Owe one entry at the end of its stream. The caller holds the conversation's lock."""
    stream = _locked(session, stream_id)
    assert stream is not None
    session.add(
        OwedEntry(
            id=entry_id,
            stream_id=stream_id,
            force_id=force_id,
            position=position,
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


def claim(session: Session, now: datetime) -> Stream | None:
    """Take the lease of the stream that has been due longest."""
    stream = session.scalar(
        select(Stream)
        .where(*_may_be_claimed(now))
        .order_by(Stream.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if stream is None:
        return None
    stream.lease_token = uuid4()
    stream.leased_until = now + LEASE
    return stream


def something_is_due(session: Session, now: datetime) -> bool:
    """Whether `claim` would find a stream: a plain read, cheap enough to ask often."""
    return session.scalar(select(Stream.id).where(*_may_be_claimed(now)).limit(1)) is not None


def _may_be_claimed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    waiting = select(ForceWait.force_id).where(ForceWait.until > now)
    return (
        Stream.due_at <= now,
        or_(Stream.leased_until.is_(None), Stream.leased_until <= now),
        Stream.force_id.not_in(waiting),
    )


def make_force_wait(session: Session, force_id: UUID, until: datetime) -> None:
    """Send nothing to this force's case system before then."""
    # Several workers may be refused in the same moment, each for another conversation.
    later = update(ForceWait).where(ForceWait.force_id == force_id).values(until=until)
    if session.execute(later.returning(ForceWait.force_id)).first() is not None:
        return
    try:
        with session.begin_nested():
            session.add(ForceWait(force_id=force_id, until=until))
    except IntegrityError:
        session.execute(later)


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


def note_try(entry: OwedEntry, now: datetime) -> None:
    """Write a call down before it is made."""
    entry.first_tried_at = entry.first_tried_at or now
    entry.attempts += 1


def note_receipt(entry: OwedEntry, receipt: dict[str, Any], parts: int) -> bool:
    """Keep the receipt of one part; True when it was the last one and the entry is recorded."""
    entry.receipts = [*entry.receipts, receipt]
    if len(entry.receipts) < parts:
        return False
    entry.state = EntryState.RECORDED.value
    entry.problem = None
    return True


def release(stream: Stream, due_at: datetime | None) -> None:
    """Give the lease up; `due_at` says when the stream may be claimed again."""
    stream.lease_token = None
    stream.leased_until = None
    stream.due_at = due_at


def put_back(session: Session, entry: OwedEntry, now: datetime) -> None:
    """Try an entry that needed a person again, from now, as if it had not been tried."""
    entry.state = EntryState.SAVED.value
    entry.first_tried_at = None
    entry.attempts = 0
    entry.problem = None
    stream = _locked(session, entry.stream_id)
    assert stream is not None
    stream.due_at = now


def _locked(session: Session, stream_id: UUID) -> Stream | None:
    return session.scalar(
        select(Stream)
        .where(Stream.id == stream_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
