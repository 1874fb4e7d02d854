"""What an answer says beyond its own entry: to the counters, to the force's breaker, and to the
patience with a case that is not there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.outbox import breakers
from app.outbox.breakers import Leave
from app.outbox.models import OwedEntry
from app.sync.chance import thrown
from app.sync.port import Answer, CaseSystemFailed, HeldEntry, NoAnswer, Recorded, Refused, Silence
from app.sync.rules import NOT_FOUND, TOO_MANY_REQUESTS, asked_to_wait_until, is_systems_trouble

log = structlog.get_logger(__name__)

LookedUp = HeldEntry | CaseSystemFailed | None
"""What a look-up by external id found; a failure is a value here, like any other answer."""


def note_not_found(entry: OwedEntry, told: Answer | LookedUp, now: datetime) -> None:
    """An unknown case may appear within a day of the first of the answers in a row that say so,
    however long the case system had given none before."""
    if told == NoAnswer(Silence.NOT_SENT):
        return
    is_not_found = isinstance(told, Refused | CaseSystemFailed) and told.status == NOT_FOUND
    entry.not_found_since = (entry.not_found_since or now) if is_not_found else None


def note_breaker(
    session: Session,
    force_id: UUID,
    stream_id: UUID,
    leave: Leave,
    told: Answer | LookedUp,
    now: datetime,
) -> Leave:
    """Tell the force's breaker what came of a call that was made with `leave`; as what the force
    may be called next. Its row is the last that a transaction locks."""
    if told == NoAnswer(Silence.NOT_SENT):
        return leave
    until = asked_to_wait_until(told, now)
    if until is not None:
        breakers.ask_to_wait(session, force_id, until)
    if isinstance(told, Refused | CaseSystemFailed) and told.status == TOO_MANY_REQUESTS:
        # Neither trouble nor a sign that trouble is over.
        return leave
    if isinstance(told, HeldEntry) or told is None or not is_systems_trouble(told):
        if leave is not Leave.USUAL:
            breakers.note_answer(session, force_id)
        return Leave.USUAL
    is_trial = leave is Leave.TRIAL
    breaker = breakers.note_failure(session, force_id, stream_id, now, thrown(), is_trial=is_trial)
    if breaker.open_since == now:
        log.warning("case system gives no usable answers", force_id=str(force_id))
    return leave


def outcome_of(told: Answer | LookedUp) -> str:
    """One word for counting and for the entry's last problem."""
    if isinstance(told, Recorded):
        return "recorded"
    if isinstance(told, NoAnswer):
        return told.why.value
    if isinstance(told, HeldEntry):
        return "found"
    if told is None:
        return "not-found"
    return str(told.status or told.why) if isinstance(told, CaseSystemFailed) else str(told.status)
