"""Asking for each joined case by itself once a day: a feed that forgot to tell of a change must not
keep a door open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.cases.facts import read_facts
from app.cases.models import Case as KnownCase
from app.cases.models import Enrolment, TaskKind
from app.cases.queries import facts_of
from app.cases.references import canonical_reference
from app.cases.tasks import open_task
from app.database import Database
from app.forces.models import Force
from app.sync.delivery import CaseSystems
from app.sync.feed import take_in
from app.sync.port import Case, CaseSystemFailed

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
BATCH = 20
TRIED_AGAIN_AFTER = timedelta(minutes=10)
"""What was taken in hand and not read by then (a crash, a failure) is taken again."""


@dataclass(frozen=True, slots=True)
class _ToRead:
    enrolment_id: UUID
    case_id: UUID
    force_id: UUID
    reference: str


def reread_some(
    database: Database, systems: CaseSystems, *, should_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Re-read a batch of the cases that are due; True if there were any."""
    with database.reading() as session:
        if not _due(session, systems, clock.now()):
            return False
    with database.writing() as session:
        batch = _take_in_hand(session, systems, clock.now())
    silent: set[UUID] = set()
    for each in batch:
        if should_stop():
            break
        if each.force_id in silent:
            continue
        try:
            said = systems[each.force_id].case(each.reference)
        except CaseSystemFailed as failed:
            silent.add(each.force_id)
            log.warning("re-read failed", force_id=str(each.force_id), status=failed.status)
            continue
        with database.writing() as session:
            _apply(session, each, said)
    return bool(batch)


def _due(session: Session, systems: CaseSystems, now: datetime) -> list[tuple[UUID, KnownCase]]:
    wanted = (
        select(Enrolment.id, KnownCase)
        .join(KnownCase, KnownCase.id == Enrolment.case_id)
        .where(
            Enrolment.ended_at.is_(None),
            KnownCase.force_id.in_(list(systems)),
            or_(
                Enrolment.reread_at <= now - EVERY,
                and_(Enrolment.reread_at.is_(None), Enrolment.joined_at <= now - EVERY),
            ),
        )
        .order_by(Enrolment.reread_at)
        .limit(BATCH)
    )
    return [(enrolment_id, case) for enrolment_id, case in session.execute(wanted)]


def _take_in_hand(session: Session, systems: CaseSystems, now: datetime) -> list[_ToRead]:
    batch = []
    for enrolment_id, case in _due(session, systems, now):
        enrolment = session.scalar(
            select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(skip_locked=True)
        )
        if enrolment is None:
            continue
        enrolment.reread_at = now - EVERY + TRIED_AGAIN_AFTER
        facts = facts_of(case) if case.wrapped_key is not None else None
        if facts is not None:
            batch.append(_ToRead(enrolment_id, case.id, case.force_id, facts.reference))
    return batch


def _apply(session: Session, read: _ToRead, said: Case | None) -> None:
    enrolment = session.get_one(Enrolment, read.enrolment_id)
    enrolment.reread_at = clock.now()
    case = session.get_one(KnownCase, read.case_id)
    if said is None:
        # Closed it is not: a gateway that loses its way would close every case of the force.
        log.warning("joined case is not in the case system", case_id=str(read.case_id))
        open_task(session, case, TaskKind.CASE_UNKNOWN, clock.now())
        return
    told = said.get("reference")
    if not isinstance(told, str) or (
        canonical_reference(told) != canonical_reference(read.reference)
    ):
        log.warning("re-read told of another case", case_id=str(read.case_id))
        return
    known = facts_of(case)
    newest, now_said = (known.updated_at if known else None), read_facts(said).updated_at
    if newest is not None and now_said is not None and now_said < newest:
        # The feed has told of something newer since this was asked for.
        return
    force = session.get_one(Force, read.force_id)
    take_in(session, force, force.settings.case_system.profile, said, may_invite=False)
