"""Forces, and where the reading of each one's change feed stands."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Row
from app.forces.settings import ForceSettings, from_json


class Force(Row):
    """One police force: a controller of its own. `settings` is its whole entry in the file."""

    __tablename__ = "forces"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str]
    closed_after_hours: Mapped[int]
    settings_json: Mapped[dict[str, Any]] = mapped_column("settings", JSON)

    feeds: Mapped[list[Feed]] = relationship(back_populates="force")

    @property
    def settings(self) -> ForceSettings:
        return _settings(json.dumps(self.settings_json))

    @hybrid_property
    def record_system(self) -> str:
        """The profile of the case system that is the force's record now; also for statements."""
        return str(self.settings_json["case_system"]["profile"])

    @record_system.inplace.expression
    @classmethod
    def _record_system(cls) -> ColumnElement[str]:
        profile: ColumnElement[str] = cls.settings_json[("case_system", "profile")].as_string()
        return profile


@lru_cache(maxsize=256)
def _settings(stored: str) -> ForceSettings:
    """Read with all its checks once, not for every page that shows a case of the force."""
    return from_json(json.loads(stored))


class Feed(Row):
    """The change feed of one case system of one force, and how far it was read."""

    __tablename__ = "feeds"
    __table_args__ = (UniqueConstraint("force_id", "system"),)

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    system: Mapped[str]
    cursor: Mapped[str | None]
    reading_since: Mapped[datetime | None]
    """Start of the read that is under way; kept over a crash, so that age stays honest."""
    fresh_at: Mapped[datetime | None]
    """Start of the last read that reached the end: the feed's age counts from here."""
    invites: Mapped[bool] = mapped_column(default=False)
    """False during the first complete read and a re-read: they invite nobody."""
    due_at: Mapped[datetime | None]
    lease_token: Mapped[uuid.UUID | None]
    leased_until: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Why the last attempt failed, for operators; no personal data."""

    force: Mapped[Force] = relationship(back_populates="feeds")
