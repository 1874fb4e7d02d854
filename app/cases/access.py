"""Who may open what: pure rules, asked by every query and before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.viewers import OfficerViewer, Role
from app.cases.rules import feed_is_fresh


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a case's eligibility when somebody asks for it."""

    reason: str | None
    held_at: datetime | None
    open_until: datetime | None
    feed_fresh_at: datetime | None
    closed_after_hours: int


def why_not_open(standing: Standing, now: datetime) -> str | None:
    """The code of what keeps a case from being open online now; None: it is open."""
    if standing.held_at is not None:
        return "held"
    if standing.reason is not None:
        return standing.reason
    if standing.open_until is None or now >= standing.open_until:
        return "assessment-lapsed"
    if not feed_is_fresh(standing.feed_fresh_at, standing.closed_after_hours, now):
        return "feed-too-old"
    return None


def officer_may_open(viewer: OfficerViewer, *, force_id: UUID, officer_id: UUID | None) -> bool:
    """Only the officer in the case, within the own force. Role alone opens nothing yet."""
    return (
        viewer.force_id == force_id
        and officer_id is not None
        and viewer.id == officer_id
        and Role.OFFICER in viewer.roles
    )
