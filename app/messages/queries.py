"""Reading conversations, always as somebody who may."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager

from app.accounts.models import Officer
from app.accounts.viewers import OfficerViewer, VictimViewer, Viewer
from app.cases.access import why_not_open
from app.cases.models import Case, Enrolment
from app.cases.queries import CaseNotOpen, case_for_officer, case_in_charge, standing_of
from app.forces.models import Feed, Force
from app.messages.actions import author_place, text_place
from app.messages.models import Conversation, Message

PAGE = 20


@dataclass(frozen=True, slots=True)
class MessageText:
    """One message as it is shown: `text` exact to the character."""

    id: UUID
    sequence: int
    state: str
    author_kind: str
    author_id: UUID
    author_label: str
    """Of an officer, for colleagues."""
    author_shown: str | None
    """Of an officer, for the victim; None: not to be named."""
    sent_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first, and where the conversation stood when they were read."""

    messages: tuple[MessageText, ...]
    cursor: int
    has_earlier: bool
    has_later: bool

    @property
    def last(self) -> int:
        """The highest sequence number on it; 0 where it is empty."""
        return self.messages[-1].sequence if self.messages else 0


def conversation_as(
    session: Session, viewer: Viewer, case_id: UUID, now: datetime
) -> tuple[Case, Conversation]:
    """The case and its conversation, if this viewer may open them now.

    Raises:
        ReasonIsNeeded: another's, and this viewer has not said what for.
        CaseNotOpen: not this viewer's, or not open to a victim now.
    """
    if isinstance(viewer, VictimViewer):
        return _open_to_victim(session, viewer, case_id, now)
    case, _way = case_for_officer(session, viewer, case_id, now)
    return case, current_conversation(session, case_id)


def conversation_to_answer(
    session: Session, viewer: OfficerViewer, case_id: UUID
) -> tuple[Case, Conversation]:
    """The case and its conversation, if this officer is the one who writes there.

    Raises:
        CaseNotOpen: not this officer's to answer.
    """
    case = case_in_charge(session, viewer, case_id)
    return case, current_conversation(session, case_id)


def victims_own_conversation(
    session: Session, victim: VictimViewer, case_id: UUID
) -> Conversation | None:
    """The conversation of a case that this victim has joined, whether or not it may be read.

    Words written before the door closed still go to the record.
    """
    return session.scalar(
        select(Conversation)
        .join(Enrolment, Enrolment.case_id == Conversation.case_id)
        .where(
            Conversation.case_id == case_id,
            Conversation.victim_id == victim.id,
            Enrolment.victim_id == victim.id,
            Enrolment.ended_at.is_(None),
        )
    )


def newest(session: Session, conversation: Conversation, *, before: int | None = None) -> Page:
    """The newest page of a conversation, or the one before a sequence number."""
    wanted = select(Message).where(Message.conversation_id == conversation.id)
    if before is not None:
        wanted = wanted.where(Message.sequence < before)
    rows = session.scalars(wanted.order_by(Message.sequence.desc()).limit(PAGE + 1)).all()
    shown = list(reversed(rows[:PAGE]))
    return Page(
        messages=_texts(session, conversation, shown),
        cursor=conversation.revision,
        has_earlier=len(rows) > PAGE,
        has_later=bool(shown) and shown[-1].sequence < conversation.last_sequence,
    )


def changed_since(session: Session, conversation: Conversation, cursor: int) -> Page:
    """Every message that shows differently since the cursor, in conversation order."""
    rows = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.revision > cursor)
        .order_by(Message.sequence)
    ).all()
    return Page(_texts(session, conversation, rows), conversation.revision, False, False)


def message_text(conversation: Conversation, message: Message) -> str:
    """The words of a message."""
    return conversation.data_key.open(message.text_sealed, text_place(message.id))


def message_author(conversation: Conversation, message: Message) -> dict[str, str | None]:
    """The author as named when the message was sent: `name`, and `id` or `collar`."""
    opened = conversation.data_key.open(message.author_sealed, author_place(message.id))
    named: dict[str, str | None] = json.loads(opened)
    return named


def _texts(
    session: Session, conversation: Conversation, rows: Iterable[Message]
) -> tuple[MessageText, ...]:
    rows = list(rows)
    key = conversation.data_key if rows else None
    officers = _officers(session, {m.author_id for m in rows if m.author_kind == "officer"})
    return tuple(
        MessageText(
            id=message.id,
            sequence=message.sequence,
            state=message.state,
            author_kind=message.author_kind,
            author_id=message.author_id,
            author_label=by.label if (by := officers.get(message.author_id)) else "",
            author_shown=by.shown_label if by else None,
            sent_at=message.sent_at,
            text=key.open(message.text_sealed, text_place(message.id)) if key else "",
        )
        for message in rows
    )


def _officers(session: Session, ids: set[UUID]) -> dict[UUID, Officer]:
    # The officer in the case was loaded with it, and writes nearly all of them.
    return {each: session.get_one(Officer, each) for each in ids}


_OPEN_TO_VICTIM = (
    select(Conversation, Case, Feed)
    .join(Conversation.case)
    .join(Case.force)
    .join(Enrolment, Enrolment.case_id == Case.id)
    .outerjoin(Feed, (Feed.force_id == Force.id) & (Feed.system == Force.record_system))
    .where(
        Case.id == bindparam("case_id"),
        Conversation.victim_id == bindparam("victim_id"),
        Enrolment.victim_id == bindparam("victim_id"),
        Enrolment.ended_at.is_(None),
    )
    .options(
        contains_eager(Conversation.case).contains_eager(Case.force),
        contains_eager(Conversation.case).joinedload(Case.officer),
    )
)


def _open_to_victim(
    session: Session, victim: VictimViewer, case_id: UUID, now: datetime
) -> tuple[Case, Conversation]:
    """One statement for all that decides, since every open page asks again and again."""
    found = session.execute(_OPEN_TO_VICTIM, {"case_id": case_id, "victim_id": victim.id}).first()
    if found is None:
        raise CaseNotOpen("not-joined")
    conversation, case, feed = found
    why = why_not_open(standing_of(case, feed, case.force), now)
    if why is not None:
        raise CaseNotOpen(why)
    return case, conversation


def current_conversation(session: Session, case_id: UUID) -> Conversation:
    """The conversation of whoever has joined the case now; who may open it was asked before.

    Raises:
        CaseNotOpen: nobody has joined.
    """
    conversation = session.scalar(
        select(Conversation)
        .join(Enrolment, Enrolment.case_id == Conversation.case_id)
        .where(
            Conversation.case_id == case_id,
            Conversation.victim_id == Enrolment.victim_id,
            Enrolment.ended_at.is_(None),
        )
    )
    if conversation is None:
        raise CaseNotOpen("nobody-has-joined")
    return conversation
