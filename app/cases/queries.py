"""Reading cases, always as somebody or for a named piece of work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Victim
from app.accounts.viewers import OfficerViewer, VictimViewer
from app.cases.access import (
    Standing,
    Ties,
    Way,
    is_in_charge,
    may_supervise,
    needs_reason,
    way_into,
    why_not_open,
)
from app.cases.facts import CaseFacts, facts_from_json
from app.cases.indexes import Lookup
from app.cases.models import Case, CaseReference, Enrolment, GivenReason, Invitation
from app.forces.models import Feed, Force
from app.forces.queries import feed_of_record


class CaseNotOpen(Exception):
    """This viewer may not see this case. `why` is a code for the audit, never for a screen."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ReasonIsNeeded(CaseNotOpen):
    """This viewer may open the case, and has to say first what for."""

    def __init__(self, case: Case) -> None:
        super().__init__("reason-needed")
        self.case = case


def facts_of(case: Case) -> CaseFacts | None:
    """What the case system last said, where it is kept."""
    text = case.facts_text
    return None if text is None else facts_from_json(json.loads(text))


def standing_of(case: Case, feed: Feed | None, force: Force) -> Standing:
    return Standing(
        reason=case.reason,
        held_at=case.held_at,
        open_until=case.open_until,
        feed_fresh_at=feed.fresh_at if feed else None,
        closed_after_hours=force.closed_after_hours,
    )


def why_case_is_not_open(session: Session, case: Case, now: datetime) -> str | None:
    """The reason code that keeps this case closed to its victim now; None: it is open."""
    return why_not_open(standing_of(case, feed_of_record(session, case.force), case.force), now)


def open_cases_of(session: Session, victim: VictimViewer, now: datetime) -> list[Case]:
    """The cases that this victim joined and may open now, oldest joining first."""
    rows = session.scalars(
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == victim.id, Enrolment.ended_at.is_(None))
        .options(joinedload(Case.force), joinedload(Case.officer))
        .order_by(Enrolment.joined_at, Enrolment.id)
    ).all()
    return [case for case in rows if why_case_is_not_open(session, case, now) is None]


def forces_of(session: Session, victim: VictimViewer) -> Sequence[Force]:
    """The forces of the cases that this victim joined, as far as none of them is on hold."""
    joined = (
        select(Case.force_id)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(
            Enrolment.victim_id == victim.id,
            Enrolment.ended_at.is_(None),
            Case.held_at.is_(None),
        )
    )
    return session.scalars(select(Force).where(Force.id.in_(joined)).order_by(Force.slug)).all()


def joined_case(session: Session, victim: VictimViewer, case_id: UUID) -> Case:
    """A case that this victim has joined, open or not.

    Raises:
        CaseNotOpen: no such case, or it is not this victim's.
    """
    case = session.scalar(_joined(victim, case_id))
    if case is None:
        raise CaseNotOpen("not-joined")
    return case


def lock_joined_case(session: Session, victim: VictimViewer, case_id: UUID) -> Case | None:
    """A case that this victim has joined, open or not, as it is now, under a shared lock: nobody
    closes it or puts it on hold until this transaction ends. None: not this victim's."""
    return session.scalar(
        _joined(victim, case_id)
        .with_for_update(of=Case, read=True)
        .execution_options(populate_existing=True)
    )


def _joined(victim: VictimViewer, case_id: UUID) -> Select[Case]:
    return (
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Case.id == case_id, Enrolment.victim_id == victim.id, Enrolment.ended_at.is_(None))
        .options(joinedload(Case.force), joinedload(Case.officer))
    )


def open_case(session: Session, victim: VictimViewer, case_id: UUID, now: datetime) -> Case:
    """A case that this victim has joined and may see now.

    Raises:
        CaseNotOpen: unknown, another's, held, no longer eligible, or the feed is too old.
    """
    case = joined_case(session, victim, case_id)
    why = why_case_is_not_open(session, case, now)
    if why is not None:
        raise CaseNotOpen(why)
    return case


def ties_of(case: Case) -> Ties:
    """Who is tied to a case. (Cover will be read here, once there is any.)"""
    return Ties(force_id=case.force_id, officer_id=case.officer_id)


def case_for_officer(
    session: Session, viewer: OfficerViewer, case_id: UUID, now: datetime
) -> tuple[Case, Way]:
    """A case that this person of the force may look at, and as what.

    Raises:
        ReasonIsNeeded: theirs to open, after they said what for.
        CaseNotOpen: unknown, not theirs, or nothing of it is kept here.
    """
    case = _case_of_force(session, viewer, case_id)
    way = way_into(viewer, ties_of(case))
    if way is None:
        raise CaseNotOpen("not-theirs")
    if needs_reason(way) and not has_given_reason(session, viewer, case_id, now):
        raise ReasonIsNeeded(case)
    return case, way


def case_in_charge(session: Session, viewer: OfficerViewer, case_id: UUID) -> Case:
    """A case in which this officer writes and decides.

    Raises:
        CaseNotOpen: unknown, not theirs to act in, or nothing of it is kept here.
    """
    case = _case_of_force(session, viewer, case_id)
    if not is_in_charge(way_into(viewer, ties_of(case))):
        raise CaseNotOpen("not-in-charge")
    return case


