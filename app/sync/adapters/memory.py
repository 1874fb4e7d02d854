"""A case system in this process, for tests: the same promises, and faults to switch on."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import RLock

from app.sync.port import (
    Answer,
    Case,
    CaseSystemFailed,
    ChangesPage,
    EntriesPage,
    Entry,
    HeldEntry,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
)

_FAILS = {"hang": Silence.TIMED_OUT, "nonsense": Silence.NONSENSE}
_CUTS = frozenset({"cut-before", "cut-after"})
_FIRST_RECEIPT = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryCaseSystem:
    """Behaves as the demo case system does, without a network. Threads may share it."""

    def __init__(self, *, text_limit: int = 4000) -> None:
        self.text_limit = text_limit
        self.token_is_good = True
        self.is_reachable = True
        self._lock = RLock()
        self._cases: dict[str, Case] = {}
        self._changed: list[str] = []
        self._held: dict[str, dict[str, tuple[HeldEntry, Recorded]]] = {}
        self._faults: deque[tuple[str, float | None]] = deque()
        self._feed_faults: deque[tuple[str, float | None]] = deque()

    def put_case(self, reference: str, case: Mapping[str, object]) -> None:
        """Create or replace a case and put it at the end of the change feed."""
        with self._lock:
            self._cases[reference] = copy.deepcopy({**case, "reference": reference})
            self._changed.append(reference)

    def fail(
        self, fault: str, *, times: int = 1, retry_after: float | None = None, feed: bool = False
    ) -> None:
        """Let the next calls fail: an HTTP status, `cut-before`, `cut-after`, `hang`, `nonsense`.

        With `feed` the reads of the change feed, without it all others.
        """
        if not (fault.isdigit() or fault in _CUTS or fault in _FAILS):
            raise ValueError(f"unknown fault '{fault}'")
        with self._lock:
            (self._feed_faults if feed else self._faults).extend([(fault, retry_after)] * times)

    def held(self, reference: str) -> tuple[Entry, ...]:
        """What stands on the case record, in order, faults or none."""
        with self._lock:
            return tuple(held.entry for held, _ in self._held.get(reference, {}).values())

    def record(self, reference: str, entry: Entry) -> Answer:
        with self._lock:
            fault, retry_after = self._next_fault(self._faults)
            if fault == "unreachable":
                return NoAnswer(Silence.UNREACHABLE)
            if fault.isdigit():
                return Refused(int(fault), retry_after)
            if fault in _FAILS:
                return NoAnswer(_FAILS[fault])
            answer = NoAnswer(Silence.CUT) if fault == "cut-before" else self._put(reference, entry)
            return NoAnswer(Silence.CUT) if fault == "cut-after" else answer

    def changes(self, cursor: str | None, limit: int) -> ChangesPage:
        with self._lock:
            self._fail_read(self._feed_faults)
            newest = {reference: place for place, reference in enumerate(self._changed)}
            places = sorted(place for place in newest.values() if place >= _place(cursor))
            page, more = places[:limit], len(places) > limit
            onward = page[-1] + 1 if more else len(self._changed)
            cases = tuple(copy.deepcopy(self._cases[self._changed[place]]) for place in page)
            return ChangesPage(cases, str(onward), more)

    def case(self, reference: str) -> Case | None:
        with self._lock:
            self._fail_read(self._faults)
            return copy.deepcopy(self._cases.get(reference))

    def entry(self, reference: str, external_id: str) -> HeldEntry | None:
        with self._lock:
            self._fail_read(self._faults)
            held = self._held.get(reference, {}).get(external_id)
            return held[0] if held else None

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        with self._lock:
            self._fail_read(self._faults)
            if reference not in self._cases:
                raise CaseSystemFailed(404, "not the answer that was asked for")
            every = [held for held, _ in self._held.get(reference, {}).values()]
            page = tuple(every[_place(cursor) :][:limit])
            onward = _place(cursor) + len(page)
            return EntriesPage(page, str(onward), onward < len(every))

    def close(self) -> None:
        """There is nothing to give back."""

    def _put(self, reference: str, entry: Entry) -> Recorded | Refused:
        if reference not in self._cases:
            return Refused(404)
        if len(entry.text) > self.text_limit:
            return Refused(413)
        on_case = self._held.setdefault(reference, {})
        if entry.external_id in on_case:
            held, receipt = on_case[entry.external_id]
            return receipt if held.entry == entry else Refused(409)
        number = sum(map(len, self._held.values())) + 1
        receipt = Recorded(f"E{number}", _FIRST_RECEIPT + timedelta(seconds=number))
        on_case[entry.external_id] = (HeldEntry(receipt.entry_id, entry), receipt)
        return receipt

    def _next_fault(self, faults: deque[tuple[str, float | None]]) -> tuple[str, float | None]:
        if not self.is_reachable:
            return "unreachable", None
        if not self.token_is_good:
            return "401", None
        return faults.popleft() if faults else ("", None)

    def _fail_read(self, faults: deque[tuple[str, float | None]]) -> None:
        fault, _ = self._next_fault(faults)
        if fault.isdigit():
            raise CaseSystemFailed(int(fault), "not the answer that was asked for")
        if fault == "nonsense":
            raise CaseSystemFailed(200, "the answer is not JSON")
        if fault:
            raise CaseSystemFailed(None, fault)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise CaseSystemFailed(400, "not the answer that was asked for")
    return int(cursor)
