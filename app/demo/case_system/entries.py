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
        self._by_id: dict[tuple[str, str], Line] = {}
        for line in self._journal.lines:
            self._keep(line)

    def put(self, reference: str, external_id: str, entry: Line) -> tuple[Put, Line]:
        """The entry as it stands, on disk when this returns. Raises OSError when it cannot be."""
        with self._lock:
            held = self._by_id.get((reference, external_id))
            sent = {key: value for key, value in entry.items() if key not in _OURS}
            sent["externalId"] = external_id
            if held is not None:
                same = {key: value for key, value in held.items() if key not in _OURS} == sent
                return (Put.SAME if same else Put.OTHER_CONTENT), deepcopy(held)
            line: Line = {
                "reference": reference,
                "entryId": f"N-{len(self._all) + 1:08d}",
                "recordedAt": rfc3339(clock.now()),
                **sent,
            }
            self._journal.append(line)
            self._keep(line)
            return Put.CREATED, deepcopy(line)

    def get(self, reference: str, external_id: str) -> Line | None:
        """None when the case holds no entry with this id."""
        with self._lock:
            return deepcopy(self._by_id.get((reference, external_id)))

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
        reference, external_id = str(line["reference"]), str(line["externalId"])
        self._all.append(line)
        self._by_case.setdefault(reference, []).append(line)
        self._by_id[reference, external_id] = line
