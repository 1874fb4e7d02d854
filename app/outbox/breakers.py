"""The breaker of each force: kept in the database, so that all workers share what one found out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.outbox.models import Breaker, Stream

OPENS_AFTER = 5
"""Failures in a row, of different conversations: one poisoned entry alone opens nothing."""

TRIAL = timedelta(seconds=20)
"""How long one trial call keeps the others back: longer than any call may take."""

LOCKED_OUT_AT_FIRST = timedelta(seconds=4)
"""A refused token may be a slip of a moment: its first trial comes as soon as any retry."""

NO_ANSWER, LOCKED_OUT = "no-answer", "locked-out"


def let_through(now: datetime) -> ColumnElement[bool]:
    """Picks the streams whose force may be called."""
    shut = or_(Breaker.until > now, Breaker.not_before > now)
    return Stream.force_id.not_in(select(Breaker.force_id).where(shut))


class Leave(StrEnum):
    """As what a worker may call a force."""

    USUAL = "usual"
    SUSPECT = "suspect"
    """The force's last call failed: a good answer is news."""
    TRIAL = "trial"
    """The breaker is open, and this call alone decides about it."""


def ask_to_wait(session: Session, force_id: UUID, until: datetime) -> None:
    """The case system asked for no calls before then. An earlier, longer wish holds on."""
    breaker = _locked(session, force_id)
    breaker.not_before = max(until, breaker.not_before or until)


def is_asked_to_wait(session: Session, force_id: UUID, now: datetime) -> bool:
    """Whether the case system wants no calls now: also for a turn that began before."""
    asked = select(Breaker.force_id).where(Breaker.force_id == force_id, Breaker.not_before > now)
    return session.scalar(asked) is not None


def leave_to_call(session: Session, force_id: UUID, now: datetime) -> Leave | None:
    """As what this worker may call the force now; None: not at all.

    Where the breaker is open only one worker gets leave, for the trial call.
    """
    breaker = session.get(Breaker, force_id, populate_existing=True)
    if breaker is None or breaker.failures == 0:
        return Leave.USUAL
    if breaker.open_since is None:
        return Leave.SUSPECT
    trial = (
        update(Breaker)
        .where(Breaker.force_id == force_id, Breaker.until <= now)
        .values(until=now + TRIAL)
        .returning(Breaker.force_id)
        .execution_options(synchronize_session=False)
    )
    return None if session.execute(trial).first() is None else Leave.TRIAL


def note_answer(session: Session, force_id: UUID) -> None:
    """The case system answered as it should: the breaker is closed."""
    session.execute(
        update(Breaker)
        .where(Breaker.force_id == force_id)
        .values(failures=0, last_stream_id=None, open_since=None, until=None, why=None)
        .execution_options(synchronize_session=False)
    )


def note_failure(
    session: Session,
    force_id: UUID,
    stream_id: UUID,
    now: datetime,
    chance: float,
    *,
    is_trial: bool,
) -> Breaker:
    """The case system gave no usable answer; after some of these nothing is sent for a while."""
    breaker = _locked(session, force_id)
    if breaker.open_since is None and breaker.last_stream_id == stream_id:
        return breaker
    if breaker.open_since is not None and not is_trial:
        # It was under way when the breaker opened. Many such calls fail in one moment, and a moment
        # must not be waited for as long as an outage that many trials found.
        return breaker
    breaker.failures += 1
    breaker.last_stream_id = stream_id
    if breaker.failures >= OPENS_AFTER:
        breaker.open_since = breaker.open_since or now
        breaker.until = now + timedelta(seconds=_trial_wait(breaker.failures, chance))
        breaker.why = NO_ANSWER
    return breaker


def lock_out(
    session: Session, force_id: UUID, now: datetime, until: datetime, *, is_trial: bool
) -> datetime:
    """The token is refused: nothing is sent until then, or at first not so long. Returns when."""
    breaker = _locked(session, force_id)
    if breaker.why != LOCKED_OUT:
        until = min(until, now + LOCKED_OUT_AT_FIRST)
    elif not is_trial and breaker.until is not None:
        # It was under way when the first call was refused: of the same moment, and no trial.
        until = breaker.until
    breaker.failures = max(breaker.failures, OPENS_AFTER)
    breaker.open_since = breaker.open_since or now
    breaker.until = until
    breaker.why = LOCKED_OUT
    return until


def open_breakers(session: Session) -> Sequence[Breaker]:
    return session.scalars(select(Breaker).where(Breaker.open_since.is_not(None))).all()


def _trial_wait(failures: int, chance: float) -> float:
    """Seconds until the next trial: about two at first, doubling, never more than a minute."""
    ceiling: float = min(60.0, 2.0 * 2.0 ** min(failures - OPENS_AFTER, 10))
    return ceiling / 2 + chance * ceiling / 2


def _locked(session: Session, force_id: UUID) -> Breaker:
    wanted = (
        select(Breaker)
        .where(Breaker.force_id == force_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalar(wanted)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(Breaker(force_id=force_id, failures=0))
    except IntegrityError:
        # Another worker found the same out in the same moment.
        pass
    return session.scalars(wanted).one()
