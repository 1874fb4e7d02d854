"""The safeguarding hold: the door closes at once and in silence, for all cases of the person."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.models import Case, Enrolment, TaskKind
from app.cases.tasks import open_task
from app.notifications.actions import cancel_for_case, cancel_for_victim

MAKE_CONTACT_WITHIN = timedelta(days=1)


def place_hold(session: Session, victim_id: UUID, reason: str, now: datetime) -> None:
    """Hold every case that this victim has joined; cancel all notices to them. Repeatable.

    The rows are locked in the order of their ids; whoever hands over a notice locks them too.
    """
    cases = session.scalars(
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == victim_id, Enrolment.ended_at.is_(None))
        .order_by(Case.id)
        .with_for_update(of=Case)
    ).all()
    for case in cases:
        if case.held_at is not None:
            continue
        case.held_at = now
        cancel_for_case(session, case.id)
        open_task(session, case, TaskKind.SAFEGUARDING_HOLD, now, due_at=now + MAKE_CONTACT_WITHIN)
        audit.record(
            session,
            Action.CASE_HELD,
            WORKER,
            force_id=case.force_id,
            case_id=case.id,
            reason=reason,
        )
    cancel_for_victim(session, victim_id)
