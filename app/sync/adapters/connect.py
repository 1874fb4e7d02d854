"""Profile `connect`: a log that takes whatever it is sent, as often as it is sent.

Repeating a call makes a second entry, so a call whose answer was lost has to be looked up first.
The list of changes knows whole seconds only; see `connect_feed` for how it is read.
"""

from __future__ import annotations

from app.sync.adapters.connect_feed import InvestigationsPage, Place, read_on
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
    rfc3339,
)

SETTLE_SECONDS = 30.0

_KEYS = ReceiptKeys("logId", "createdAt")


class ConnectCaseSystem:
    """A case system behind profile `connect`; see `CaseSystem` for what each call promises."""

    text_limit = 32_000
    is_idempotent = False

    def __init__(
        self,
        url: str,
        token: str,
        *,
        call_seconds: float = CALL_SECONDS,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        """Raises ValueError for a token or an address that no request could carry."""
        self._calls = HttpCalls(url, token, call_seconds=call_seconds)
        self.settle_seconds = settle_seconds

    def record(self, reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        path = _path(reference, "log")
        return send(self._calls, "POST", path, entry, _KEYS, 201, ends_by=ends_by)

    def changes(self, cursor: str | None, limit: int) -> ChangesPage:
        return read_on(self._investigations, cursor, limit)

    def case(self, reference: str) -> Case | None:
        answer = get(self._calls, _path(reference))
        return None if answer.status == 404 else an_object(told(answer))

    def entry(self, reference: str, external_id: str) -> HeldEntry | None:
        # A 404 says that there is no such case, not that the entry is not there: a failure.
        answer = get(self._calls, _path(reference, "log"), {"externalId": external_id})
        items, more, _ = a_page(told(answer), "entries")
        found = [held(item, _KEYS) for item in items]
        if any(each is None or each.entry.external_id != external_id for each in found):
            raise CaseSystemFailed(200, "the look-up told of entries that were not asked for")
        if more and not found:
            raise CaseSystemFailed(200, "the look-up told of nothing and said that there is more")
        return found[0] if found else None

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        page, size = _page_of(cursor, limit)
        query: dict[str, str | int] = {"page": page, "pageSize": size}
        answer = get(self._calls, _path(reference, "log"), query)
        items, more, _ = a_page(told(answer), "entries")
        if more and not items:
            raise CaseSystemFailed(200, "an empty page of the log says that there is more")
        ours = tuple(entry for entry in (held(item, _KEYS) for item in items) if entry is not None)
        onward = page + 1 if more else page
        return EntriesPage(ours, f"{onward}:{size}", more, unreadable=len(items) - len(ours))

    def close(self) -> None:
        self._calls.close()

    def _investigations(self, place: Place) -> InvestigationsPage:
        query: dict[str, str | int] = {
            "modifiedSince": rfc3339(place.since),
            "page": place.page,
            "pageSize": place.size,
        }
        items, more, _ = a_page(told(get(self._calls, "/investigations", query)), "cases")
        return InvestigationsPage(only_cases(items), more)


def _path(reference: str, *rest: str) -> str:
    return "/".join(("/investigations", escaped(reference), *rest))


def _page_of(cursor: str | None, limit: int) -> tuple[int, int]:
    """Pages have one size from the first to the last, whatever is asked for in between."""
    if cursor is None:
        return 1, limit
    page, _, size = cursor.partition(":")
    if not all(part.isascii() and part.isdigit() and int(part) for part in (page, size)):
        raise CaseSystemFailed(None, "the cursor is not one of this profile's")
    return int(page), int(size)
