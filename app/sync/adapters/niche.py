"""Profile `niche`: entries are put under our own id, so repeating a call is always safe."""

from __future__ import annotations

from typing import cast

from app.sync.adapters.http import (
    HttpAnswer,
    HttpCalls,
    ToldNonsense,
    Unanswered,
    escaped,
    read_json,
)
from app.sync.port import (
    CALL_SECONDS,
    Answer,
    Case,
    CaseSystemFailed,
    ChangesPage,
    EntriesPage,
    Entry,
    EntryIsNonsense,
    HeldEntry,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
    from_rfc3339,
)

LONGEST_ID = 255
LONGEST_CURSOR = 2000


class NicheCaseSystem:
    """A case system behind profile `niche`; see `CaseSystem` for what each call promises."""

    text_limit = 4000

    def __init__(self, url: str, token: str, *, call_seconds: float = CALL_SECONDS) -> None:
        """Raises ValueError for a token or an address that no request could carry."""
        self._calls = HttpCalls(url, token, call_seconds=call_seconds)

    def record(self, reference: str, entry: Entry) -> Answer:
        path = f"/occurrences/{escaped(reference)}/entries/{escaped(entry.external_id)}"
        try:
            answer = self._calls.call("PUT", path, content=entry.to_json())
            if answer.status in {200, 201}:
                return _receipt(answer.body)
        except Unanswered as silence:
            return NoAnswer(silence.why)
        except ToldNonsense:
            return NoAnswer(Silence.NONSENSE)
        if answer.status < 300:  # accepted, perhaps, but there is nothing to show for it
            return NoAnswer(Silence.NONSENSE)
        return Refused(answer.status, answer.retry_after)

    def changes(self, cursor: str | None, limit: int) -> ChangesPage:
        cases, onward, more = self._page("/changes", "cases", cursor, limit)
        if not all(isinstance(case, dict) for case in cases):
            raise CaseSystemFailed(200, "something in cases is not an object")
        return ChangesPage(tuple(cast("list[Case]", cases)), onward, more)

    def case(self, reference: str) -> Case | None:
        answer = self._get(f"/occurrences/{escaped(reference)}")
        return None if answer.status == 404 else _object(_told(answer))

    def entry(self, reference: str, external_id: str) -> HeldEntry | None:
        path = f"/occurrences/{escaped(reference)}/entries/{escaped(external_id)}"
        answer = self._get(path)
        if answer.status == 404:
            return None
        held = _held(_told(answer))
        if held is None or held.entry.external_id != external_id:
            raise CaseSystemFailed(200, "the entry is not the one that was asked for")
        return held

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        path = f"/occurrences/{escaped(reference)}/entries"
        told, onward, more = self._page(path, "entries", cursor, limit)
        held = tuple(entry for entry in map(_held, told) if entry is not None)
        return EntriesPage(held, onward, more, unreadable=len(told) - len(held))

    def close(self) -> None:
        self._calls.close()

    def _page(
        self, path: str, key: str, cursor: str | None, limit: int
    ) -> tuple[list[object], str, bool]:
        query: dict[str, str | int] = {"limit": limit}
        if cursor is not None:
            query["cursor"] = cursor
        told = _object(_told(self._get(path, query)))
        items, onward, more = told.get(key), told.get("next"), told.get("more")
        if not isinstance(items, list) or not isinstance(more, bool):
            raise CaseSystemFailed(200, f"{key} is not a list, or more not true or false")
        if not isinstance(onward, str) or not 0 < len(onward) <= LONGEST_CURSOR:
            raise CaseSystemFailed(200, "next is not a cursor")
        if more and onward == cursor:
            raise CaseSystemFailed(200, "next does not go forward although there is more")
        return items, onward, more

    def _get(self, path: str, query: dict[str, str | int] | None = None) -> HttpAnswer:
        try:
            return self._calls.call("GET", path, query=query)
        except Unanswered as silence:
            raise CaseSystemFailed(None, silence.why.value) from silence


def _told(answer: HttpAnswer) -> object:
    if answer.status != 200:
        raise CaseSystemFailed(answer.status, "not the answer that was asked for")
    try:
        return read_json(answer.body)
    except ToldNonsense as nonsense:
        raise CaseSystemFailed(answer.status, str(nonsense)) from nonsense


def _object(told: object) -> Case:
    if not isinstance(told, dict):
        raise CaseSystemFailed(200, "the answer is not an object")
    return cast("Case", told)


def _receipt(body: bytes) -> Recorded:
    """Raises ToldNonsense: what cannot be shown later as a receipt is none."""
    told = read_json(body)
    if not isinstance(told, dict):
        raise ToldNonsense("the receipt is not an object")
    entry_id, recorded_at = told.get("entryId"), told.get("recordedAt")
    if not isinstance(entry_id, str) or not 0 < len(entry_id) <= LONGEST_ID:
        raise ToldNonsense("entryId is not an id")
    if not isinstance(recorded_at, str):
        raise ToldNonsense("recordedAt is not a time")
    try:
        return Recorded(entry_id, from_rfc3339(recorded_at))
    except ValueError as error:
        raise ToldNonsense("recordedAt is not a time") from error


def _held(told: object) -> HeldEntry | None:
    """None for what somebody else put onto the case."""
    entry_id = told.get("entryId") if isinstance(told, dict) else None
    if not isinstance(entry_id, str) or not 0 < len(entry_id) <= LONGEST_ID:
        return None
    try:
        return HeldEntry(entry_id, Entry.from_json(told))
    except EntryIsNonsense:
        return None
