"""Who may open what: pure rules, asked by every query and before anything is sent.

A person of the force has roles, and a case is tied to people. What somebody may do follows from
both, and no rule here ever lets a person of one force near anything of another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


HELD = "held"


def why_not_open(standing: Standing, now: datetime) -> str | None:
    """The code of what keeps a case from being open online now; None: it is open."""
    if standing.held_at is not None:
        return HELD
    if standing.reason is not None:
        return standing.reason
    if standing.open_until is None or now >= standing.open_until:
        return "assessment-lapsed"
    if not feed_is_fresh(standing.feed_fresh_at, standing.closed_after_hours, now):
        return "feed-too-old"
    return None


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties people of a force to a case. `covers` are those who stand in for its officer."""

    force_id: UUID
    officer_id: UUID | None
    covers: frozenset[UUID] = frozenset()


class Way(StrEnum):
    """As what somebody of the force opens a case."""

    OFFICER_IN_CASE = "officer-in-case"
    COVER = "cover"
    SUPERVISOR = "supervisor"
    CONTACT_BUREAU = "contact-bureau"


_IN_CHARGE = frozenset({Way.OFFICER_IN_CASE, Way.COVER})
_OVER_THE_FORCE = frozenset({Role.SUPERVISOR, Role.CONTACT_BUREAU})


def way_into(viewer: OfficerViewer, ties: Ties) -> Way | None:
    """As what this person may open the case, the nearest tie first; None: not at all.

    Administrators and auditors open no case, and no officer another's.
    """
    if viewer.force_id != ties.force_id:
        return None
    if Role.OFFICER in viewer.roles:
        if viewer.id == ties.officer_id:
            return Way.OFFICER_IN_CASE
        if viewer.id in ties.covers:
            return Way.COVER
    if Role.SUPERVISOR in viewer.roles:
        return Way.SUPERVISOR
    if Role.CONTACT_BUREAU in viewer.roles:
        return Way.CONTACT_BUREAU
    return None


def is_in_charge(way: Way | None) -> bool:
    """The officer in the case and their cover: they write, and need give no reason to read."""
    return way in _IN_CHARGE


def needs_reason(way: Way) -> bool:
    """Whoever opens another's conversation says first what for."""
    return way not in _IN_CHARGE


def may_supervise(viewer: OfficerViewer, ties: Ties) -> bool:
    """Lift a hold, end a pause."""
    return viewer.force_id == ties.force_id and Role.SUPERVISOR in viewer.roles


def may_pause(viewer: OfficerViewer, ties: Ties) -> bool:
    """Never the officer alone: a supervisor who is also in charge of the case asks another one."""
    return may_supervise(viewer, ties) and not is_in_charge(way_into(viewer, ties))


def sees_whole_force(viewer: OfficerViewer) -> bool:
    """The force's conversations and tasks as lists, and a case by its reference."""
    return not _OVER_THE_FORCE.isdisjoint(viewer.roles)


def is_force_admin(viewer: OfficerViewer) -> bool:
    """The settings and the officers' accounts, to look at; never a case."""
    return Role.FORCE_ADMIN in viewer.roles


def is_auditor(viewer: OfficerViewer) -> bool:
    """The audit record and figures; never a case."""
    return Role.AUDITOR in viewer.roles


def may_be_complained_about(viewer: OfficerViewer, ties: Ties) -> bool:
    """Whoever is tied to the case as its officer or cover, whatever else they are."""
    return viewer.id == ties.officer_id or viewer.id in ties.covers


def may_see_task(
    viewer: OfficerViewer, ties: Ties, *, is_for_admin: bool, is_about_officer: bool = False
) -> bool:
    """Those who can do it: the officer in the case, whoever sees the whole force, and for what is
    technical the administrators (`is_for_admin`). What is about the officer (`is_about_officer`)
    is for those alone who see the whole force and are not tied to the case. `tasks.tasks_for` asks
    the database the same."""
    if viewer.force_id != ties.force_id:
        return False
    if is_about_officer:
        return sees_whole_force(viewer) and not may_be_complained_about(viewer, ties)
    if sees_whole_force(viewer) or (is_for_admin and is_force_admin(viewer)):
        return True
    return is_in_charge(way_into(viewer, ties))
