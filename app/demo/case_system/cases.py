"""The cases of the demo case system and the feed of their changes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from app import clock
from app.demo.case_system.journal import Journal
from app.sync.port import Case, rfc3339

Shape = Mapping[str, "Shape | None"]

SHAPE: Shape = {
    "reference": None,
    "status": None,
    "reportedAt": None,
    "offence": {"code": None, "title": None},
    "domesticAbuse": None,
    "flags": None,
    "riskAssessedAt": None,
    "officerInCase": {"collar": None, "name": None, "email": None},
    "victim": {
        "id": None,
        "givenName": None,
        "familyName": None,
        "dateOfBirth": None,
        "email": None,
        "mobile": None,
        "language": None,
        "safeToContact": None,
        "linkedToSuspect": None,
        "contactShared": {"email": None, "mobile": None},
    },
    "previousReference": None,
    "updatedAt": None,
    "closedAt": None,
}
"""The keys of a case; those with keys of their own are objects once they are told."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Cases whose newest change lies in one stretch of the feed, oldest change first."""

    cases: tuple[Case, ...]
    next: int
    more: bool


class Cases:
    """Every case as last told. Each change moves its case to the end of the feed."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._journal = Journal(path)
        self._cases: dict[str, Case] = {}
        self._changed: list[str] = []
        self._newest: dict[str, int] = {}
        for case in self._journal.lines:
            self._keep(case)

    def put(self, reference: str, told: Case) -> tuple[Case, bool]:
        """Create or change a case; returns it whole, and whether it is new.

        Only the keys that are told change, in the objects inside a case too; `updatedAt` is now.
        """
        with self._lock:
            before = self._cases.get(reference)
            case = _merged(_blank(SHAPE) if before is None else before, told, SHAPE)
            case |= {"reference": reference, "updatedAt": rfc3339(clock.now())}
            self._journal.append(case)
            self._keep(case)
            return deepcopy(case), before is None

    def get(self, reference: str) -> Case | None:
        """None for an unknown reference."""
        with self._lock:
            return deepcopy(self._cases.get(reference))

    def changes(self, after: int, limit: int) -> Changes:
        """The feed from place `after` on, at most `limit` cases."""
        page: list[Case] = []
        with self._lock:
            for place in range(after, len(self._changed)):
                reference = self._changed[place]
                if self._newest[reference] != place:
                    continue  # changed again since: its case stands further on
                if len(page) == limit:
                    return Changes(tuple(page), place, more=True)
                page.append(deepcopy(self._cases[reference]))
            return Changes(tuple(page), max(after, len(self._changed)), more=False)

    def in_order_of_change(self) -> list[Case]:
        """Every case as it is now, the one that changed longest ago first."""
        with self._lock:
            places = sorted(self._newest.items(), key=lambda item: item[1])
            return [deepcopy(self._cases[reference]) for reference, _ in places]

    def newest(self, limit: int) -> tuple[Case, ...]:
        """The cases changed last, newest first, for the page."""
        with self._lock:
            places = sorted(self._newest.items(), key=lambda item: item[1], reverse=True)[:limit]
            return tuple(deepcopy(self._cases[reference]) for reference, _ in places)

    def _keep(self, case: Case) -> None:
        reference = str(case["reference"])
        self._cases[reference] = case
        self._newest[reference] = len(self._changed)
        self._changed.append(reference)


def _blank(shape: Shape) -> Case:
    return dict.fromkeys(shape)


def _merged(before: Case, told: Case, shape: Shape) -> Case:
    merged = dict(before)
    for key, value in told.items():
        inner = shape.get(key)
        if isinstance(value, dict) and inner is not None:
            known = merged.get(key)
            base = known if isinstance(known, dict) else _blank(inner)
            merged[key] = _merged(base, value, inner)
        else:
            merged[key] = value
    return merged
