"""What a case system's answer means for an entry that is owed: done, again, a person, or wait;
and what is known of a call's fate.

Pure. The caller keeps the attempts and the times; these rules only say what comes next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.sync.port import (
    CALL_SECONDS,
    LONGEST_RETRY_AFTER,
    Answer,
    CaseSystemFailed,
    Entry,
    HeldEntry,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
)

SHORTEST_WAIT = 0.5
FIRST_WAIT = 4.0
"""A first try again is promised within 5 seconds: workers look for work twice a second."""
LONGEST_WAIT = 285.0
"""Five minutes are promised from one try to the next, and a try may take ten seconds."""
CASE_MAY_APPEAR_WITHIN = timedelta(hours=24)
SYSTEM_MAY_RECOVER_WITHIN = timedelta(days=3)

STARTS_WITHIN = 5.0
"""Seconds. A call that has not begun so long after it was written down is given up unsent."""

LATE_EFFECT_ELSEWHERE = timedelta(seconds=60)
"""For how long after its answer was lost a call to a system that recognises repeats is given to
take effect under a reference that the case no longer has. Its repeat goes elsewhere."""

_LOCKED_OUT = frozenset({401, 403})
_REQUEST_TIMED_OUT = 408
NOT_FOUND = 404
TOO_MANY_REQUESTS = 429
_ASK_TO_WAIT = frozenset({TOO_MANY_REQUESTS, 503})

NOT_READY = "not-ready"
"""The problem of an entry of which this side could not make a call."""


class AttentionReason(StrEnum):
    """Why a person has to look at an entry."""

    HELD_WITH_OTHER_CONTENT = "held-with-other-content"
    TOO_LONG = "too-long"
    NOT_ACCEPTED = "not-accepted"
    CASE_NOT_FOUND = "case-not-found"
    NO_ANSWER_FOR_DAYS = "no-answer-for-days"
    FATE_UNKNOWN = "fate-unknown"
    CANNOT_BE_MADE_READY = "cannot-be-made-ready"


_ANSWER_LOST_ON_THE_WAY = frozenset({408, 502, 504})

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
    """The case system does not let us in: the force's breaker says when it is tried again, and
    nothing becomes `attention` for it."""


@dataclass(frozen=True, slots=True)
class Send:
    """It was looked up and does not stand there: it may be sent."""


Decision = Done | Again | NeedsPerson | ForceWaits


class Fate(StrEnum):
    """What is known of a call to a case system that cannot recognise a repeat."""

    KNOWN = "known"
    """It took effect, or it never will."""
    IN_DOUBT = "in-doubt"
    """It is over, and may have taken effect: it is looked up before anything is sent again."""
    LOST = "lost"
    """Its answer was lost: it may take effect for `settle_seconds` more, and is looked up then."""


def fate_of(answer: Answer) -> Fate:
    """What an answer says of the call that it answers."""
    if isinstance(answer, NoAnswer):
        is_unsent = answer.why in {Silence.UNREACHABLE, Silence.NOT_SENT}
        return Fate.KNOWN if is_unsent else Fate.LOST
    if isinstance(answer, Recorded):
        return Fate.KNOWN
    # Said by a gateway that lost the answer itself, or by whoever waited for the rest of the call.
    if answer.status in _ANSWER_LOST_ON_THE_WAY:
        return Fate.LOST
    return Fate.IN_DOUBT if answer.status < 400 or answer.status >= 500 else Fate.KNOWN


def alive_after_writing_down(now: datetime, settle_seconds: float) -> datetime:
    """Until when a call written down now may take effect, if nothing more is ever heard of it."""
    return now + timedelta(seconds=STARTS_WITHIN + CALL_SECONDS + settle_seconds)


def alive_after(answer: Answer, now: datetime, settle_seconds: float) -> datetime | None:
    """Until when a call that was answered so, just now, may still take effect; None: its fate is
    known."""
    match fate_of(answer):
        case Fate.LOST:
            return now + timedelta(seconds=settle_seconds)
        case Fate.IN_DOUBT:
            return now
        case Fate.KNOWN:
            return None


def settled_at(alive_until: datetime, *, is_idempotent: bool, has_moved: bool) -> datetime | None:
    """From when a call of unknown fate can be looked up; None: it need not be, its repeat does no
    harm. `has_moved`: the case has another reference since, where a repeat would be a second entry.
    """
    if not is_idempotent:
        return alive_until
    return alive_until + LATE_EFFECT_ELSEWHERE if has_moved else None


def is_systems_trouble(answer: Answer | CaseSystemFailed) -> bool:
    """Whether this speaks against the case system, and not against one entry: what a breaker
    counts. Being asked to slow down does not."""
    if isinstance(answer, NoAnswer):
        return answer.why is not Silence.NOT_SENT
    if isinstance(answer, Recorded):
        return False
    status = answer.status
    return status is None or status < 400 or status >= 500 or status == _REQUEST_TIMED_OUT


def asked_to_wait_until(
    told: Answer | HeldEntry | CaseSystemFailed | None, now: datetime
) -> datetime | None:
    """Until when a case system wants no more calls at all; None: it did not say so.

    `Retry-After` with any other answer is about the one call.
    """
    if not isinstance(told, Refused | CaseSystemFailed) or told.retry_after is None:
        return None
    if told.status not in _ASK_TO_WAIT:
        return None
    return now + timedelta(seconds=min(told.retry_after, LONGEST_RETRY_AFTER))


def decide(
    answer: Answer, *, first_tried_at: datetime, attempts: int, now: datetime, chance: float
) -> Decision:
    """What comes next for an entry.

    `attempts` counts the tries so far, this one included (from 1). `first_tried_at` begins the
    run of tries that the limits of a day and of three days are counted from; start it afresh after
    a force waited or a person asked for another try, and for a 404 with the first one of a run.
    `chance` is a random number in [0, 1).
    """
    if isinstance(answer, Recorded):
        return Done(answer)
    if isinstance(answer, Refused):
        if answer.status in _LOCKED_OUT:
            return ForceWaits()
        if answer.status in _AT_ONCE:
            return NeedsPerson(_AT_ONCE[answer.status])
    limit, reason = _patience_with(answer)
    if now - first_tried_at >= limit:
        return NeedsPerson(reason)
    asked = answer.retry_after if isinstance(answer, Refused) else None
    return Again(now + timedelta(seconds=wait_seconds(attempts, chance, asked)))


def decide_look_up(
    found: HeldEntry | CaseSystemFailed | None,
    wanted: Entry,
    *,
    has_moved: bool = False,
    first_tried_at: datetime,
    attempts: int,
    now: datetime,
    chance: float,
) -> Decision | Send:
    """What comes next for an entry of unknown fate that was looked up by its id.

    A look-up that fails says nothing about the entry, so nothing is at once for a person. But where
    the case `has_moved` to another reference, an old one that is gone holds nothing any more.
    """
    if found is None:
        return Send()
    if isinstance(found, HeldEntry):
        if says_the_same(found.entry, wanted):
            return Done(Recorded(found.entry_id, found.recorded_at or now))
        return NeedsPerson(AttentionReason.HELD_WITH_OTHER_CONTENT)
    if found.status in _LOCKED_OUT:
        return ForceWaits()
    is_unknown_case = found.status == NOT_FOUND
    if is_unknown_case and has_moved:
        return Send()
    limit = CASE_MAY_APPEAR_WITHIN if is_unknown_case else SYSTEM_MAY_RECOVER_WITHIN
    if now - first_tried_at >= limit:
        return NeedsPerson(AttentionReason.FATE_UNKNOWN)
    return Again(now + timedelta(seconds=wait_seconds(attempts, chance, found.retry_after)))


def decide_unready(
    *, first_tried_at: datetime, attempts: int, now: datetime, chance: float
) -> Again | NeedsPerson:
    """What comes next for an entry that this side cannot make ready: a key is missing, or there is
    a defect. A person hears of it as late as of a case system without an answer."""
    if now - first_tried_at >= SYSTEM_MAY_RECOVER_WITHIN:
        return NeedsPerson(AttentionReason.CANNOT_BE_MADE_READY)
    return Again(now + timedelta(seconds=wait_seconds(attempts, chance)))


def says_the_same(held: Entry, wanted: Entry) -> bool:
    """Whether two entries say the same words in the same place. How a system writes times and names
    is its own affair."""
    return (held.external_id, held.kind, held.text, held.sha256, held.sequence, held.part) == (
        wanted.external_id,
        wanted.kind,
        wanted.text,
        wanted.sha256,
        wanted.sequence,
        wanted.part,
    )


def wait_seconds(attempts: int, chance: float, retry_after: float | None = None) -> float:
    """Seconds until the next try: full jitter up to `FIRST_WAIT`, doubling, up to `LONGEST_WAIT`.

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
    if answer.status == NOT_FOUND:
        return CASE_MAY_APPEAR_WITHIN, AttentionReason.CASE_NOT_FOUND
    # 408 is a time-out that the other side noticed first. A redirect comes from something in
    # between (a sign-in page, a gateway being changed), so it is no verdict on the entry.
    if answer.status < 400 or answer.status >= 500:
        return SYSTEM_MAY_RECOVER_WITHIN, AttentionReason.NO_ANSWER_FOR_DAYS
    if answer.status in {_REQUEST_TIMED_OUT, TOO_MANY_REQUESTS}:
        return SYSTEM_MAY_RECOVER_WITHIN, AttentionReason.NO_ANSWER_FOR_DAYS
    return timedelta(0), AttentionReason.NOT_ACCEPTED


class FeedStanding(StrEnum):
    """How old a feed is, in what it means for people."""

    FRESH = "fresh"
    GROWS_OLD = "grows-old"
    """Half of the time until no notices leave is over: operators are warned."""
    STALE = "stale"
    """No notices leave."""
    TOO_OLD = "too-old"
    """Cases are closed until it is fresh."""


def feed_standing(
    age: timedelta | None, *, stale_after_hours: int, closed_after_hours: int
) -> FeedStanding:
    """How a feed stands whose last complete read began so long ago; None: there was none."""
    if age is None or age > timedelta(hours=closed_after_hours):
        return FeedStanding.TOO_OLD
    if age > timedelta(hours=stale_after_hours):
        return FeedStanding.STALE
    if age > timedelta(hours=stale_after_hours) / 2:
        return FeedStanding.GROWS_OLD
    return FeedStanding.FRESH
