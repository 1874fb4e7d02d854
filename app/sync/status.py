"""How the way into the record is doing, for operators."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.forces.models import Force
from app.forces.queries import all_forces, feed_of_record
from app.messages.totals import counts
from app.outbox.breakers import asked_pauses, open_breakers
from app.sync.risk_fields import constant_fields


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


@dataclass(frozen=True, slots=True)
class Trouble:
    """What operators should know of one force's case system besides its figures, in words."""

    force: str
    line: str


def troubles(session: Session, now: datetime) -> list[Trouble]:
    """Feeds that fail, breakers that are open, pauses, and risk fields that never vary."""
    forces = all_forces(session)
    slugs = {force.id: force.slug for force in forces}
    found = []
    for force in forces:
        feed = feed_of_record(session, force)
        if feed is not None and feed.problem is not None:
            found.append(Trouble(force.slug, f"the feed failed at the last try ({feed.problem})"))
    for pause in asked_pauses(session, now):
        left = (pause.not_before - now).total_seconds() if pause.not_before else 0
        line = f"nothing is sent for {left:.0f} s more, as the case system asked"
        found.append(Trouble(slugs[pause.force_id], line))
    for breaker in open_breakers(session):
        since = (now - breaker.open_since).total_seconds() if breaker.open_since else 0
        line = f"nothing is sent ({breaker.why}) for {since:.0f} s, but for a trial now and then"
        found.append(Trouble(slugs[breaker.force_id], line))
    for run in constant_fields(session):
        told = "the same" if run.value.startswith("#") else run.value
        line = f"{run.field} has been {told} in the last {run.cases} new cases ({run.system})"
        found.append(Trouble(slugs[run.force_id], line))
    return found


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
