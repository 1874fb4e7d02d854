"""Putting what is owed onto the case record: one conversation at a time, entries in order.

A worker claims a stream by a lease, writes each call down before it makes it, holds no lock while
the case system answers, and looks at its lease again before every call.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app import clock
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import Database
from app.messages.actions import locked, note_state
from app.messages.models import Conversation, Message
from app.messages.queries import message_author, message_text
from app.outbox import actions as outbox
from app.outbox.models import EntryState, OwedEntry, Stream
from app.sync.parts import entries_for
from app.sync.port import Answer, Author, CaseSystem, Entry, EntryKind, Priority, rfc3339
from app.sync.rules import Again, Done, ForceWaits, NeedsPerson, decide

log = structlog.get_logger(__name__)

WITHOUT_A_TOKEN = timedelta(seconds=30)

CaseSystems = Mapping[UUID, CaseSystem]
"""The case system of record of each force that this worker can call, by the force's id."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What is about to be sent: one part of one entry."""

    entry_id: UUID
    force_id: UUID
    reference: str
    part: Entry
    parts: int


def deliver_one_stream(database: Database, systems: CaseSystems) -> bool:
    """Claim the stream that has waited longest and send what it owes; False: nothing was due."""
    now = clock.now()
    with database.reading() as session:
        if not outbox.something_is_due(session, now):
            return False
    with database.writing() as session:
        claimed = outbox.claim(session, now)
    if claimed is None:
        return False
    stream_id, token = claimed
    while _deliver_next_part(database, systems, stream_id, token):
        pass
    return True


def _deliver_next_part(
    database: Database, systems: CaseSystems, stream_id: UUID, token: UUID
) -> bool:
    """Send the next part; True: there may be more, and the lease is still ours."""
    with database.writing() as session:
        now = clock.now()
        stream = outbox.held_stream(session, stream_id, token, now)
        if stream is None:
            return False
        call = _next_call(session, stream, systems, now)
    if call is None:
        return False
    answer = systems[call.force_id].record(call.reference, call.part)
    with database.writing() as session:
        return _note_answer(session, stream_id, token, call, answer)


def _next_call(
    session: Session, stream: Stream, systems: CaseSystems, now: datetime
) -> _Call | None:
    """Write the next call down, or release the stream where there is none to make."""
    entry = outbox.first_unrecorded(session, stream.id)
    if entry is None or entry.state == EntryState.ATTENTION.value:
        outbox.release(stream, None)
        return None
    system = systems.get(stream.force_id)
    if system is None:
        # This worker has no token for the force; another may, or will after its next start.
        outbox.release(stream, now + WITHOUT_A_TOKEN)
        return None
    message = session.get_one(Message, entry.id)
    conversation = session.get_one(Conversation, message.conversation_id)
    if conversation.reference is None:
        raise LookupError(f"conversation {conversation.id} has entries owed and no reference")
    parts = entries_for(
        external_id=str(entry.id),
        kind=EntryKind(entry.kind),
        author=Author(kind=message.author_kind, **message_author(conversation, message)),
        sent_at=message.sent_at,
        text=message_text(conversation, message),
        sequence=message.sequence,
        limit=system.text_limit,
        priority=Priority(entry.priority),
    )
    outbox.note_try(entry, now)
    return _Call(
        entry_id=entry.id,
        force_id=stream.force_id,
        reference=conversation.reference,
        part=parts[len(entry.receipts)],
        parts=len(parts),
    )


def _note_answer(
    session: Session, stream_id: UUID, token: UUID, call: _Call, answer: Answer
) -> bool:
    now = clock.now()
    message = session.get_one(Message, call.entry_id)
    # Lock order everywhere: conversation, then stream.
    locked(session, message.conversation_id)
    stream = outbox.held_stream(session, stream_id, token, now)
    if stream is None:
        # The lease ran out during the call. Whoever has it now repeats the call, which is safe.
        return False
    entry = session.get_one(OwedEntry, call.entry_id, populate_existing=True)
    decision = decide(
        answer,
        first_tried_at=entry.first_tried_at or now,
        attempts=entry.attempts,
        now=now,
        chance=random.random(),  # noqa: S311 - jitter, no secret
    )
    match decision:
        case Done(receipt):
            told = {"entryId": receipt.entry_id, "recordedAt": rfc3339(receipt.recorded_at)}
            _note_receipt(session, entry, told, call, now)
            return True
        case Again(at):
            entry.problem = type(answer).__name__
            outbox.release(stream, at)
        case NeedsPerson(reason):
            _note_attention(session, entry, reason.value, now)
            outbox.release(stream, None)
        case ForceWaits(until):
            outbox.make_force_wait(session, call.force_id, until)
            entry.first_tried_at = None
            entry.attempts = 0
            outbox.release(stream, until)
            log.warning("case system refuses the token", force_id=str(call.force_id))
    return False


def _note_receipt(
    session: Session, entry: OwedEntry, receipt: dict[str, str], call: _Call, now: datetime
) -> None:
    audit.record(
        session,
        Action.ENTRY_DISCLOSED,
        WORKER,
        force_id=entry.force_id,
        subject_id=entry.id,
        part=call.part.part.n,
        of=call.parts,
    )
    # Attempts count for one part: the next one starts with patience of its own.
    entry.first_tried_at = None
    entry.attempts = 0
    if outbox.note_receipt(entry, receipt, call.parts):
        note_state(session, entry.id, EntryState.RECORDED.value, now)


def _note_attention(session: Session, entry: OwedEntry, reason: str, now: datetime) -> None:
    entry.state = EntryState.ATTENTION.value
    entry.problem = reason
    note_state(session, entry.id, EntryState.ATTENTION.value, now)
    audit.record(
        session,
        Action.ENTRY_NEEDS_A_PERSON,
        WORKER,
        force_id=entry.force_id,
        subject_id=entry.id,
        reason=reason,
    )
    log.warning("entry needs a person", entry_id=str(entry.id), reason=reason)
