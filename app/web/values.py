"""Values out of addresses: what is nonsense is no different from what is not there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

_NO_ROW = UUID(int=0)
_LONGEST_NUMBER = 18


def read_id(text: str) -> UUID:
    """An id; nonsense becomes one that no row has."""
    try:
        return UUID(text)
    except ValueError:
        return _NO_ROW


def read_number(text: str | None) -> int | None:
    """A cursor or a sequence number; None where there is none."""
    if text and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    return None


def place_in(at: datetime, row_id: UUID) -> str:
    """Where a list ordered by time goes on: `TIME_ID` in an address."""
    return f"{at.isoformat()}_{row_id}"


def read_place(text: str | None) -> tuple[datetime, UUID] | None:
    """Time and id of the row after which a list goes on; None: it begins."""
    moment, _, row = (text or "").partition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, read_id(row)) if at.tzinfo else None
