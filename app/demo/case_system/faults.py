"""Ways in which the demo case system can be told to fail."""

from __future__ import annotations

import random
from dataclasses import dataclass
from threading import Lock

CUT_BEFORE = "cut-before"
CUT_AFTER = "cut-after"
HANG = "hang"
SLOW = "slow"
LATE = "late"
NONSENSE = "nonsense"
_NAMES = frozenset({CUT_BEFORE, CUT_AFTER, HANG, SLOW, LATE, NONSENSE})
_WAITS = {SLOW: 2.0, LATE: 5.0}
_KEYS = frozenset({"fault", "next", "probability", "retry_after", "hang_seconds", "path", "feed"})


class FaultIsUnknown(ValueError):
    """This is no fault; the message says what is wrong with it."""


@dataclass(slots=True)
class Fault:
    """One way to fail: for the `left` next calls that it fits, or each with `probability`.

    An HTTP status is answered without effect. `cut-before` drops the connection before the call
    took effect, `cut-after` after it. `hang` waits, then drops it without effect; `slow` waits,
    then takes effect and answers: to a caller who has gone by then, a late effect. `late` drops the
    connection at once and lets an entry in only `hang_seconds` later.
    """

    fault: str
    left: int | None = None
    probability: float | None = None
    retry_after: str | None = None
    hang_seconds: float = 30.0
    path: str = ""
    feed: bool = False

    @property
    def status(self) -> int | None:
        """The HTTP status to answer, None for the faults that are none."""
        return int(self.fault) if self.fault.isdigit() else None

    @classmethod
    def from_json(cls, told: dict[str, object]) -> Fault:
        """Raises FaultIsUnknown."""
        for key in told.keys() - _KEYS:
            raise FaultIsUnknown(f"unknown key '{key}'")
        name = str(told.get("fault"))
        if name not in _NAMES and not (name.isdigit() and 300 <= int(name) <= 599):
            raise FaultIsUnknown(f"unknown fault '{name}'")
        probability = _number(told, "probability")
        count = _number(told, "next")
        if count is None and probability is None:
            count = 1
        hang_seconds = _number(told, "hang_seconds")
        retry_after = told.get("retry_after")
        return cls(
            fault=name,
            left=None if count is None else int(count),
            probability=probability,
            retry_after=None if retry_after is None else str(retry_after),
            hang_seconds=_WAITS.get(name, 30.0) if hang_seconds is None else hang_seconds,
            path=str(told.get("path") or ""),
            feed=told.get("feed") is True,
        )

    def strikes(self, path: str, *, feed: bool, chance: float) -> bool:
        """Whether this call fails; counts it. Calls to the change feed fail only by `feed`."""
        if feed != self.feed or self.path not in path or self.left == 0:
            return False
        if self.probability is not None and chance >= self.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults switched on now. They add up; the first that strikes counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._on: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._on.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._on.clear()

    def strike(self, path: str, *, feed: bool) -> Fault | None:
        """The fault that this call meets."""
        with self._lock:
            self._on = [fault for fault in self._on if fault.left != 0]
            for fault in self._on:
                if fault.strikes(path, feed=feed, chance=random.random()):  # noqa: S311
                    return fault
            return None

    def __len__(self) -> int:
        with self._lock:
            return sum(fault.left != 0 for fault in self._on)


def _number(told: dict[str, object], key: str) -> float | None:
    value = told.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise FaultIsUnknown(f"{key} is not a number from 0")
    return float(value)
