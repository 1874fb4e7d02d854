"""Comparing a thing with its floor: measured in turns, so that whatever else the machine does
meets both."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, and the quarters around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"

    def in_whole(self) -> str:
        return f"{self.median:,.0f} ({self.low:,.0f}–{self.high:,.0f})"


@dataclass(frozen=True, slots=True)
class Compared:
    """A rate of ours and of its floor (both a second), and the ratio of the two in each round."""

    name: str
    database: str
    portal: Spread
    floor: Spread
    ratio: Spread
    goal: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    name: str,
    database: str,
    portal: Callable[[], float],
    floor: Callable[[], float],
    *,
    rounds: int,
    goal: float,
) -> Compared:
    """Portal, floor, portal, floor … and what came of it."""
    rates = [(portal(), floor()) for _ in range(rounds)]
    return Compared(
        name,
        database,
        portal=Spread.of([ours for ours, _ in rates]),
        floor=Spread.of([least for _, least in rates]),
        ratio=Spread.of([ours / least for ours, least in rates]),
        goal=goal,
    )
