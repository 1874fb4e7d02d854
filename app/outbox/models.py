"""Entries owed to case systems, in streams that keep their order."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Row


class EntryState(StrEnum):
    """Where an entry stands; the same words are on every message."""

    SAVED = "saved"
    RECORDED = "recorded"
    ATTENTION = "attention"


class Stream(Row):
    """The entries of one conversation (same id), delivered one after the other.

    A worker claims a stream, never an entry: skipping locked rows would break the order.
    """

    __tablename__ = "outbox_streams"
    __table_args__ = (
        Index("ix_outbox_streams_due", "force_id", "due_at"),
        Index(
            "ix_outbox_streams_urgent",
            "force_id",
            "due_at",
            postgresql_where=text("urgent_since IS NOT NULL"),
            sqlite_where=text("urgent_since IS NOT NULL"),
        ),
    )

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    due_at: Mapped[datetime | None]
    """When its first unsent entry may be tried; None: nothing is owed."""
    lease_token: Mapped[uuid.UUID | None]
    leased_until: Mapped[datetime | None]
    urgent_since: Mapped[datetime | None]
    """Since when it holds an entry of high priority: it overtakes other streams, never itself."""


class Breaker(Base):
    """What keeps a force whose case system gives no usable answers from being called in vain.

    While it is open nothing is sent before `until`; then one worker makes one trial call.
    """

    __tablename__ = "outbox_breakers"

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """Calls that failed one after the other, each for another stream than the one before."""
    last_stream_id: Mapped[uuid.UUID | None]
    open_since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """The case system asked us to wait: nothing is sent before, open or not, and no trial."""
    why: Mapped[str | None]
    """`no-answer`, or `locked-out`: the token is refused."""


class OwedEntry(Row):
    """One entry owed. Its id is the entry's `externalId`; its words stay with their subject."""

    __tablename__ = "outbox_entries"
    __table_args__ = (
        UniqueConstraint("stream_id", "position"),
        Index(
            "ix_outbox_entries_unrecorded",
            "stream_id",
            "position",
            postgresql_where=text("state <> 'recorded'"),
            sqlite_where=text("state <> 'recorded'"),
        ),
        Index(
            "ix_outbox_entries_urgent",
            "owed_at",
            postgresql_where=text("priority = 'high' AND state <> 'recorded'"),
            sqlite_where=text("priority = 'high' AND state <> 'recorded'"),
        ),
    )

    stream_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outbox_streams.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    position: Mapped[int]
    """The order within the stream, from 1. Messages have a number of their own besides."""
    kind: Mapped[str]
    priority: Mapped[str] = mapped_column(default="normal")
    state: Mapped[str] = mapped_column(default=EntryState.SAVED.value)
    owed_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    not_found_since: Mapped[datetime | None]
    """Since when every answer has been that there is no such case."""
    alive_until: Mapped[datetime | None]
    """Until when the last call may still take effect; None: the fate of every call is known."""
    tried_under_sealed: Mapped[bytes | None]
    """The reference under which that call was made, where the case has another one by now; opened
    with the conversation's key."""
    receipts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """One a part, in order: `{"entryId", "recordedAt"}`; a restart goes on behind the last."""
    problem: Mapped[str | None]
    """Reason code of the last failure."""
    hand_reason_sealed: Mapped[bytes | None]
    """Why a person recorded it by hand, in their words; opened with the conversation's key."""


IS_UNRECORDED = OwedEntry.state != literal(EntryState.RECORDED.value, literal_execute=True)
"""Written out in the statement, since a database cannot see that a parameter fits the index."""
