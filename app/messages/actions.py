"""What happens in a conversation: it opens, somebody sends, somebody reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy import case as sql_case
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import Officer, Victim
from app.accounts.viewers import VictimViewer, Viewer
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.cases.access import Way, is_in_charge
from app.cases.models import Case
from app.cases.queries import facts_of
from app.cases.status import shown_status
from app.crypto import Place
from app.database import add_sealed
from app.messages.models import Conversation, Message
from app.messages.not_reached import expect_reading
from app.messages.notices import owe_notice_about, owe_notice_to_new_officer
from app.messages.references import move_to_reference
from app.messages.rules import sending_is_paused
from app.messages.totals import count_recorded
from app.messages.urgent import is_found_urgent, raise_attention
from app.outbox import actions as outbox
from app.outbox.models import OwedEntry

MOST_IN_TEN_MINUTES = 60
MOST_IN_A_DAY = 600
"""Per author and conversation: more than twice what anybody is promised."""


class TooManyMessages(Exception):
    """The author wrote too much too fast. Nothing was stored. `retry_at` is when to come back."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at.isoformat())
        self.retry_at = retry_at

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until then, 1 at least: what `Retry-After` says."""
        return max(1, ceil((self.retry_at - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: `kind` is "victim" or "officer"."""

    kind: str
    id: UUID

    @classmethod
    def of(cls, viewer: Viewer) -> Author:
        return cls("victim" if isinstance(viewer, VictimViewer) else "officer", viewer.id)


def open_conversation(session: Session, case: Case, victim_id: UUID, now: datetime) -> None:
    """Begin the conversation of a victim who joined a case. Repeatable."""
    known = session.scalar(
        select(Conversation.id).where(
            Conversation.case_id == case.id, Conversation.victim_id == victim_id
        )
    )
    if known is not None:
        return
    conversation = add_sealed(
        session,
        Conversation(
            case_id=case.id,
            victim_id=victim_id,
            force_id=case.force_id,
            officer_id=case.officer_id,
            started_at=now,
            last_activity_at=now,
        ),
    )
    facts = facts_of(case)
    if facts is not None:
        conversation.reference = facts.reference
        conversation.victim_reference = facts.victim.id
    session.flush()
    outbox.open_stream(session, conversation.id, case.force_id)
    session.flush()


def send(
    session: Session,
    conversation_id: UUID,
    author: Author,
    *,
    text: str,
    client_id: str,
    now: datetime,
    priority: str = "normal",
) -> Message:
    """Store a message, owe its entry to the case system and a notice to the other side.

    `text` is clean (see `text.clean`). The same author, client id and text stores once and
    returns what was stored the first time.

    Raises:
        TooManyMessages: nothing was stored.
    """
    conversation = locked(session, conversation_id)
    fingerprint = conversation.data_key.fingerprint(text)
    known = session.scalar(
        select(Message).where(
            Message.conversation_id == conversation.id,
            Message.author_id == author.id,
            Message.client_id == client_id,
            Message.fingerprint == fingerprint,
        )
    )
    if known is not None:
        return known
    _check_rate(session, conversation, author, now)
    is_urgent = author.kind == "victim" and is_found_urgent(conversation.case, text)
    # Everything is written at the end, each row once.
    with session.no_autoflush:
        message = _store(session, conversation, author, text, client_id, fingerprint, now)
        outbox.owe(
            session,
            conversation.id,
            entry_id=message.id,
            force_id=conversation.force_id,
            kind=f"{author.kind}-message",
            priority=outbox.HIGH if is_urgent else priority,
            now=now,
        )
        is_paused = author.kind == "victim" and sending_is_paused(conversation.paused_until, now)
        if not is_paused:
            owe_notice_about(session, conversation, message, now)
        _note_waiting(conversation, author, now, is_paused=is_paused)
        audit.record(
            session,
            Action.MESSAGE_COLLECTED,
            Actor(author.kind, author.id),
            force_id=conversation.force_id,
            case_id=conversation.case_id,
            subject_id=message.id,
        )
        if is_urgent:
            raise_attention(session, conversation.case, message.id, now)
    session.flush()
    return message


