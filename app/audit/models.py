"""The append-only record of who did what; the database refuses changes to it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class AuditRow(Base):
    """One thing that happened. No names, addresses or words of messages, ever."""

    __tablename__ = "audit_rows"
    __table_args__ = (
        Index("ix_audit_rows_case", "case_id", "id"),
        Index("ix_audit_rows_force", "force_id", "id"),
        Index("ix_audit_rows_day", "force_id", "at", "action"),
        Index("ix_audit_rows_action", "force_id", "action", "id"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    force_id: Mapped[uuid.UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    case_id: Mapped[uuid.UUID | None]
    subject_id: Mapped[uuid.UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
