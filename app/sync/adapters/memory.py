"""A case system in this process, for tests: the same promises, and faults to switch on."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import RLock

from app import clock
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
_CUTS = frozenset({"cut-before", "cut-after", "late"})
_FIRST_RECEIPT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Late:
    """A call whose answer was lost and which takes effect later."""

    at: datetime
    reference: str
    entry: Entry


class MemoryCaseSystem:
    """Behaves as the demo case system does, without a network. Threads may share it."""

    def __init__(
        self, *, text_limit: int = 4000, is_idempotent: bool = True, settle_seconds: float = 0.0
    ) -> None:
        """Profile `niche`, unless it is told not to be idempotent: then it is `connect`'s log."""
        self.text_limit = text_limit
        self.is_idempotent = is_idempotent
        self.settle_seconds = settle_seconds
        self.token_is_good = True
        self.is_reachable = True
        self._lock = RLock()
        self._cases: dict[str, Case] = {}
        self._changed: list[str] = []
        self._held: dict[str, list[HeldEntry]] = {}
        self._late: list[_Late] = []
        self._faults: deque[tuple[str, float | None]] = deque()
        self._feed_faults: deque[tuple[str, float | None]] = deque()

    def put_case(self, reference: str, case: Mapping[str, object]) -> None:
        """Create or replace a case and put it at the end of the change feed."""
        with self._lock:
            self._cases[reference] = copy.deepcopy({**case, "reference": reference})
            self._changed.append(reference)

    def rename(self, old: str, new: str) -> None:
        """The case goes on under `new` with all that stands on it; `old` is no case any more."""
        with self._lock:
            self._let_late_ones_in()
            self._cases[new] = {**self._cases.pop(old), "reference": new}
            self._held[new] = self._held.pop(old, [])
            self._changed = [new if each == old else each for each in self._changed]

    def fail(
        self, fault: str, *, times: int = 1, retry_after: float | None = None, feed: bool = False
    ) -> None:
        """Let the next calls fail: an HTTP status, `cut-before`, `cut-after`, `hang`, `nonsense`,
        or `late`, after which the effect comes `settle_seconds` later (1 where that is 0).

        With `feed` the reads of the change feed, without it all others.
        """
        if not (fault.isdigit() or fault in _CUTS or fault in _FAILS):
            raise ValueError(f"unknown fault '{fault}'")
        with self._lock:
            (self._feed_faults if feed else self._faults).extend([(fault, retry_after)] * times)

    def heal(self) -> None:
        """No more faults."""
        with self._lock:
            self._faults.clear()
            self._feed_faults.clear()

    def held(self, reference: str) -> tuple[Entry, ...]:
        """What stands on the case record, in order, faults or none."""
        with self._lock:
            self._let_late_ones_in()
            return tuple(held.entry for held in self._held.get(reference, []))

    def record(self, reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        if ends_by is not None and clock.boot_seconds() >= ends_by:
            return NoAnswer(Silence.NOT_SENT)
        with self._lock:
            self._let_late_ones_in()
            fault, retry_after = self._next_fault(self._faults)
            if fault == "unreachable":
                return NoAnswer(Silence.UNREACHABLE)
            if fault.isdigit():
                return Refused(int(fault), retry_after)
            if fault in _FAILS:
                return NoAnswer(_FAILS[fault])
            if fault == "late":
                later = clock.now() + timedelta(seconds=self.settle_seconds or 1.0)
                self._late.append(_Late(later, reference, entry))
            if fault in {"cut-before", "late"}:
                return NoAnswer(Silence.CUT)
            answer = self._put(reference, entry)
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
            if not self.is_idempotent and reference not in self._cases:
                raise CaseSystemFailed(404, "not the answer that was asked for")
            return self._find(reference, external_id)

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        with self._lock:
            self._fail_read(self._faults)
            if reference not in self._cases:
                raise CaseSystemFailed(404, "not the answer that was asked for")
            every = self._held.get(reference, [])
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
        held = self._find(reference, entry.external_id) if self.is_idempotent else None
        if held is not None:
            return _receipt(held) if held.entry == entry else Refused(409)
        number = sum(map(len, self._held.values())) + 1
        new = HeldEntry(f"E{number}", entry, _FIRST_RECEIPT + timedelta(seconds=number))
        self._held.setdefault(reference, []).append(new)
        return _receipt(new)

    def _find(self, reference: str, external_id: str) -> HeldEntry | None:
        every = self._held.get(reference, [])
        return next((held for held in every if held.entry.external_id == external_id), None)

    def _let_late_ones_in(self) -> None:
        now = clock.now()
        for late in [late for late in self._late if late.at <= now]:
            self._late.remove(late)
            self._put(late.reference, late.entry)

    def _next_fault(self, faults: deque[tuple[str, float | None]]) -> tuple[str, float | None]:
        if not self.is_reachable:
            return "unreachable", None
        if not self.token_is_good:
            return "401", None
        return faults.popleft() if faults else ("", None)

    def _fail_read(self, faults: deque[tuple[str, float | None]]) -> None:
        self._let_late_ones_in()
        fault, retry_after = self._next_fault(faults)
        if fault.isdigit():
            raise CaseSystemFailed(int(fault), "not the answer that was asked for", retry_after)
        if fault == "nonsense":
            raise CaseSystemFailed(200, "the answer is not JSON")
        if fault:
            raise CaseSystemFailed(None, fault)


def _receipt(held: HeldEntry) -> Recorded:
    assert held.recorded_at is not None
    return Recorded(held.entry_id, held.recorded_at)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise CaseSystemFailed(400, "not the answer that was asked for")
    return int(cursor)
