"""Figures that could point at one person are not shown."""

from __future__ import annotations

from typing import Final

SMALLEST_SHOWN: Final = 5


def shown_count(count: int) -> int | None:
    """The count as it may be shown; None where it is above 0 and below 5."""
    return None if 0 < count < SMALLEST_SHOWN else count
