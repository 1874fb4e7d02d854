"""Somebody of the force marks a victim's message, or corrects the mark.

Each is a row of its own and an entry of its own on the case record, owed behind whatever the
conversation owes already. Nothing is edited, and the victim's page never learns of it: neither the
conversation's revision nor anything else that shows to them changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Case, TaskKind
from app.cases.queries import CaseNotOpen
from app.cases.tasks import open_task
from app.messages.actions import Author, locked
from app.messages.entry_words import Said, owe_words, words_author_place
from app.messages.marking_words import text_of_marking, text_of_withdrawal
from app.messages.models import Conversation, EntryWords, Mark, Message
from app.messages.rules import URGENT, Marking, MarkKind, Marks, marks_after, marks_now, marks_shown
from app.outbox import actions as outbox

MARKING, WITHDRAWAL = "marking", "withdrawal"

_TASKS = {
    MarkKind.DISCLOSURE: TaskKind.DISCLOSURE,
    MarkKind.WITHDRAWAL: TaskKind.WITHDRAWAL,
    MarkKind.COMPLAINT: TaskKind.COMPLAINT,
}
_DUE_AT_ONCE = frozenset({MarkKind.DISCLOSURE})


class MarksChangedMeanwhile(Exception):
    """Somebody else marked the message since this person saw its marks. Nothing was stored."""


class ComplaintStays(Exception):
    """Whoever is in charge of the case wanted to take a complaint off. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class ShownMarking:
    """One marking as it shows to a viewer: what the message was marked as from then on."""

    marks: Marks
    by_name: str
    at: datetime


def message_to_mark(session: Session, conversation: Conversation, sequence: int) -> Message:
    """A victim's message by its number. Nobody else's can be marked.

    Raises:
        CaseNotOpen: there is no such message of the victim's.
    """
    message = session.scalar(
        select(Message).where(
            Message.conversation_id == conversation.id, Message.sequence == sequence
        )
    )
    if message is None or message.author_kind != "victim":
        raise CaseNotOpen("no-message-of-the-victims")
    return message


def marks_of(
    session: Session, viewer: OfficerViewer, message_ids: Iterable[UUID], *, is_in_charge: bool
) -> dict[UUID, Marks]:
    """What messages are marked as now, as far as this viewer is to know; the others are left out.

    That they may read the messages, and whether they are in charge of the case, was asked before.
    """
    rows = _rows(session, message_ids)
    shown = {
        message_id: marks_shown(_history(of), viewer.id, is_in_charge=is_in_charge)[-1]
        for message_id, of in rows.items()
    }
    return {message_id: marks for message_id, marks in shown.items() if marks}


def markings_of(
    session: Session,
    viewer: OfficerViewer,
    conversation: Conversation,
    message: Message,
    *,
    is_in_charge: bool,
) -> list[ShownMarking]:
    """How a message was marked, oldest first; markings that change nothing for this viewer are
    left out."""
    rows = _rows(session, [message.id]).get(message.id, [])
    shown = marks_shown(_history(rows), viewer.id, is_in_charge=is_in_charge)
    told: list[ShownMarking] = []
    for row, marks in zip(rows, shown, strict=True):
        if marks != (told[-1].marks if told else frozenset()):
            told.append(ShownMarking(marks, _name_of(session, conversation, row), row.marked_at))
    return told


