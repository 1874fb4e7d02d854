"""A victim leaves the portal: the record stays, the case goes on, the officer is told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions import close_victim
from app.accounts.models import Victim
from app.accounts.viewers import VictimViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Enrolment, InvitationState, TaskKind
from app.cases.queries import locked_cases
from app.cases.tasks import open_task
from app.notifications.actions import cancel_for_victim


def leave_portal(session: Session, victim_id: UUID, now: datetime) -> None:
    """End the account and all that it joined. Lock order: cases, account, as a hold has it.

    Nothing that was written is deleted, and what is owed to the case record goes there. The address
    is free again, so that the same person can be invited anew. Sessions are the caller's to end.
    """
    joined = select(Enrolment).where(Enrolment.victim_id == victim_id, Enrolment.ended_at.is_(None))
    ids = [each.case_id for each in session.scalars(joined)]
    cases = {case.id: case for case in locked_cases(session, ids)}
    victim = session.scalars(
        select(Victim)
        .where(Victim.id == victim_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    for enrolment in session.scalars(joined.execution_options(populate_existing=True)):
        case = cases.get(enrolment.case_id)
        if case is None:
            continue
        enrolment.ended_at = now
        case.invitation_state = InvitationState.LEFT.value
        # Whoever joins next was told nothing.
        case.released_status = None
        open_task(session, case, TaskKind.VICTIM_LEFT, now, subject_id=enrolment.id)
        audit.record(
            session,
            Action.VICTIM_LEFT,
            VictimViewer(victim_id).actor,
            force_id=case.force_id,
            case_id=case.id,
            subject_id=enrolment.id,
        )
    session.flush()
    cancel_for_victim(session, victim_id)
    close_victim(session, victim, now)
