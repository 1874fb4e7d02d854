"""When a victim's words go to the contact bureau instead of the officer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LONGEST_PAUSE: Final = timedelta(days=7)


def sending_is_paused(paused_until: datetime | None, now: datetime) -> bool:
    """A pause ends by the clock, whether or not a worker has noted it."""
    return paused_until is not None and now < paused_until
