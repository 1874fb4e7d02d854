"""People whom this service did not reach: their officers are told to use the agreed way.

What was not read or not used online has told nobody anything, however it was sent.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session, contains_eager

from app.accounts.models import PUSH, Victim, VictimAddress
from app.accounts.push import forget_gone_push
from app.accounts.telling import note_bounce
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.models import (
    IS_UNUSED,
    Case,
    Enrolment,
    Invitation,
    InvitationState,
    Task,
    TaskKind,
)
from app.cases.working_days import end_of_working_day
from app.database import Database
from app.notifications.models import Notice
from app.notifications.templates import INVITATION

USE_THE_AGREED_WAY_WITHIN = 1
"""Working days."""
BATCH = 500
BATCHES_AT_ONCE = 20


def tell_officers(
    session: Session, kind: TaskKind, about: Collection[tuple[Case, UUID]], now: datetime
) -> int:
    """Open a task for each case and subject, unless the same one is open; how many were opened."""
    open_already = {
        (case_id, subject_id)
        for case_id, subject_id in session.execute(
            select(Task.case_id, Task.subject_id).where(
                Task.case_id.in_({case.id for case, _ in about}),
                Task.kind == kind.value,
                Task.done_at.is_(None),
            )
        )
    }
    wanted = [each for each in about if (each[0].id, each[1]) not in open_already]
    due_at = end_of_working_day(USE_THE_AGREED_WAY_WITHIN, after=now)
    for case, subject_id in wanted:
        session.add(
            Task(
                case_id=case.id,
                force_id=case.force_id,
                kind=kind.value,
                made_at=now,
                due_at=due_at,
                subject_id=subject_id,
            )
        )
        audit.record(
            session,
            Action.NOT_REACHED,
            WORKER,
            force_id=case.force_id,
            case_id=case.id,
            subject_id=subject_id,
            why=kind.value,
        )
    return len(wanted)


def is_worth_telling(case: Case) -> bool:
    """Not of a case on hold, of which the officer knows already, nor of a closed one."""
    return case.held_at is None and case.status != "closed"


def note_bounced_notice(session: Session, notice: Notice, now: datetime) -> None:
    """A notice's address takes nothing: no news goes there any more, and the officer is told.

    Called as the notice is handed over, or later, when its contents are gone.
    """
    if notice.template == INVITATION and notice.case_id is not None:
        case = session.get_one(Case, notice.case_id)
        tell_officers(
            session, TaskKind.ADDRESS_BOUNCED, [(case, notice.subject_id or case.id)], now
        )
        return
    if notice.channel == PUSH:
        if notice.subject_id is not None and forget_gone_push(session, notice.subject_id):
            _tell_of_bounce(session, notice.victim_id, notice.subject_id, now)
        return
    address = _address_of(session, notice)
    if address is not None and note_bounce(session, address, now):
        _tell_of_bounce(session, address.victim_id, address.id, now)


def _tell_of_bounce(
    session: Session, victim_id: UUID | None, address_id: UUID, now: datetime
) -> None:
    cases = session.scalars(
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == victim_id, Enrolment.ended_at.is_(None))
    ).all()
    about = [(case, address_id) for case in cases if case.held_at is None]
    tell_officers(session, TaskKind.ADDRESS_BOUNCED, about, now)


def _address_of(session: Session, notice: Notice) -> VictimAddress | None:
    """The victim's address that a notice went to, if it still is theirs."""
    victim = session.get(Victim, notice.victim_id) if notice.victim_id else None
    for each in victim.addresses if victim else []:
        if each.id == notice.subject_id or (notice.to_sealed and each.value == notice.to):
            return each
    return None


def note_unused_invitations(database: Database, now: datetime) -> int:
    """Tell officers of invitations that ran out without anybody using them; how many ran out."""
    gone = 0
    for _ in range(BATCHES_AT_ONCE):
        with database.writing() as session:
            unused = session.scalars(
                select(Invitation)
                .join(Invitation.case)
                .where(Invitation.expires_at <= now, text(_IS_UNUSED))
                .order_by(Invitation.expires_at)
                .limit(BATCH)
                .options(contains_eager(Invitation.case))
                .with_for_update(of=Invitation, skip_locked=True)
            ).all()
            for each in unused:
                each.unused_told_at = now
            about = [(each.case, each.id) for each in unused if _is_still_wanted(each)]
            tell_officers(session, TaskKind.INVITATION_UNUSED, about, now)
        gone += len(unused)
        if len(unused) < BATCH:
            break
    return gone


_IS_UNUSED = " AND ".join(f"invitations.{each}" for each in IS_UNUSED.split(" AND "))


def _is_still_wanted(invitation: Invitation) -> bool:
    case = invitation.case
    return case.invitation_state == InvitationState.INVITED.value and is_worth_telling(case)