def locked(session: Session, conversation_id: UUID) -> Conversation:
    """The conversation under its row's lock: for a next sequence or revision."""
    return session.scalars(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def text_place(message_id: UUID) -> Place:
    return Place("messages", "text", message_id)


def author_place(message_id: UUID) -> Place:
    return Place("messages", "author", message_id)


def _store(
    session: Session,
    conversation: Conversation,
    author: Author,
    text: str,
    client_id: str,
    fingerprint: bytes,
    now: datetime,
) -> Message:
    conversation.last_sequence += 1
    conversation.revision += 1
    conversation.last_activity_at = now
    message = Message(
        conversation_id=conversation.id,
        force_id=conversation.force_id,
        sequence=conversation.last_sequence,
        revision=conversation.revision,
        author_kind=author.kind,
        author_id=author.id,
        client_id=client_id,
        fingerprint=fingerprint,
        text_sealed=b"",
        author_sealed=b"",
        sent_at=now,
    )
    key, named = conversation.data_key, named_author(session, conversation, author)
    message.text_sealed = key.seal(text, text_place(message.id))
    message.author_sealed = key.seal(named, author_place(message.id))
    session.add(message)
    return message


def named_author(session: Session, conversation: Conversation, author: Author) -> str:
    """The author as the case record is told of them, as JSON: `name`, and `id` or `collar`."""
    if author.kind == "victim":
        victim = session.get_one(Victim, author.id)
        return json.dumps({"name": victim.name, "id": conversation.victim_reference})
    officer = session.get_one(Officer, author.id)
    return json.dumps({"name": officer.name, "collar": officer.collar})


def _note_waiting(
    conversation: Conversation, author: Author, now: datetime, *, is_paused: bool
) -> None:
    # Sending is not reading: words that came while these were being written stay unread.
    before = conversation.last_sequence - 1
    if author.kind == "victim":
        if is_paused:
            conversation.to_read_since = conversation.to_read_since or now
        else:
            conversation.waiting_since = conversation.waiting_since or now
        if conversation.victim_read_to >= before:
            conversation.victim_read_to = conversation.last_sequence
        return
    expect_reading(conversation, before, now)
    if conversation.officer_read_to >= before:
        conversation.officer_read_to = conversation.last_sequence
        conversation.waiting_since = None


def _check_rate(
    session: Session, conversation: Conversation, author: Author, now: datetime
) -> None:
    ten_minutes, day = timedelta(minutes=10), timedelta(days=1)
    is_recent = Message.sent_at > now - ten_minutes
    in_ten_minutes, in_a_day, first_recent, first = session.execute(
        select(
            func.count().filter(is_recent),
            func.count(),
            func.min(Message.sent_at).filter(is_recent),
            func.min(Message.sent_at),
        ).where(
            Message.conversation_id == conversation.id,
            Message.author_kind == author.kind,
            Message.sent_at > now - day,
        )
    ).one()
    if in_ten_minutes >= MOST_IN_TEN_MINUTES:
        raise TooManyMessages(first_recent + ten_minutes)
    if in_a_day >= MOST_IN_A_DAY:
        raise TooManyMessages(first + day)


def note_shown(
    session: Session,
    conversation_id: UUID,
    viewer: Viewer,
    now: datetime,
    *,
    up_to: int,
    way: Way | None = Way.OFFICER_IN_CASE,
) -> None:
    """Somebody was shown words: mark them read and record the consultation.

    `up_to` is the last sequence number on the page: what came after it was read is still new.
    `way` is as what somebody of the force looks: only who is in charge reads for the officer.
    """
    is_victim = isinstance(viewer, VictimViewer)
    read: dict[str, Any] = {}
    if is_victim:
        read_to = {"victim_read_to": _at_least(Conversation.victim_read_to, up_to)}
        read = {**read_to, "victim_read_at": now, "unread_due_at": _unless_all_read(up_to)}
    elif is_in_charge(way):
        read = {"officer_read_to": _at_least(Conversation.officer_read_to, up_to)}
    elif way is Way.CONTACT_BUREAU:
        read = {"to_read_since": _unless_read(up_to)}
    force_id, case_id = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        # Who only reads leaves no mark; the row is asked for all the same.
        .values(read or {"victim_read_at": Conversation.victim_read_at})
        .returning(Conversation.force_id, Conversation.case_id)
        .execution_options(synchronize_session=False)
    ).one()
    details: dict[str, Any] = {} if is_victim or way is None else {"way": way.value}
    audit.record(
        session,
        Action.MESSAGES_CONSULTED,
        viewer.actor,
        force_id=force_id,
        case_id=case_id,
        up_to=up_to,
        **details,
    )


def _at_least(column: InstrumentedAttribute[int], number: int) -> ColumnElement[int]:
    return sql_case((column < number, number), else_=column)


def _unless_all_read(up_to: int) -> ColumnElement[datetime | None]:
    return sql_case((Conversation.last_sequence > up_to, Conversation.unread_due_at), else_=None)


def _unless_read(up_to: int) -> ColumnElement[datetime | None]:
    """Words of a pause are read once the newest message was on the page."""
    return sql_case((Conversation.last_sequence > up_to, Conversation.to_read_since), else_=None)


def follow_case(session: Session, case_id: UUID) -> None:
    """Bring a case's conversations into step with it; pages are told if what shows changed."""
    case = session.get_one(Case, case_id)
    facts = facts_of(case)
    for conversation_id in session.scalars(
        select(Conversation.id).where(Conversation.case_id == case_id)
    ).all():
        conversation = locked(session, conversation_id)
        if conversation.officer_id != case.officer_id:
            conversation.officer_id = case.officer_id
            owe_notice_to_new_officer(session, conversation)
        if facts is not None and conversation.reference != facts.reference:
            move_to_reference(session, conversation, facts.reference)
        shown = _what_shows(conversation, case)
        if conversation.case_shown != shown:
            conversation.case_shown = shown
            conversation.revision += 1


def _what_shows(conversation: Conversation, case: Case) -> bytes:
    officer = (case.officer.label, case.officer.shown_label or "") if case.officer else ()
    shown = (*officer, shown_status(case.status, case.released_status), str(case.held_at))
    return conversation.data_key.fingerprint("|".join(shown))


def note_entry_state(
    session: Session, conversation: Conversation, entry: OwedEntry, was: str, now: datetime
) -> None:
    """An entry's way onto the record went on; `was` is its state from before.

    Of a message's both people's pages are told. What is no message shows to nobody but the force,
    so that it changes nothing that a victim's page could notice. The caller holds the
    conversation's lock.
    """
    message = session.get(Message, entry.id)
    if message is not None:
        note_state(session, conversation, message, entry.state, now)
    else:
        conversation.needs_a_person += (entry.state == "attention") - (was == "attention")


def note_state(
    session: Session, conversation: Conversation, message: Message, state: str, now: datetime
) -> None:
    """The message's way onto the record went on: both people's pages show it at their next poll.
    The caller holds the conversation's lock, and read the message under it."""
    if message.state == state:
        return
    conversation.needs_a_person += (state == "attention") - (message.state == "attention")
    conversation.revision += 1
    message.state = state
    message.revision = conversation.revision
    if state == "recorded":
        message.recorded_at = now
        count_recorded(session, message.force_id, conversation.id)
