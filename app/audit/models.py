"""The append-only record of who did what; the database refuses changes to it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Row, SealedRow


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


class AuditKey(SealedRow):
    """A key under which the record is sealed: this row's data key. A new one is made when the
    first of `ENCRYPTION_KEYS` is another; the old ones stay, wrapped anew, to check old seals."""

    __tablename__ = "audit_keys"

    made_under: Mapped[bytes] = mapped_column(unique=True)
    """Number of the encryption key that was the first then."""
    made_at: Mapped[datetime]


class AuditSeal(Row):
    """A link in the chain that shows changes to the record: the rows after those of the seal before
    it, up to `up_to_id`, as they were. See docs/decisions/0017-sealing-the-audit-record.md."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(unique=True)
    """1, 2, 3 …"""
    key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit_keys.id"))
    up_to_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    row_count: Mapped[int]
    sealed_at: Mapped[datetime]
    seal: Mapped[bytes]
    """HMAC over the seal before this one, the columns above and every row."""
