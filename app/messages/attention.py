"""Entries that a person has to look at: how they get there, and the ways out.

A stuck entry is never skipped in silence: what is behind it waits until it was tried again with
success, or until a person says that it stands on the record by their own hand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.cases.models import Case, TaskKind
from app.cases.tasks import finish_tasks, open_task
from app.crypto import Place
from app.messages.actions import locked, note_entry_state
from app.messages.models import Conversation
from app.outbox import actions as outbox
from app.outbox.models import IS_UNRECORDED, EntryState, OwedEntry

log = structlog.get_logger(__name__)

URGENT_WITHIN = timedelta(minutes=15)
"""An entry of high priority that is not on the record by then goes to a person as well."""

LONGEST_RECEIPT = 255
LONGEST_REASON = 500


class NothingToDo(Exception):
    """The entry does not stand at `attention` (any more), or there is no such entry."""


class HandRecordIsIncomplete(ValueError):
    """Recording by hand needs a receipt and a reason, neither too long; the message says which."""


def note_attention(
    session: Session, conversation: Conversation, entry: OwedEntry, reason: str, now: datetime
) -> None:
    """An entry needs a person: it shows, and force admin and contact bureau have a task.

    The caller holds the locks of the conversation and the stream.
    """
    was, entry.state = entry.state, EntryState.ATTENTION.value
    entry.problem = reason
    note_entry_state(session, conversation, entry, was, now)
    case = session.get_one(Case, conversation.case_id)
    open_task(session, case, TaskKind.ENTRY_NEEDS_A_PERSON, now, subject_id=entry.id)
    audit.record(
        session,
        Action.ENTRY_NEEDS_A_PERSON,
        WORKER,
        force_id=entry.force_id,
        case_id=conversation.case_id,
        subject_id=entry.id,
        reason=reason,
    )
    log.warning("entry needs a person", entry_id=str(entry.id), reason=reason)


def note_urgent_recorded(
    session: Session, conversation: Conversation, entry: OwedEntry, now: datetime
) -> None:
    """An entry of high priority stands on the record: nobody has to see to it any more."""
    kinds = (TaskKind.URGENT_ENTRY_LATE,)
    finish_tasks(session, conversation.case_id, kinds, entry.id, now)


def entries_at_attention(session: Session, force_id: UUID | None) -> list[UUID]:
    """Ids of the entries that need a person, of one force or of all, oldest first."""
    wanted = select(OwedEntry.id).where(
        IS_UNRECORDED, OwedEntry.state == EntryState.ATTENTION.value
    )
    if force_id is not None:
        wanted = wanted.where(OwedEntry.force_id == force_id)
    return list(session.scalars(wanted.order_by(OwedEntry.owed_at, OwedEntry.id)))


def why_stuck(session: Session, entry_id: UUID) -> str | None:
    """Reason code of an entry that stands at `attention`; None where it does not (any more)."""
    entry = session.get(OwedEntry, entry_id)
    if entry is None or entry.state != EntryState.ATTENTION.value:
        return None
    return entry.problem or ""


def retry(session: Session, entry_id: UUID, by: Actor, now: datetime) -> None:
    """Put an entry that needs a person back into the queue. Its task is done; should it fail again
    there will be another.

    Raises NothingToDo.
    """
    conversation, entry = _at_attention(session, entry_id)
    outbox.put_back(session, entry, now)
    note_entry_state(session, conversation, entry, EntryState.ATTENTION.value, now)
    kinds = (TaskKind.ENTRY_NEEDS_A_PERSON,)
    finish_tasks(session, conversation.case_id, kinds, entry.id, now)
    audit.record(
        session,
        Action.ENTRY_TRIED_AGAIN,
        by,
        force_id=entry.force_id,
        case_id=conversation.case_id,
        subject_id=entry.id,
    )


def record_by_hand(
    session: Session, entry_id: UUID, by: Actor, *, receipt: str, reason: str, now: datetime
) -> None:
    """A person put an entry onto the case record themselves: it is recorded, and the rest goes on.

    `receipt` is the case system's own id of what they entered, `reason` says in their words why.
    Raises NothingToDo, HandRecordIsIncomplete.
    """
    receipt, reason = receipt.strip(), reason.strip()
    if not 0 < len(receipt) <= LONGEST_RECEIPT:
        raise HandRecordIsIncomplete("the receipt is missing or too long")
    if not 0 < len(reason) <= LONGEST_REASON:
        raise HandRecordIsIncomplete("the reason is missing or too long")
    conversation, entry = _at_attention(session, entry_id)
    stream = outbox.locked_stream(session, entry.stream_id)
    entry.receipts = [
        *entry.receipts,
        {"entryId": receipt, "recordedAt": now.isoformat(), "byHand": True},
    ]
    entry.hand_reason_sealed = conversation.data_key.seal(reason, hand_reason_place(entry.id))
    outbox.note_recorded(session, stream, entry)
    stream.due_at = now
    note_entry_state(session, conversation, entry, EntryState.ATTENTION.value, now)
    kinds = (TaskKind.ENTRY_NEEDS_A_PERSON, TaskKind.URGENT_ENTRY_LATE)
    finish_tasks(session, conversation.case_id, kinds, entry.id, now)
    audit.record(
        session,
        Action.ENTRY_RECORDED_BY_HAND,
        by,
        force_id=entry.force_id,
        case_id=conversation.case_id,
        subject_id=entry.id,
    )


def hand_reason_place(entry_id: UUID) -> Place:
    return Place("outbox_entries", "hand_reason", entry_id)


def note_late_urgent_entries(session: Session, now: datetime) -> int:
    """Open a task for each entry of high priority that is not on the record in time; how many are
    late. Who did the task is not asked again. What the message shows stays as it is: the portal
    goes on trying."""
    late = session.execute(
        select(OwedEntry.id, Case)
        .join(Conversation, Conversation.id == OwedEntry.stream_id)
        .join(Case, Case.id == Conversation.case_id)
        .where(
            IS_UNRECORDED,
            OwedEntry.priority == outbox.HIGH,
            OwedEntry.owed_at <= now - URGENT_WITHIN,
        )
    ).all()
    for entry_id, case in late:
        opened = open_task(
            session,
            case,
            TaskKind.URGENT_ENTRY_LATE,
            now,
            due_at=now,
            subject_id=entry_id,
            is_once=True,
        )
        if opened:
            log.warning("urgent entry not on the record", entry_id=str(entry_id))
    return len(late)


def _at_attention(session: Session, entry_id: UUID) -> tuple[Conversation, OwedEntry]:
    """The entry and its conversation, which is locked."""
    found = session.get(OwedEntry, entry_id)
    if found is None:
        raise NothingToDo(f"there is no entry {entry_id}")
    conversation = locked(session, found.stream_id)
    entry = session.get_one(OwedEntry, entry_id, populate_existing=True)
    if entry.state != EntryState.ATTENTION.value:
        raise NothingToDo(f"entry {entry_id} needs nobody: it is {entry.state}")
    return conversation, entry
