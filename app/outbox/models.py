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
    __table_args__ = (Index("ix_outbox_streams_due_at", "due_at"),)

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    due_at: Mapped[datetime | None]
    """When its first unsent entry may be tried; None: nothing is owed."""
    lease_token: Mapped[uuid.UUID | None]
    leased_until: Mapped[datetime | None]


class ForceWait(Base):
    """A force whose case system refused the token: nothing is sent to it before `until`."""

    __tablename__ = "outbox_force_waits"

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    until: Mapped[datetime]


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
    )

    stream_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outbox_streams.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    position: Mapped[int]
    kind: Mapped[str]
    priority: Mapped[str] = mapped_column(default="normal")
    state: Mapped[str] = mapped_column(default=EntryState.SAVED.value)
    owed_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    receipts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """One a part, in order: `{"entryId", "recordedAt"}`; a restart goes on behind the last."""
    problem: Mapped[str | None]
    """Reason code of the last failure."""


IS_UNRECORDED = OwedEntry.state != literal(EntryState.RECORDED.value, literal_execute=True)
"""Written out in the statement, since a database cannot see that a parameter fits the index."""
