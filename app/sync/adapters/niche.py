"""Profile `niche`: entries are put under our own id, so repeating a call is always safe."""

from __future__ import annotations

from app.sync.adapters.http import HttpCalls, escaped
from app.sync.adapters.told import (
    ReceiptKeys,
    a_page,
    an_object,
    get,
    held,
    only_cases,
    send,
    told,
)
from app.sync.port import (
    CALL_SECONDS,
    Answer,
    Case,
    CaseSystemFailed,
    ChangesPage,
    EntriesPage,
    Entry,
    HeldEntry,
)

LONGEST_CURSOR = 2000

_KEYS = ReceiptKeys("entryId", "recordedAt")


class NicheCaseSystem:
    """A case system behind profile `niche`; see `CaseSystem` for what each call promises."""

    text_limit = 4000
    is_idempotent = True
    settle_seconds = 0.0

    def __init__(self, url: str, token: str, *, call_seconds: float = CALL_SECONDS) -> None:
        """Raises ValueError for a token or an address that no request could carry."""
        self._calls = HttpCalls(url, token, call_seconds=call_seconds)

    def record(self, reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        path = _path(reference, "entries", entry.external_id)
        return send(self._calls, "PUT", path, entry, _KEYS, 200, 201, ends_by=ends_by)

    def changes(self, cursor: str | None, limit: int) -> ChangesPage:
        cases, onward, more = self._page("/changes", "cases", cursor, limit)
        return ChangesPage(only_cases(cases), onward, more)

    def case(self, reference: str) -> Case | None:
        answer = get(self._calls, _path(reference))
        return None if answer.status == 404 else an_object(told(answer))

    def entry(self, reference: str, external_id: str) -> HeldEntry | None:
        answer = get(self._calls, _path(reference, "entries", external_id))
        if answer.status == 404:
            return None
        found = held(told(answer), _KEYS)
        if found is None or found.entry.external_id != external_id:
            raise CaseSystemFailed(200, "the entry is not the one that was asked for")
        return found

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        items, onward, more = self._page(_path(reference, "entries"), "entries", cursor, limit)
        ours = tuple(entry for entry in (held(item, _KEYS) for item in items) if entry is not None)
        return EntriesPage(ours, onward, more, unreadable=len(items) - len(ours))

    def close(self) -> None:
        self._calls.close()

    def _page(
        self, path: str, key: str, cursor: str | None, limit: int
    ) -> tuple[list[object], str, bool]:
        query: dict[str, str | int] = {"limit": limit}
        if cursor is not None:
            query["cursor"] = cursor
        items, more, page = a_page(told(get(self._calls, path, query)), key)
        onward = page.get("next")
        if not isinstance(onward, str) or not 0 < len(onward) <= LONGEST_CURSOR:
            raise CaseSystemFailed(200, "next is not a cursor")
        if more and onward == cursor:
            raise CaseSystemFailed(200, "next does not go forward although there is more")
        return items, onward, more


def _path(reference: str, *rest: str) -> str:
    return "/".join(("/occurrences", escaped(reference), *map(escaped, rest)))
