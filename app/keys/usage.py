"""What is stored under which key: whether an old one may go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import kept_ways, ring_of
from app.keys.columns import is_filled, keyed_tables, number_in


@dataclass(frozen=True, slots=True)
class Usage:
    """How many values stand under each key number, by `table.column`."""

    data_keys: dict[bytes, Counter[str]] = field(default_factory=dict)
    lookups: dict[bytes, Counter[str]] = field(default_factory=dict)

    def of(self, number: bytes) -> Counter[str]:
        """All that cannot be read or found without the key of this number."""
        return self.data_keys.get(number, Counter()) + self.lookups.get(number, Counter())


def usage(session: Session) -> Usage:
    """Count all of them. It reads every table once: for operators, not for pages."""
    found = Usage()
    for each in keyed_tables():
        for column in each.columns:
            number = number_in(column)
            counted = session.execute(
                select(number, func.count()).where(is_filled(column)).group_by(number)
            )
            kind = found.data_keys if column is each.wrapped else found.lookups
            for key, count in counted:
                kind.setdefault(bytes(key), Counter())[str(column)] += count
    return found


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """How things stand with one key of the ring."""

    number: bytes
    is_first: bool
    needed_by: Counter[str]
    """Values under this very key, by `table.column`."""
    led_here: int
    """Look-ups that came to this key, by a rotation, from one that was before it."""

    @property
    def may_go(self) -> bool:
        return not self.is_first and not self.needed_by


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand with all keys."""

    keys: list[KeyStatus]
    """Those of `ENCRYPTION_KEYS`, in their order."""
    missing: dict[bytes, Counter[str]]
    """What stands under keys that are not in the ring, by their numbers."""


def status(session: Session) -> Status:
    """What is stored under which key.

    Raises:
        KeyIsMissing: look-ups are stored under a key that is not in the ring.
    """
    ring, found, ways = ring_of(session), usage(session), {}
    led: Counter[bytes] = Counter()
    for way in ring.ways(kept_ways(session)):
        ways[way.number] = way
        last = ring.last_key_of(way)
        if last is not None and way.number not in ring.numbers:
            led[last] += found.lookups.get(way.number, Counter()).total()
    missing = (set(found.data_keys) - set(ring.numbers)) | (set(found.lookups) - set(ways))
    return Status(
        [
            KeyStatus(number, number == ring.first, found.of(number), led[number])
            for number in ring.numbers
        ],
        {number: found.of(number) for number in missing},
    )
