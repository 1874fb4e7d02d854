"""What is sent and what goes wrong in one run, all of it drawn from a seed before it begins."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.sync.port import CALL_SECONDS
from tests.chaos.troubles import Trouble

AUTHORS = ("victim", "officer")
PAUSED_BEYOND_LEASE = 3.0
"""Seconds."""

_LONG_TEXT = 4_600
_EVERY_LONG = 40
_NEAR_A_FAULT = 0.7
_HANGS_UP = 0.15
_WORDS = (
    "Thursday is fine.",
    "The lock was broken",
    "<b>not bold</b>",
    "naïve café",
    "\u200fשלום",
    "👩‍👩‍👧",
    "I found the receipt",
    "' OR 1=1 --",
    "two\n\nparagraphs",
    "tab\there",
    "&amp;",
    "Diolch yn fawr",
    "𝔘𝔫𝔦",
)


class Kind(StrEnum):
    """One way for something to go wrong."""

    KILL_WEB = "kill-web"
    PAUSE_WEB = "pause-web"
    KILL_WORKER = "kill-worker"
    PAUSE_WORKER = "pause-worker"
    KILL_DATABASE = "kill-database"
    FULL_DISK = "full-disk"
    CASE_SYSTEM_DOWN = "case-system-down"
    CUT_BEFORE = "cut-before"
    CUT_AFTER = "cut-after"
    REFUSE = "503"
    TOO_MANY = "429"
    HANG = "hang"
    LATE = "late"


_LONGEST = {
    Kind.PAUSE_WEB: 12.0,
    Kind.FULL_DISK: 4.0,
    Kind.CASE_SYSTEM_DOWN: 6.0,
}
"""Seconds; half of it at least."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `faults` says how many of each kind, `chances` what strikes any call to the case
    system all the while; `seconds` how long people go on writing. `settle_seconds` is the bound
    that profile `connect` promises for late effects."""

    database: str
    seed: int
    messages: int
    conversations: int
    seconds: float
    faults: Mapping[Kind, int]
    profile: str = "niche"
    chances: Mapping[Trouble, float] = field(default_factory=dict)
    workers: int = 2
    lease_seconds: float = 60.0
    call_seconds: float = CALL_SECONDS
    settle_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """`at` and `lasts` in seconds, `at` from the beginning; `which` chooses among alike."""

    kind: Kind
    at: float
    lasts: float
    which: int


@dataclass(frozen=True, slots=True)
class Sending:
    """One message: the `number`th of the run, not sent before `at` (seconds). Its text begins with
    its number, so that it is known again whatever became of the rest. `hangs_up_after`: so many
    seconds after the first try was sent the person's line breaks; None: it holds."""

    number: int
    at: float
    conversation: int
    author: str
    text: str
    as_fragment: bool
    hangs_up_after: float | None


def faults_of(plan: Plan) -> list[Fault]:
    """The faults of a plan, first one first."""
    chance = random.Random(f"faults {plan.seed}")
    faults = [
        _a_fault(kind, plan, (place + chance.random()) / count, chance)
        for kind, count in plan.faults.items()
        for place in range(count)
    ]
    return sorted(faults, key=lambda fault: fault.at)


def _a_fault(kind: Kind, plan: Plan, share: float, chance: random.Random) -> Fault:
    """One that begins when this share of its time has gone, and is over, if it can be, while people
    still write."""
    lasts = _how_long(kind, plan, chance)
    room = max(0.05, 0.85 - lasts / plan.seconds)
    at = plan.seconds * (0.05 + room * share)
    return Fault(kind=kind, at=at, lasts=lasts, which=chance.randrange(1_000))


def _how_long(kind: Kind, plan: Plan, chance: random.Random) -> float:
    if kind is Kind.PAUSE_WORKER:
        return plan.lease_seconds + plan.settle_seconds + PAUSED_BEYOND_LEASE
    if kind is Kind.HANG:
        return plan.call_seconds * 1.2
    if kind is Kind.LATE:
        return plan.call_seconds + plan.settle_seconds * chance.uniform(0.1, 0.6)
    return _LONGEST.get(kind, 1.0) * (0.5 + 0.5 * chance.random())


def sendings_of(plan: Plan, faults: list[Fault]) -> list[Sending]:
    """The messages of a plan, first one first: most of them close to a fault."""
    chance = random.Random(f"sendings {plan.seed}")
    times = sorted(_a_moment(plan, faults, chance) for _ in range(plan.messages))
    return [
        Sending(
            number=number,
            at=at,
            conversation=(number + number // plan.conversations) % plan.conversations,
            author=chance.choice(AUTHORS),
            text=_text(number, chance),
            as_fragment=chance.random() < 0.5,
            hangs_up_after=chance.uniform(0.002, 0.1) if chance.random() < _HANGS_UP else None,
        )
        for number, at in enumerate(times)
    ]


def _a_moment(plan: Plan, faults: list[Fault], chance: random.Random) -> float:
    if faults and chance.random() < _NEAR_A_FAULT:
        fault = chance.choice(faults)
        near = fault.at + chance.uniform(-0.7, min(3.0, fault.lasts) + 0.7)
        return min(max(near, 0.0), plan.seconds)
    return chance.uniform(0.0, plan.seconds)


def _text(number: int, chance: random.Random) -> str:
    """No two alike, and such that cleaning changes nothing in them."""
    words = [chance.choice(_WORDS) for _ in range(chance.randint(1, 12))]
    text = f"{number:05d} {' '.join(words)}."
    if number % _EVERY_LONG == _EVERY_LONG - 1:
        # Longer than a case system takes at once.
        text += " More of it." * ((_LONG_TEXT - len(text)) // 12)
    return text


def number_in(text: str) -> int | None:
    """Which message of the run a text is; None: of none."""
    digits = text[:5]
    return int(digits) if len(digits) == 5 and digits.isascii() and digits.isdigit() else None