def mark(
    session: Session,
    case: Case,
    message: Message,
    viewer: OfficerViewer,
    chosen: Marks,
    *,
    seen: Marks,
    is_in_charge: bool,
    now: datetime,
) -> bool:
    """Let a message be marked as `chosen` from now on; False where it is already.

    `seen` is what the viewer was shown that it is marked as. Owes a `marking` entry, and where the
    mark of a wish to withdraw was put on, a `withdrawal` entry behind it; opens a task for each
    mark that was put on. A task that is open already stays: a correction does not do it.

    Raises:
        MarksChangedMeanwhile, ComplaintStays: nothing was stored.
    """
    conversation = locked(session, message.conversation_id)
    rows = _rows(session, [message.id]).get(message.id, [])
    history = _history(rows)
    shown = (marks_shown(history, viewer.id, is_in_charge=is_in_charge) or [frozenset()])[-1]
    if is_in_charge and MarkKind.COMPLAINT in shown - chosen:
        raise ComplaintStays
    before = marks_now(history)
    after = marks_after(before, chosen, is_in_charge=is_in_charge)
    # First, so that a form that is sent twice is no contradiction to itself.
    if after == before:
        return False
    if seen != shown:
        raise MarksChangedMeanwhile
    marking = _store(session, message, viewer, after, len(rows) + 1, now)
    _owe_entries(session, conversation, message, marking, before, after)
    for kind in sorted(after - before):
        due_at = now if kind in _DUE_AT_ONCE else None
        open_task(session, case, _TASKS[kind], now, due_at=due_at, subject_id=message.id)
    audit.record(
        session,
        Action.MARKS_CORRECTED if rows else Action.MESSAGE_MARKED,
        viewer.actor,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        subject_id=message.id,
        marks=",".join(sorted(after)),
    )
    session.flush()
    return True


def _rows(session: Session, message_ids: Iterable[UUID]) -> dict[UUID, list[Mark]]:
    """The marks of each message that has any, in order."""
    found: dict[UUID, list[Mark]] = {}
    for row in session.scalars(
        select(Mark).where(Mark.message_id.in_(list(message_ids))).order_by(Mark.number)
    ):
        found.setdefault(row.message_id, []).append(row)
    return found


def _history(rows: Sequence[Mark]) -> list[Marking]:
    return [Marking(_marks(row), row.marked_by_id) for row in rows]


def _marks(row: Mark) -> Marks:
    on = {
        MarkKind.DISCLOSURE: row.is_disclosure,
        MarkKind.WITHDRAWAL: row.is_withdrawal,
        MarkKind.COMPLAINT: row.is_complaint,
    }
    return frozenset(kind for kind, is_on in on.items() if is_on)


def _name_of(session: Session, conversation: Conversation, row: Mark) -> str:
    words = session.get_one(EntryWords, row.id)
    named = json.loads(
        conversation.data_key.open(words.author_sealed, words_author_place(words.id))
    )
    return " ".join(part for part in (named.get("name"), named.get("collar")) if part)


def _store(
    session: Session,
    message: Message,
    viewer: OfficerViewer,
    marks: Marks,
    number: int,
    now: datetime,
) -> Mark:
    row = Mark(
        conversation_id=message.conversation_id,
        force_id=message.force_id,
        message_id=message.id,
        number=number,
        is_disclosure=MarkKind.DISCLOSURE in marks,
        is_withdrawal=MarkKind.WITHDRAWAL in marks,
        is_complaint=MarkKind.COMPLAINT in marks,
        marked_by_id=viewer.id,
        marked_at=now,
    )
    session.add(row)
    return row


def _owe_entries(
    session: Session,
    conversation: Conversation,
    message: Message,
    marking: Mark,
    before: Marks,
    after: Marks,
) -> None:
    said = partial(
        Said,
        Author("officer", marking.marked_by_id),
        at=marking.marked_at,
        about_id=marking.message_id,
        is_disclosure=marking.is_disclosure,
    )
    text = text_of_marking(message.sequence, before, after)
    priority = outbox.HIGH if after & URGENT else "normal"
    marked = said(MARKING, text, priority=priority)
    owe_words(session, conversation, marking.id, marked)
    if MarkKind.WITHDRAWAL in after - before:
        text = text_of_withdrawal(message.sequence)
        withdrawn = said(WITHDRAWAL, text, priority=outbox.HIGH)
        owe_words(session, conversation, uuid4(), withdrawn)
