"""Reading a list of changes that knows whole seconds only, without losing any.

The list is asked for all that changed in a second or later, oldest change first. Many cases share
a second, the second asked from is told again each time, and a case that changes moves to the end of
the list, so that every page behind its old place shifts. So page numbers are used within one second
only, and after each further page the one before it is looked at again: if it is another than it
was, something shifted, and the second is read from its start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from app import clock
from app.sync.port import Case, CaseSystemFailed, ChangesPage, from_rfc3339, rfc3339

SEEN_AT_MOST = 2000
"""More cases of one second than this are told again at each read: more work, nothing lost."""

_THE_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading stands: `page` (from 1) of what changed at `since` or later."""

    since: datetime
    size: int
    page: int = 1
    seen: tuple[str, ...] = ()
    """Fingerprints of what was told of the second `since` already."""
    before: str | None = None
    """Fingerprint of the page before this one."""


@dataclass(frozen=True, slots=True)
class InvestigationsPage:
    """One page as the case system told it."""

    cases: tuple[Case, ...]
    more: bool


Ask = Callable[[Place], InvestigationsPage]
"""Asks the case system for the page at a place. Raises CaseSystemFailed."""


def read_on(ask: Ask, cursor: str | None, limit: int) -> ChangesPage:
    """The next page of changes that were not told before. Raises CaseSystemFailed."""
    place = _place_of(cursor, limit)
    page = ask(place)
    if page.more and not page.cases:
        raise CaseSystemFailed(200, "an empty page of changes says that there is more")
    seconds = [_second_of(case) for case in page.cases]
    if [place.since, *seconds] != sorted([place.since, *seconds]):
        raise CaseSystemFailed(200, "cases do not come oldest change first")
    has_shifted = place.before is not None and (
        _fingerprint(ask(replace(place, page=place.page - 1)).cases) != place.before
    )
    news = tuple(case for case in page.cases if _fingerprint(case) not in place.seen)
    onward = _onward(place, page, seconds, has_shifted=has_shifted)
    return ChangesPage(news, _cursor_of(onward), page.more or has_shifted)


def _onward(
    place: Place, page: InvestigationsPage, seconds: list[datetime], *, has_shifted: bool
) -> Place:
    now = clock.now()
    # A case that is dated ahead (somebody's clock was wrong) stands at the list's end and is told
    # each time: to read on from its date would pass over all that changes before that day.
    newest = max((second for second in seconds if second <= now), default=place.since)
    of_newest = tuple(
        _fingerprint(case)
        for case, second in zip(page.cases, seconds, strict=True)
        if second == newest
    )
    known = place.seen if newest == place.since else ()
    seen = tuple(dict.fromkeys((*known, *of_newest)))[:SEEN_AT_MOST]
    if has_shifted:
        # What was seen of that second stays seen, whatever later seconds this page reached into.
        kept = seen if newest == place.since else place.seen
        return Place(place.since, place.size, seen=kept)
    if page.more and newest == place.since:
        return Place(newest, place.size, place.page + 1, seen, _fingerprint(page.cases))
    return Place(newest, place.size, seen=seen)


def _second_of(case: Case) -> datetime:
    told = case.get("updatedAt")
    try:
        return from_rfc3339(told if isinstance(told, str) else "").replace(microsecond=0)
    except ValueError as error:
        raise CaseSystemFailed(200, "a case among the changes has no usable updatedAt") from error


def _fingerprint(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cursor_of(place: Place) -> str:
    told = {**asdict(place), "since": rfc3339(place.since)}
    return json.dumps(told, separators=(",", ":"))


def _place_of(cursor: str | None, limit: int) -> Place:
    if cursor is None:
        return Place(_THE_START, limit)
    try:
        told = json.loads(cursor)
        place = Place(
            since=from_rfc3339(told["since"]),
            size=int(told["size"]),
            page=int(told["page"]),
            seen=tuple(map(str, told["seen"])),
            before=told["before"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise CaseSystemFailed(None, "the cursor is not one of this profile's") from error
    # Pages of another size have other edges: this second is read from its start.
    return place if place.size == limit else Place(place.since, limit, seen=place.seen)
