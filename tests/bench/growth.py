"""The same steps beside 1,000 messages and beside a million: they may take no longer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.plans import whole_table_reads
from tests.bench.steps import Step, Steps
from tests.bench.town import build
from tests.databases import Databases
from tests.portal import Portal, open_portal

IN_A_CONVERSATION = 20
SMALL = 1_000
GOAL = 1.2
TIMES = 120
FEED_TIMES = 8


@dataclass(frozen=True, slots=True)
class Grown:
    """One step's median milliseconds in a small town and in a large one."""

    name: str
    small_ms: float
    large_ms: float
    whole_table_reads: list[str]
    """In the large town; none is right."""

    @property
    def ratio(self) -> float:
        return self.large_ms / self.small_ms

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "goal": GOAL}


def compare_growth(databases: Databases, messages: int, times: int = TIMES) -> list[Grown]:
    """Every step in both towns, in turns."""
    with ExitStack() as stack:
        small = stack.enter_context(_town_of(databases, SMALL))
        large = stack.enter_context(_town_of(databases, messages))
        return [
            _grown(
                name, small.steps, large, min(times, FEED_TIMES) if name == "feed step" else times
            )
            for name in small.steps.all()
        ]


@dataclass(frozen=True, slots=True)
class _Peopled:
    portal: Portal
    steps: Steps


@contextmanager
def _town_of(databases: Databases, messages: int) -> Iterator[_Peopled]:
    with databases.migrated("postgresql") as url:
        portal = open_portal(url)
        try:
            conversations = max(1, messages // IN_A_CONVERSATION)
            town = build(portal.database, conversations, IN_A_CONVERSATION)
            yield _Peopled(portal, Steps(portal, town))
        finally:
            portal.database.engine.dispose()


def _grown(name: str, small: Steps, large: _Peopled, times: int) -> Grown:
    one, other = small.all()[name], large.steps.all()[name]
    for _ in range(-(-times // 10)):
        one()
        other()
    took = [(_seconds(one), _seconds(other)) for _ in range(times)]
    return Grown(
        name,
        small_ms=_median([each for each, _ in took]),
        large_ms=_median([each for _, each in took]),
        whole_table_reads=whole_table_reads(large.portal.database.engine, other),
    )


def _seconds(step: Step) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def _median(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000
