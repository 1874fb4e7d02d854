"""The entries on the demo case system's records."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from threading import RLock

from app import clock
from app.demo.case_system.journal import Journal, Line
from app.sync.port import rfc3339

_OURS = ("reference", "entryId", "recordedAt")


class Put(Enum):
    """What came of putting an entry."""

    CREATED = auto()
    SAME = auto()
    OTHER_CONTENT = auto()


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in the order in which they were recorded; `next` is the place after the last."""

    entries: tuple[Line, ...]
    next: int
    more: bool


class Entries:
    """Entries as sent, with `reference`, `entryId` and `recordedAt` added; never changed again."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._journal = Journal(path)
        self._all: list[Line] = []
        self._by_case: dict[str, list[Line]] = {}
        self._by_id: dict[tuple[str, str], list[Line]] = {}
        for line in self._journal.lines:
            self._keep(line)

    def put(self, reference: str, external_id: str, entry: Line) -> tuple[Put, Line]:
        """The entry as it stands, on disk when this returns. Raises OSError when it cannot be."""
        with self._lock:
            held = self.get(reference, external_id)
            sent = _as_sent({**entry, "externalId": external_id})
            if held is not None:
                return (Put.SAME if _as_sent(held) == sent else Put.OTHER_CONTENT), held
            return Put.CREATED, self.add(reference, sent)

    def add(self, reference: str, entry: Line) -> Line:
        """One more entry, whatever stands there already; on disk when this returns."""
        with self._lock:
            line: Line = {
                "reference": reference,
                "entryId": f"N-{len(self._all) + 1:08d}",
                "recordedAt": rfc3339(clock.now()),
                **_as_sent(entry),
            }
            self._journal.append(line)
            self._keep(line)
            return deepcopy(line)

    def get(self, reference: str, external_id: str) -> Line | None:
        """The first with this id; None when the case holds none."""
        found = self.with_id(reference, external_id)
        return found[0] if found else None

    def with_id(self, reference: str, external_id: str) -> list[Line]:
        """Every entry of the case with this id."""
        with self._lock:
            return deepcopy(self._by_id.get((reference, external_id), []))

    def page(self, reference: str, after: int, limit: int) -> Page:
        """The case's entries from place `after` on."""
        with self._lock:
            every = self._by_case.get(reference, [])
            entries = tuple(deepcopy(every[after : after + limit]))
            return Page(entries, after + len(entries), after + len(entries) < len(every))

    def all(self, reference: str | None = None) -> list[Line]:
        """Every entry in order, or every one of a case."""
        with self._lock:
            every = self._all if reference is None else self._by_case.get(reference, [])
            return deepcopy(every)

    def newest(self, limit: int) -> list[Line]:
        """Newest first, for the page."""
        with self._lock:
            return deepcopy(self._all[: -limit - 1 : -1])

    def _keep(self, line: Line) -> None:
        reference, external_id = str(line["reference"]), str(line.get("externalId"))
        self._all.append(line)
        self._by_case.setdefault(reference, []).append(line)
        self._by_id.setdefault((reference, external_id), []).append(line)


def _as_sent(entry: Line) -> Line:
    return {key: value for key, value in entry.items() if key not in _OURS}
