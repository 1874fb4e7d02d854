"""What a case system tells, read strictly, whatever its make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from app.sync.adapters.http import HttpAnswer, HttpCalls, ToldNonsense, Unanswered, read_json
from app.sync.port import (
    Answer,
    Case,
    CaseSystemFailed,
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


@dataclass(frozen=True, slots=True)
class ReceiptKeys:
    """What a make of case system calls its own id of an entry, and the time of recording it."""

    entry_id: str
    recorded_at: str


def send(
    calls: HttpCalls,
    method: str,
    path: str,
    entry: Entry,
    keys: ReceiptKeys,
    *good: int,
    ends_by: float | None = None,
) -> Answer:
    """Send an entry and read the receipt, which comes with one of the `good` statuses.

    Never raises.
    """
    try:
        answer = calls.call(method, path, content=entry.to_json(), ends_by=ends_by)
        if answer.status in good:
            return _receipt(answer.body, keys)
    except Unanswered as silence:
        return NoAnswer(silence.why)
    except ToldNonsense:
        return NoAnswer(Silence.NONSENSE)
    if answer.status < 300:  # accepted, perhaps, but there is nothing to show for it
        return NoAnswer(Silence.NONSENSE)
    return Refused(answer.status, answer.retry_after)


def get(calls: HttpCalls, path: str, query: dict[str, str | int] | None = None) -> HttpAnswer:
    """Read something. Raises CaseSystemFailed when there is no answer."""
    try:
        return calls.call("GET", path, query=query)
    except Unanswered as silence:
        raise CaseSystemFailed(None, silence.why.value) from silence


def told(answer: HttpAnswer) -> object:
    """The JSON of a good answer. Raises CaseSystemFailed."""
    if answer.status != 200:
        why = "not the answer that was asked for"
        raise CaseSystemFailed(answer.status, why, answer.retry_after)
    try:
        return read_json(answer.body)
    except ToldNonsense as nonsense:
        raise CaseSystemFailed(answer.status, str(nonsense)) from nonsense


def an_object(value: object) -> Case:
    if not isinstance(value, dict):
        raise CaseSystemFailed(200, "the answer is not an object")
    return cast("Case", value)


def a_page(value: object, key: str) -> tuple[list[object], bool, Case]:
    """The items under `key`, whether there are more, and the whole page for what else it says."""
    page = an_object(value)
    items, more = page.get(key), page.get("more")
    if not isinstance(items, list) or not isinstance(more, bool):
        raise CaseSystemFailed(200, f"{key} is not a list, or more not true or false")
    return items, more, page


def only_cases(items: list[object]) -> tuple[Case, ...]:
    if not all(isinstance(case, dict) for case in items):
        raise CaseSystemFailed(200, "something in cases is not an object")
    return tuple(cast("list[Case]", items))


def held(value: object, keys: ReceiptKeys) -> HeldEntry | None:
    """None for what somebody else put onto the case."""
    if not isinstance(value, dict):
        return None
    entry_id = value.get(keys.entry_id)
    if not isinstance(entry_id, str) or not 0 < len(entry_id) <= LONGEST_ID:
        return None
    try:
        return HeldEntry(entry_id, Entry.from_json(value), _time_or_none(value, keys.recorded_at))
    except EntryIsNonsense:
        return None


def _receipt(body: bytes, keys: ReceiptKeys) -> Recorded:
    """Raises ToldNonsense: what cannot be shown later as a receipt is none."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise ToldNonsense("the receipt is not an object")
    entry_id = value.get(keys.entry_id)
    if not isinstance(entry_id, str) or not 0 < len(entry_id) <= LONGEST_ID:
        raise ToldNonsense(f"{keys.entry_id} is not an id")
    recorded_at = _time_or_none(value, keys.recorded_at)
    if recorded_at is None:
        raise ToldNonsense(f"{keys.recorded_at} is not a time")
    return Recorded(entry_id, recorded_at)


def _time_or_none(value: Case, key: str) -> datetime | None:
    text = value.get(key)
    try:
        return from_rfc3339(text) if isinstance(text, str) else None
    except ValueError:
        return None
