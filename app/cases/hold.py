"""The safeguarding hold: the door closes at once and in silence, for all cases of the person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.models import Victim
from app.accounts.push import forget_push_of
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.facts import CaseFacts
from app.cases.indexes import CaseIndexes
from app.cases.invitations import revoke_invitations
from app.cases.models import Case, Enrolment, TaskKind
from app.cases.queries import enrolment_of, facts_of, locked_cases, same_person
from app.cases.tasks import open_task
from app.cases.working_days import end_of_working_day
from app.database import keyring_of
from app.notifications.actions import cancel_for_case, cancel_for_victim

MAKE_CONTACT_WITHIN = 1
"""Working days."""

HELD_ELSEWHERE = "held-elsewhere"
"""The reason of a hold, in the audit of a force other than the one that brought it."""


def place_hold(
    session: Session, case: Case, facts: CaseFacts, victim_id: UUID, now: datetime
) -> None:
    """Hold every case that this case's victim has joined, and all that the same person joined
    under another account of this force; cancel all notices and invitations to them, and forget
    the device on which they are told. Repeatable.

    Lock order: cases by id (whoever hands over a notice locks them in that order too), then
    accounts, so that nobody joins a further case unseen.
    """
    victims = _accounts(session, case, facts, victim_id)
    locked_cases(session, _cases(session, case, facts, victims))
    session.execute(
        select(Victim.id)
        .where(Victim.id.in_(victims))
        .order_by(Victim.id)
        .with_for_update(key_share=True)
    )
    # Asked again: somebody may have joined a case before the accounts were locked.
    for held in locked_cases(session, _cases(session, case, facts, victims)):
        is_joined = session.scalar(
            select(Enrolment.id).where(
                Enrolment.case_id == held.id,
                Enrolment.victim_id.in_(victims),
                Enrolment.ended_at.is_(None),
            )
        )
        cancel_for_case(session, held.id)
        if is_joined is None:
            revoke_invitations(session, held, now)
        elif held.held_at is None:
            # What stands against a case is for its own force to know.
            is_ours = held.force_id == case.force_id
            _hold(session, held, case.reason if is_ours else HELD_ELSEWHERE, now)
    for each in victims:
        cancel_for_victim(session, each)
        forget_push_of(session, each, why="hold")


def cases_of_person(session: Session, case: Case) -> list[UUID]:
    """Ids of the cases that a hold of this case would lock, as far as the case is known."""
    facts = facts_of(case)
    if facts is None:
        return []
    accounts = _accounts(session, case, facts, _victim_of(session, case))
    return _cases(session, case, facts, accounts)


def known_of_person(session: Session, case: Case) -> tuple[list[UUID], list[UUID]]:
    """Ids of this case's person's cases, also of those of which only hashes are kept, and of their
    accounts; as far as the case is known."""
    facts = facts_of(case)
    if facts is None:
        return [], []
    accounts = _accounts(session, case, facts, _victim_of(session, case))
    hashed = session.scalars(select(Case.id).where(_of_same_person(session, case, facts)))
    return [*_cases(session, case, facts, accounts), *hashed], accounts


def _victim_of(session: Session, case: Case) -> UUID | None:
    enrolment = enrolment_of(session, case.id)
    return enrolment.victim_id if enrolment else None


def _accounts(session: Session, case: Case, facts: CaseFacts, victim_id: UUID | None) -> list[UUID]:
    joined = (
        select(Enrolment.victim_id)
        .join(Case, Case.id == Enrolment.case_id)
        .where(_of_same_person(session, case, facts), Enrolment.ended_at.is_(None))
    )
    return list({*session.scalars(joined), *([] if victim_id is None else [victim_id])})


def _cases(session: Session, case: Case, facts: CaseFacts, victims: list[UUID]) -> list[UUID]:
    joined = select(Enrolment.case_id).where(
        Enrolment.victim_id.in_(victims), Enrolment.ended_at.is_(None)
    )
    kept = select(Case.id).where(
        _of_same_person(session, case, facts), Case.wrapped_key.is_not(None)
    )
    return [*session.scalars(joined), *session.scalars(kept)]


def _of_same_person(session: Session, case: Case, facts: CaseFacts) -> ColumnElement[bool]:
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    return same_person(case.force_id, indexes.victim(facts.victim), indexes.person(facts.victim))


def _hold(session: Session, case: Case, reason: str | None, now: datetime) -> None:
    case.held_at = now
    due_at = end_of_working_day(MAKE_CONTACT_WITHIN, after=now)
    open_task(session, case, TaskKind.SAFEGUARDING_HOLD, now, due_at=due_at)
    audit.record(
        session,
        Action.CASE_HELD,
        WORKER,
        force_id=case.force_id,
        case_id=case.id,
        reason=reason,
    )
