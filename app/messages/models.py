"""The conversation of one victim about one case, and its messages."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, literal, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.models import Case
from app.database import Base, Row, SealedRow, sealed
from app.outbox.models import EntryState


def _index_where_set(name: str, column: str, force: str | None = None) -> Index:
    """For lists of the few conversations in which `column` is set, if wished of one force."""
    columns = [column] if force is None else [force, column, "id"]
    is_set = text(f"{column} IS NOT NULL")
    return Index(name, *columns, postgresql_where=is_set, sqlite_where=is_set)


class Conversation(SealedRow):
    """`last_sequence` orders its messages; `revision` grows with everything that shows.

    Both change only under this row's lock. The poll's cursor is the revision.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("case_id", "victim_id"),
        Index("ix_conversations_victim", "victim_id"),
        Index("ix_conversations_waiting", "officer_id", "waiting_since", "id"),
        Index("ix_conversations_recent", "officer_id", "last_activity_at", "id"),
        _index_where_set("ix_conversations_paused", "paused_until"),
        _index_where_set("ix_conversations_unread_due", "unread_due_at"),
        _index_where_set("ix_conversations_to_read", "to_read_since", "force_id"),
        _index_where_set("ix_conversations_force_waiting", "waiting_since", "force_id"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"))
    """The officer in the case, kept in step, so that an inbox is one indexed read."""
    reference_sealed: Mapped[bytes | None]
    reference = sealed()
    """Where its entries go. Kept here, because a case that is no longer eligible is forgotten, and
    what was accepted before goes to the record all the same."""
    earlier_references_sealed: Mapped[bytes | None]
    earlier_references = sealed()
    """Where its entries went before, oldest first, a line each."""
    victim_reference_sealed: Mapped[bytes | None]
    victim_reference = sealed()
    """The case system's id for the victim who joined, which may not be the case's any more."""
    last_sequence: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    """When it began or last had a message: the inbox's order."""
    waiting_since: Mapped[datetime | None]
    """Since when the victim waits for an answer."""
    victim_read_to: Mapped[int] = mapped_column(default=0)
    victim_read_at: Mapped[datetime | None]
    victim_page_at: Mapped[datetime | None]
    """About when a page of the victim's last asked for news: see `app.messages.open_pages`."""
    unread_due_at: Mapped[datetime | None]
    """When the officer is told, if the victim has not read what came by then; once each time."""
    officer_read_to: Mapped[int] = mapped_column(default=0)
    case_shown: Mapped[bytes | None]
    """Fingerprint of what the page shows of the case: a change is news for open pages."""
    paused_until: Mapped[datetime | None]
    """Until then the victim's words go to the contact bureau instead of the officer."""
    to_read_since: Mapped[datetime | None]
    """Since when the contact bureau has words to read that came in a pause."""
    next_reply_on: Mapped[date | None]
    """The day by which the officer said that they would write again. Shown until it is past."""
    needs_a_person: Mapped[int] = mapped_column(default=0)
    """How many of its entries stand at `attention`."""

    case: Mapped[Case] = relationship()


class Message(Row):
    """One message. Nothing but its state ever changes."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sequence"),
        UniqueConstraint("conversation_id", "author_id", "client_id", "fingerprint"),
        Index("ix_messages_revision", "conversation_id", "revision"),
        Index("ix_messages_author_rate", "conversation_id", "author_kind", "sent_at"),
        Index(
            "ix_messages_unrecorded",
            "force_id",
            "state",
            "sent_at",
            postgresql_where=text("state <> 'recorded'"),
            sqlite_where=text("state <> 'recorded'"),
        ),
    )

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    sequence: Mapped[int]
    revision: Mapped[int]
    """The conversation's revision when this message last changed how it shows."""
    author_kind: Mapped[str]
    author_id: Mapped[uuid.UUID]
    client_id: Mapped[str]
    fingerprint: Mapped[bytes]
    """Keyed by the conversation's data key: tells a repeat, and dies with the key."""
    text_sealed: Mapped[bytes]
    author_sealed: Mapped[bytes]
    """The author as named when it was sent (JSON: name, and id or collar): a second try has to
    repeat the first one exactly, whatever people are called by then."""
    sent_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=EntryState.SAVED.value)
    recorded_at: Mapped[datetime | None]


IS_UNRECORDED = Message.state != literal(EntryState.RECORDED.value, literal_execute=True)
"""Written out in the statement, since a database cannot see that a parameter fits the index."""


class EntryWords(Row):
    """What an owed entry says that is no message. Its id is the entry's; it never changes.

    Sealed under the conversation's key, as messages are, and named as things were when it was
    owed: a second try has to repeat the first one exactly.
    """

    __tablename__ = "entry_words"

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    about_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    """The message that it speaks of."""
    said_at: Mapped[datetime]
    is_disclosure: Mapped[bool]
    author_kind: Mapped[str]
    author_sealed: Mapped[bytes]
    """JSON, as a message's."""
    text_sealed: Mapped[bytes]


class CallRequest(Row):
    """That a victim asked to be phoned. Its id is that of its `contact-request` entry, whose words
    say when and on which number. Nothing of it ever changes."""

    __tablename__ = "call_requests"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id", "fingerprint"),
        Index("ix_call_requests_asked", "conversation_id", "asked_at"),
    )

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    client_id: Mapped[str]
    fingerprint: Mapped[bytes]
    """Of its words, as a message's."""
    asked_at: Mapped[datetime]


class Mark(Row):
    """How somebody of the force marked a message: all that it is marked as from then on. A
    correction is another row with a higher number; the database refuses to change or delete one.

    Its id is that of its `marking` entry.
    """

    __tablename__ = "marks"
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    number: Mapped[int]
    """From 1 for each message."""
    is_disclosure: Mapped[bool]
    is_withdrawal: Mapped[bool]
    is_complaint: Mapped[bool]
    marked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officers.id"))
    marked_at: Mapped[datetime]


class RecordedTotal(Base):
    """How many messages of a force are on the record: the sum of its parts."""

    __tablename__ = "recorded_totals"

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(BigInteger)


class KeptText(SealedRow):
    """Words that could not be taken, kept a short while for their author and that case only."""

    __tablename__ = "kept_texts"
    __table_args__ = (
        UniqueConstraint("author_id", "case_id"),
        Index("ix_kept_texts_expires_at", "expires_at"),
    )

    author_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    text_sealed: Mapped[bytes | None]
    text = sealed()
    problem: Mapped[str | None]
    """Code of the error to show beside them; None: only given back."""
    client_id: Mapped[str]
    expires_at: Mapped[datetime]
