"""Telling operators that a feed grows old, before cases close because of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.forces.queries import all_forces, feed_of_record
from app.sync.rules import FeedStanding, feed_standing

log = structlog.get_logger(__name__)


class FeedWatch:
    """Says once each time that a force's feed gets older or is fresh again."""

    def __init__(self) -> None:
        self._said: dict[UUID, StrEnum] = {}

    def look(self, session: Session, now: datetime) -> dict[UUID, FeedStanding]:
        """How every force's feed stands; what changed since the last look goes to the log."""
        standings: dict[UUID, FeedStanding] = {}
        for force in all_forces(session):
            feed = feed_of_record(session, force)
            age = now - feed.fresh_at if feed and feed.fresh_at else None
            settings = force.settings
            standing = feed_standing(
                age,
                stale_after_hours=settings.stale_after_hours,
                closed_after_hours=settings.closed_after_hours,
            )
            standings[force.id] = standing
            if standing != self._said.get(force.id, FeedStanding.FRESH):
                problem = feed.problem if feed else None
                tell = log.info if standing is FeedStanding.FRESH else log.warning
                tell("feed", force=force.slug, standing=standing.value, problem=problem)
            self._said[force.id] = standing
        return standings
