"""Notices owed to people; what is in them is gone once they are handed over."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import SealedRow, sealed


class NoticeState(StrEnum):
    OWED = "owed"
    HANDED_OVER = "handed-over"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Notice(SealedRow):
    """One text to one address. Address and contents are sealed under the notice's own key,
    which is destroyed when the notice was handed over or cancelled."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_due",
            "due_at",
            postgresql_where=text("state = 'owed'"),
            sqlite_where=text("state = 'owed'"),
        ),
        Index(
            "ix_notices_fate_due",
            "fate_due_at",
            postgresql_where=text("fate_due_at IS NOT NULL"),
            sqlite_where=text("fate_due_at IS NOT NULL"),
        ),
        Index("ix_notices_victim", "victim_id"),
        Index("ix_notices_case", "case_id"),
    )

    template: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    to_sealed: Mapped[bytes | None]
    to = sealed()
    context_sealed: Mapped[bytes | None]
    context = sealed()
    """What the text needs (a link, a code), as a JSON object."""
    force_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("forces.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cases.id"))
    victim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("victims.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"))
    subject_id: Mapped[uuid.UUID | None]
    """The invitation or the code that this notice carries; of an update, the victim's address."""
    repeats_id: Mapped[uuid.UUID | None]
    """The notice that this one says again, if nobody has come by then."""
    state: Mapped[str] = mapped_column(default=NoticeState.OWED.value)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """Of no use afterwards (a code's ten minutes): cancelled instead of sent."""
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    fate_due_at: Mapped[datetime | None]
    """When to ask the sender what became of it, where the sender can tell."""
    problem: Mapped[str | None]
