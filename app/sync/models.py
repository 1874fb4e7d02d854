"""What workers keep about case systems, besides where their feeds stand."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class OutcomeTotal(Base):
    """How many calls to a force's case system ended in one way."""

    __tablename__ = "sync_outcomes"

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)


class RiskFieldRun(Base):
    """How many cases in a row, newest last, had the same value in one risk field."""

    __tablename__ = "sync_risk_fields"

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    """As JSON where it names nobody (true, false, null), else a fingerprint."""
    cases: Mapped[int]
