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
from sqlalchemy.exc import DBAPIError
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
    stream_id: UUID
    token: UUID
    """The lease under which it is made."""
    conversation_id: UUID
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
        stream = outbox.claim(session, now)
        if stream is None:
            return False
        call = _next_call_or_none(session, stream, systems, now)
    while call is not None:
        answer = systems[call.force_id].record(call.reference, call.part)
        # What came of this call and what the next one will be are written down together.
        with database.writing() as session:
            call = _note_answer(session, systems, call, answer)
    return True


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
    assert stream.lease_token is not None
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
        stream_id=stream.id,
        token=stream.lease_token,
        conversation_id=conversation.id,
        force_id=stream.force_id,
        reference=conversation.reference,
        part=parts[len(entry.receipts)],
        parts=len(parts),
    )


def _note_answer(
    session: Session, systems: CaseSystems, call: _Call, answer: Answer
) -> _Call | None:
    """Note what came of a call; the next one, if there is one and the lease is still ours."""
    now = clock.now()
    # Lock order everywhere: conversation, then stream.
    conversation = locked(session, call.conversation_id)
    stream = outbox.held_stream(session, call.stream_id, call.token, now)
    if stream is None:
        # It ran out during the call. Whoever has it now repeats the call, which is safe.
        log.warning("lease lost", entry_id=str(call.entry_id), answer=type(answer).__name__)
        return None
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
            _note_receipt(session, conversation, entry, told, call, now)
            return _next_call_or_none(session, stream, systems, now)
        case Again(at):
            entry.problem = type(answer).__name__
            outbox.release(stream, at)
        case NeedsPerson(reason):
            _note_attention(session, conversation, entry, reason.value, now)
            outbox.release(stream, None)
        case ForceWaits(until):
            outbox.make_force_wait(session, call.force_id, until)
            entry.first_tried_at = None
            entry.attempts = 0
            outbox.release(stream, until)
            log.warning("case system refuses the token", force_id=str(call.force_id))
    return None


def _next_call_or_none(
    session: Session, stream: Stream, systems: CaseSystems, now: datetime
) -> _Call | None:
    """None also where the next entry cannot be made ready: that must not undo the receipt before
    it. Its stream is tried again when the lease has run out."""
    try:
        return _next_call(session, stream, systems, now)
    except DBAPIError:
        raise
    except Exception:
        log.exception("entry cannot be made ready", stream_id=str(stream.id))
        return None


def _note_receipt(
    session: Session,
    conversation: Conversation,
    entry: OwedEntry,
    receipt: dict[str, str],
    call: _Call,
    now: datetime,
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
        message = session.get_one(Message, entry.id)
        note_state(session, conversation, message, EntryState.RECORDED.value, now)


def _note_attention(
    session: Session, conversation: Conversation, entry: OwedEntry, reason: str, now: datetime
) -> None:
    entry.state = EntryState.ATTENTION.value
    entry.problem = reason
    message = session.get_one(Message, entry.id)
    note_state(session, conversation, message, EntryState.ATTENTION.value, now)
    audit.record(
        session,
        Action.ENTRY_NEEDS_A_PERSON,
        WORKER,
        force_id=entry.force_id,
        subject_id=entry.id,
        reason=reason,
    )
    log.warning("entry needs a person", entry_id=str(entry.id), reason=reason)
