"""What a case system's answer means for an entry that is owed: done, again, a person, or wait.

Pure. The caller keeps the attempts and the times; these rules only say what comes next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.sync.port import LONGEST_RETRY_AFTER, Answer, NoAnswer, Recorded, Refused

SHORTEST_WAIT = 0.5
FIRST_WAIT = 5.0
LONGEST_WAIT = 300.0
FORCE_WAITS = timedelta(seconds=60)
CASE_MAY_APPEAR_WITHIN = timedelta(hours=24)
SYSTEM_MAY_RECOVER_WITHIN = timedelta(days=3)

_LOCKED_OUT = frozenset({401, 403})
_REQUEST_TIMED_OUT = 408
_NOT_FOUND = 404
_TOO_MANY_REQUESTS = 429


class AttentionReason(StrEnum):
    """Why a person has to look at an entry."""

    HELD_WITH_OTHER_CONTENT = "held-with-other-content"
    TOO_LONG = "too-long"
    NOT_ACCEPTED = "not-accepted"
    CASE_NOT_FOUND = "case-not-found"
    NO_ANSWER_FOR_DAYS = "no-answer-for-days"


_AT_ONCE = {
    409: AttentionReason.HELD_WITH_OTHER_CONTENT,
    413: AttentionReason.TOO_LONG,
    422: AttentionReason.NOT_ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Done:
    """The entry stands on the case record."""

    receipt: Recorded


@dataclass(frozen=True, slots=True)
class Again:
    """Try the same entry again, not before `at`; later entries of the conversation wait for it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Trying on will not help: the message shows `attention`."""

    reason: AttentionReason


@dataclass(frozen=True, slots=True)
class ForceWaits:
    """The case system does not let us in: nothing of this force is sent before `until`, and nothing
    becomes `attention` for it."""

    until: datetime


Decision = Done | Again | NeedsPerson | ForceWaits


def decide(
    answer: Answer, *, first_tried_at: datetime, attempts: int, now: datetime, chance: float
) -> Decision:
    """What comes next for an entry.

    `attempts` counts the tries so far, this one included (from 1). `first_tried_at` begins the
    run of tries that the limits of a day and of three days are counted from; start it afresh after
    a force waited or a person asked for another try. `chance` is a random number in [0, 1).
    """
    if isinstance(answer, Recorded):
        return Done(answer)
    if isinstance(answer, Refused):
        if answer.status in _LOCKED_OUT:
            return ForceWaits(now + FORCE_WAITS)
        if answer.status in _AT_ONCE:
            return NeedsPerson(_AT_ONCE[answer.status])
    limit, reason = _patience_with(answer)
    if now - first_tried_at >= limit:
        return NeedsPerson(reason)
    asked = answer.retry_after if isinstance(answer, Refused) else None
    return Again(now + timedelta(seconds=wait_seconds(attempts, chance, asked)))


def wait_seconds(attempts: int, chance: float, retry_after: float | None = None) -> float:
    """Seconds until the next try: full jitter up to 5 s after the first, doubling, up to 5 minutes.

    Never sooner than `retry_after`, which is obeyed up to an hour.
    """
    # The exponent stops growing once the ceiling is reached: 2 to a large power is a huge number.
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(max(attempts, 1) - 1, 10))
    wait = SHORTEST_WAIT + chance * (ceiling - SHORTEST_WAIT)
    if retry_after is None:
        return wait
    # Those who were told the same pause should not all come back in the same instant.
    spread = retry_after + chance * FIRST_WAIT
    return min(LONGEST_RETRY_AFTER, max(wait, spread))


def _patience_with(answer: Refused | NoAnswer) -> tuple[timedelta, AttentionReason]:
    if isinstance(answer, NoAnswer):
        return SYSTEM_MAY_RECOVER_WITHIN, AttentionReason.NO_ANSWER_FOR_DAYS
    if answer.status == _NOT_FOUND:
        return CASE_MAY_APPEAR_WITHIN, AttentionReason.CASE_NOT_FOUND
    # 408 is a time-out that the other side noticed first. A redirect comes from something in
    # between (a sign-in page, a gateway being changed), so it is no verdict on the entry.
    if answer.status < 400 or answer.status >= 500:
        return SYSTEM_MAY_RECOVER_WITHIN, AttentionReason.NO_ANSWER_FOR_DAYS
    if answer.status in {_REQUEST_TIMED_OUT, _TOO_MANY_REQUESTS}:
        return SYSTEM_MAY_RECOVER_WITHIN, AttentionReason.NO_ANSWER_FOR_DAYS
    return timedelta(0), AttentionReason.NOT_ACCEPTED
