"""Asking for each joined or invited case by itself once a day: a feed that forgot to tell of a
change must not keep a door open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from app.cases.models import IS_UNUSED, Enrolment, Invitation, TaskKind
from app.cases.models import Case as KnownCase
from app.cases.queries import facts_of, locked_cases
from app.cases.references import canonical_reference
from app.cases.tasks import open_task
from app.database import Database
from app.forces.models import Force
from app.outbox import breakers
from app.sync.delivery import CaseSystems
from app.sync.feed import take_in
from app.sync.port import CALL_SECONDS, Case, CaseSystem, CaseSystemFailed
from app.sync.rules import asked_to_wait_until

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
BATCH = 20
"""Of each force, in its turn."""
TURN_SECONDS = CALL_SECONDS
TRIED_AGAIN_AFTER = timedelta(minutes=10)
"""What was taken in hand and not read by then (a crash, a failure) is taken again."""


Why = type[Enrolment] | type[Invitation]
"""For whose sake a case is read: their rows keep when that was."""


@dataclass(frozen=True, slots=True)
class _ToRead:
    why: Why
    why_id: UUID
    case_id: UUID
    force_id: UUID


def reread_some(
    database: Database, systems: CaseSystems, *, should_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Re-read a batch of each force's cases that are due; True if any was read."""
    read = 0
    for force_id in systems:
        system = systems.get(force_id)
        if system is not None and not should_stop():
            read += _reread_batch(database, force_id, system, should_stop)
    return read > 0


def _reread_batch(
    database: Database, force_id: UUID, system: CaseSystem, should_stop: Callable[[], bool]
) -> int:
    """How many cases were read. A case system that is silent or slow keeps the other forces waiting
    for one call or a turn, whatever it has due."""
    with database.reading() as session:
        if not _due(session, force_id, clock.now()):
            return 0
    with database.writing() as session:
        batch = _take_in_hand(session, force_id, clock.now())
    began, read = clock.boot_seconds(), 0
    for each in batch:
        if should_stop() or clock.boot_seconds() - began > TURN_SECONDS:
            break
        try:
            read += _reread(database, each, system)
        except CaseSystemFailed as failed:
            log.warning("re-read failed", force_id=str(force_id), status=failed.status)
            until = asked_to_wait_until(failed, clock.now())
            if until is not None:
                with database.writing() as session:
                    breakers.ask_to_wait(session, force_id, until)
            break
        except DBAPIError:
            raise
        except Exception:
            # A key is missing, or there is a defect: the others have their turn all the same.
            log.exception("case cannot be re-read", case_id=str(each.case_id))
    return read


def _reread(database: Database, each: _ToRead, system: CaseSystem) -> bool:
    """False where nothing is kept of the case any more. Raises CaseSystemFailed."""
    with database.reading() as session:
        case = session.get_one(KnownCase, each.case_id)
        facts = facts_of(case) if case.wrapped_key is not None else None
    if facts is None:
        return False
    said = system.case(facts.reference)
    with database.writing() as session:
        _apply(session, each, facts.reference, said)
    return True


def _due(session: Session, force_id: UUID, now: datetime) -> list[tuple[Why, UUID, UUID]]:
    joined = _of(Enrolment, Enrolment.joined_at, now).where(Enrolment.ended_at.is_(None))
    # Whoever joins a case that should be closed would see it.
    invited = _of(Invitation, Invitation.made_at, now).where(
        text(IS_UNUSED), Invitation.expires_at > now
    )
    if breakers.is_asked_to_wait(session, force_id, now):
        return []
    wanted: list[tuple[Why, Select[UUID, UUID]]] = [(Enrolment, joined), (Invitation, invited)]
    return [
        (why, why_id, case_id)
        for why, those in wanted
        for why_id, case_id in session.execute(
            those.where(KnownCase.force_id == force_id).limit(BATCH)
        )
    ]


def _of(why: Why, since: InstrumentedAttribute[datetime], now: datetime) -> Select[UUID, UUID]:
    is_due = or_(why.reread_at <= now - EVERY, and_(why.reread_at.is_(None), since <= now - EVERY))
    by_case = select(why.id, KnownCase.id).join(KnownCase, KnownCase.id == why.case_id)
    return by_case.where(is_due).order_by(why.reread_at)


def _take_in_hand(session: Session, force_id: UUID, now: datetime) -> list[_ToRead]:
    batch = []
    for why, why_id, case_id in _due(session, force_id, now):
        row = select(why.id).where(why.id == why_id).with_for_update(skip_locked=True)
        if session.scalar(row) is None:
            continue
        _note_read(session, why, why_id, now - EVERY + TRIED_AGAIN_AFTER)
        batch.append(_ToRead(why, why_id, case_id, force_id))
    return batch


def _apply(session: Session, read: _ToRead, reference: str, said: Case | None) -> None:
    told = said.get("reference") if said is not None else None
    if said is None:
        # Closed it is not: a gateway that loses its way would close every case of the force.
        log.warning("case is not in the case system", case_id=str(read.case_id))
        [case] = locked_cases(session, [read.case_id])
        open_task(session, case, TaskKind.CASE_UNKNOWN, clock.now())
    elif not isinstance(told, str) or (canonical_reference(told) != canonical_reference(reference)):
        log.warning("re-read told of another case", case_id=str(read.case_id))
    else:
        force = session.get_one(Force, read.force_id)
        profile = force.settings.case_system.profile
        # The feed may have told of something newer since this was asked for.
        take_in(session, force, profile, said, may_invite=False, only_if_newest=True)
    # Only now: whoever ends an enrolment or an invitation has locked the case before it.
    _note_read(session, read.why, read.why_id, clock.now())


def _note_read(session: Session, why: Why, why_id: UUID, at: datetime) -> None:
    session.execute(
        update(why)
        .where(why.id == why_id)
        .values(reread_at=at)
        .execution_options(synchronize_session=False)
    )