def case_to_supervise(
    session: Session, viewer: OfficerViewer, case_id: UUID, now: datetime
) -> Case:
    """A case that this supervisor has open.

    Raises:
        ReasonIsNeeded, CaseNotOpen: as for looking at it; not a supervisor of its force.
    """
    if not may_supervise(viewer, ties_of(_case_of_force(session, viewer, case_id))):
        raise CaseNotOpen("not-a-supervisor")
    return case_for_officer(session, viewer, case_id, now)[0]


def case_to_give_a_reason_for(session: Session, viewer: OfficerViewer, case_id: UUID) -> Case:
    """A case that this person may open after giving a reason.

    Raises:
        CaseNotOpen: unknown, not theirs to open, or theirs without a reason.
    """
    case = _case_of_force(session, viewer, case_id)
    way = way_into(viewer, ties_of(case))
    if way is None or not needs_reason(way):
        raise CaseNotOpen("not-theirs")
    return case


def has_given_reason(session: Session, viewer: OfficerViewer, case_id: UUID, now: datetime) -> bool:
    """Whether this person gave a reason to open the case, and it still lasts."""
    found = session.scalar(
        select(GivenReason.id)
        .where(
            GivenReason.officer_id == viewer.id,
            GivenReason.case_id == case_id,
            GivenReason.lasts_until > now,
        )
        .limit(1)
    )
    return found is not None


def _case_of_force(session: Session, viewer: OfficerViewer, case_id: UUID) -> Case:
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id, Case.force_id == viewer.force_id)
        .options(joinedload(Case.force), joinedload(Case.officer))
    )
    if case is None or case.wrapped_key is None:
        raise CaseNotOpen("unknown")
    return case


def enrolment_of(session: Session, case_id: UUID) -> Enrolment | None:
    """The current enrolment of a case."""
    return session.scalar(
        select(Enrolment)
        .where(Enrolment.case_id == case_id, Enrolment.ended_at.is_(None))
        .options(joinedload(Enrolment.victim).selectinload(Victim.addresses))
    )


def case_by_reference(session: Session, force_id: UUID, reference: Lookup) -> Case | None:
    """The case that has, or had, this reference."""
    return session.scalar(
        select(Case)
        .join(CaseReference, CaseReference.case_id == Case.id)
        .where(CaseReference.force_id == force_id, CaseReference.reference_index.in_(reference.all))
        .options(joinedload(Case.force))
    )


def reference_known_as(session: Session, force_id: UUID, reference: Lookup) -> CaseReference | None:
    """A reference as it is kept, of whatever case."""
    return session.scalar(
        select(CaseReference).where(
            CaseReference.force_id == force_id, CaseReference.reference_index.in_(reference.all)
        )
    )


def same_person(
    force_id: UUID, victim: Lookup | None, person: Lookup | None
) -> ColumnElement[bool]:
    """Picks the cases of that force with the same victim id, or the same name and birth date."""
    same: list[ColumnElement[bool]] = []
    if victim is not None:
        same.append(Case.victim_index.in_(victim.all))
    if person is not None:
        same.append(Case.person_index.in_(person.all))
    return and_(Case.force_id == force_id, or_(false(), *same))


def is_danger_elsewhere(
    session: Session,
    force_id: UUID,
    victim: Lookup | None,
    person: Lookup | None,
    *,
    but: UUID,
    now: datetime,
) -> bool:
    """Whether another case of the same person, or any of their cases under a reference that it no
    longer has, is a danger that has not ended."""
    is_same = same_person(force_id, victim, person)
    another = select(Case.id).where(
        is_same,
        Case.id != but,
        Case.is_danger,
        or_(Case.danger_until.is_(None), Case.danger_until > now),
    )
    old = (
        select(Case.id)
        .join(CaseReference, CaseReference.case_id == Case.id)
        .where(
            is_same,
            CaseReference.danger_told_at.is_not(None),
            or_(CaseReference.danger_until.is_(None), CaseReference.danger_until > now),
        )
    )
    return any(session.scalar(found.limit(1)) is not None for found in (another, old))


def is_person_on_hold(
    session: Session, force_id: UUID, victim: Lookup | None, person: Lookup | None
) -> bool:
    """Whether any case of this person is in a safeguarding hold."""
    found = session.scalar(
        select(Case.id)
        .where(same_person(force_id, victim, person), Case.held_at.is_not(None))
        .limit(1)
    )
    return found is not None


def locked_cases(session: Session, ids: Iterable[UUID]) -> Sequence[Case]:
    """These cases as they are now, locked in the order of their ids: everybody's order.

    Rows that only point at a case (a message's notice, a task) can still be stored meanwhile:
    whoever stores them holds a conversation's lock that the case's holder may want next.
    """
    return session.scalars(
        select(Case)
        .where(Case.id.in_(set(ids)))
        .order_by(Case.id)
        .with_for_update(of=Case, key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def lock_case(session: Session, case: Case) -> None:
    """Lock a case and see it as it is now."""
    locked_cases(session, [case.id])


def outstanding_invitation(session: Session, case_id: UUID, now: datetime) -> Invitation | None:
    """The newest invitation of a case that could still be answered."""
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.case_id == case_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.made_at.desc())
        .limit(1)
    )


def newest_invitation(session: Session, case_id: UUID) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .where(Invitation.case_id == case_id)
        .order_by(Invitation.made_at.desc())
        .limit(1)
    )
