"""How the way into the record is doing, for operators."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.forces.models import Force
from app.forces.queries import all_forces, feed_of_record
from app.messages.totals import counts


@dataclass(frozen=True, slots=True)
class ForceStatus:
    """Counts of messages, which exclude each other; seconds are None where there is nothing."""

    saved: int
    recorded: int
    attention: int
    waiting_for_cutover: int
    oldest_saved_seconds: float | None
    system: str
    feed_age_seconds: float | None


def status_of_all(session: Session, now: datetime) -> dict[str, ForceStatus]:
    """The status of every force, by slug."""
    return {force.slug: _status_of(session, force, now) for force in all_forces(session)}


def _status_of(session: Session, force: Force, now: datetime) -> ForceStatus:
    found = counts(session, force.id, now)
    feed = feed_of_record(session, force)
    fresh_at = feed.fresh_at if feed else None
    return ForceStatus(
        saved=found.saved,
        recorded=found.recorded,
        attention=found.attention,
        waiting_for_cutover=0,
        oldest_saved_seconds=found.oldest_saved_seconds,
        system=force.settings.case_system.profile,
        feed_age_seconds=(now - fresh_at).total_seconds() if fresh_at else None,
    )


def as_json(forces: dict[str, ForceStatus]) -> dict[str, object]:
    """Totals, and the same for each force."""
    ages = [
        status.oldest_saved_seconds
        for status in forces.values()
        if status.oldest_saved_seconds is not None
    ]
    return {
        "saved": sum(status.saved for status in forces.values()),
        "recorded": sum(status.recorded for status in forces.values()),
        "attention": sum(status.attention for status in forces.values()),
        "waiting_for_cutover": sum(status.waiting_for_cutover for status in forces.values()),
        "oldest_saved_seconds": max(ages, default=None),
        "forces": {slug: asdict(status) for slug, status in forces.items()},
    }
