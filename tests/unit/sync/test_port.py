"""Entries as JSON and back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.port import (
    Author,
    Entry,
    EntryIsNonsense,
    EntryKind,
    Part,
    Priority,
    from_rfc3339,
    rfc3339,
)
from tests.factories.entries import an_entry

# Every key of an entry, for leaving out or spoiling in turn.
NEEDED = ("externalId", "kind", "author", "sentAt", "text", "part", "sha256", "priority")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
ENTRIES = st.builds(
    Entry,
    external_id=st.text(min_size=1),
    kind=st.sampled_from(EntryKind),
    author=st.builds(
        Author,
        kind=st.text(),
        name=st.none() | st.text(),
        id=st.none() | st.text(),
        collar=st.none() | st.text(),
    ),
    sent_at=st.integers(-(10**15), 10**15).map(
        lambda microseconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    ),
    text=st.text(),
    sha256=st.text(),
    sequence=st.none() | st.integers(1),
    part=st.builds(Part, n=st.integers(1), of=st.integers(1)),
    about=st.none() | st.text(),
    priority=st.sampled_from(Priority),
    disclosure=st.booleans(),
)


@given(entry=ENTRIES)
def test_entry_survives_its_own_json(entry: Entry) -> None:
    assert Entry.from_json(entry.to_json()) == entry
    assert Entry.from_json({**entry.to_json(), "entryId": "N-1"}).to_json() == entry.to_json()


@pytest.mark.parametrize("key", NEEDED)
def test_entry_without_a_key_is_nonsense(key: str) -> None:
    told = an_entry().to_json()
    del told[key]
    with pytest.raises(EntryIsNonsense):
        Entry.from_json(told)


@given(key=st.sampled_from([*NEEDED, "about", "sequence", "disclosure"]), value=ANYTHING)
def test_entry_of_wrong_types_is_nonsense_or_an_entry_and_never_a_crash(
    key: str, value: object
) -> None:
    told = {**an_entry().to_json(), key: value}
    with suppress(EntryIsNonsense):
        assert isinstance(Entry.from_json(told), Entry)


@given(value=ANYTHING)
def test_what_is_no_entry_is_nonsense(value: object) -> None:
    with pytest.raises(EntryIsNonsense):
        Entry.from_json(value)


def test_times_are_told_in_utc_with_a_z() -> None:
    moment = datetime(2026, 7, 1, 10, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(moment) == "2026-07-01T09:00:00.000005Z"
    assert from_rfc3339("2026-07-01T10:00:00.000005+01:00") == moment
    assert from_rfc3339("2026-07-01T09:00:00Z").tzinfo is UTC


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        rfc3339(datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a zone"):
        from_rfc3339("2026-07-01T09:00:00")
    with pytest.raises(ValueError, match="outside the calendar"):
        from_rfc3339("0001-01-01T00:00:00+14:00")
