"""What a case system does now and then all the time: each fault strikes a call by its chance."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

ASKED_TO_WAIT = "1"
"""Seconds, in `Retry-After`."""


class Trouble(StrEnum):
    """One way in which a call fails, or nearly does."""

    FAILS = "500"
    BUSY = "503"
    BUSY_FOR = "503-retry-after"
    TOO_MANY = "429"
    TOO_MANY_FOR = "429-retry-after"
    CUT_BEFORE = "cut-before"
    CUT_AFTER = "cut-after"
    HANG = "hang"
    LATE = "late"
    SLOW = "slow"


def told(
    chances: Mapping[Trouble, float], *, call_seconds: float, settle_seconds: float
) -> list[dict[str, object]]:
    """The faults as the demo case system is told of them.

    `late` takes effect when half of `settle_seconds` is over, so that a busy machine does not
    break the case system's own promise; `hang` outlasts the caller, `slow` does not.
    """
    seconds = {
        Trouble.HANG: call_seconds + 1.0,
        Trouble.LATE: settle_seconds / 2,
        Trouble.SLOW: call_seconds / 4,
    }
    faults = []
    for trouble, chance in chances.items():
        name, _, asks = trouble.value.partition("-retry")
        fault: dict[str, object] = {"fault": name, "probability": chance}
        if asks:
            fault["retry_after"] = ASKED_TO_WAIT
        if trouble in seconds:
            fault["hang_seconds"] = seconds[trouble]
        if chance:
            faults.append(fault)
    return faults
