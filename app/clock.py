"""The one source of the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def boot_seconds() -> float:
    """Seconds on a clock that runs on while the machine sleeps and that nobody sets: for what may
    not be done any more after a pause.

    Where there is none (outside Linux) it is the wall clock, which at least jumps with a sleep.
    """
    return time.time() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)
