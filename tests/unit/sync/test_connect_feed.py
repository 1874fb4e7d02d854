"""Reading a list of changes that knows whole seconds only, while it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sync.adapters.connect_feed import InvestigationsPage, Place, read_on
from app.sync.port import Case, CaseSystemFailed, from_rfc3339, rfc3339

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Changing:
    """A case system's list; `meanwhile` happens between any two calls, one step a call."""

    second: datetime = NOON
    cases: dict[str, Case] = field(default_factory=dict)
    meanwhile: Iterator[tuple[str, int]] = field(default_factory=lambda: iter(()))
    version: int = 0

    def change(self, reference: str, seconds_later: int = 0) -> None:
        self.second += timedelta(seconds=seconds_later)
        self.version += 1
        self.cases.pop(reference, None)
        self.cases[reference] = {
            "reference": reference,
            "updatedAt": rfc3339(self.second),
            "version": self.version,
        }

    def ask(self, place: Place) -> InvestigationsPage:
        found = [
            case
            for case in self.cases.values()
            if from_rfc3339(str(case["updatedAt"])) >= place.since
        ]
        start = (place.page - 1) * place.size
        page = InvestigationsPage(
            tuple(found[start : start + place.size]), start + place.size < len(found)
        )
        for reference, later in [next(self.meanwhile, (None, 0))]:
            if reference is not None:
                self.change(reference, later)
        return page


def read_to_end(system: Changing, cursor: str | None, limit: int) -> tuple[list[Case], str]:
    told: list[Case] = []
    for _ in range(1000):
        page = read_on(system.ask, cursor, limit)
        assert not (page.more and page.next == cursor)
        told += page.cases
        cursor = page.next
        if not page.more:
            return told, cursor
    raise AssertionError("the feed never ends")


REFERENCES = st.sampled_from([f"case {n}" for n in range(8)])
CHANGES = st.lists(st.tuples(REFERENCES, st.sampled_from([0, 0, 0, 1, 7])), max_size=25)


@settings(max_examples=400)
@given(first=CHANGES, meanwhile=CHANGES, limit=st.integers(1, 4))
def test_every_case_is_told_as_it_is_in_the_end_whatever_changes_meanwhile(
    first: list[tuple[str, int]], meanwhile: list[tuple[str, int]], limit: int
) -> None:
    system = Changing(meanwhile=iter(meanwhile))
    for reference, later in first:
        system.change(reference, later)
    known: dict[object, Case] = {}

    cursor: str | None = None
    for _ in range(len(meanwhile) + 2):
        told, cursor = read_to_end(system, cursor, limit)
        known |= {case["reference"]: case for case in told}

    assert next(system.meanwhile, None) is None
    assert known == system.cases


@given(first=CHANGES, limit=st.integers(1, 4), other=st.integers(1, 4))
def test_nothing_is_told_twice_and_the_end_stays_the_end(
    first: list[tuple[str, int]], limit: int, other: int
) -> None:
    system = Changing()
    for reference, later in first:
        system.change(reference, later)

    told, cursor = read_to_end(system, None, limit)

    assert [case["reference"] for case in told] == list(system.cases)
    assert read_to_end(system, cursor, limit) == ([], cursor)
    assert read_to_end(system, cursor, other)[0] == []


@pytest.mark.parametrize(
    "cases",
    [
        [{"reference": "one"}],
        [{"reference": "one", "updatedAt": "yesterday"}],
        [{"updatedAt": "2026-03-02T12:00:01Z"}, {"updatedAt": "2026-03-02T12:00:00Z"}],
    ],
)
def test_changes_without_an_order_are_a_failure(cases: list[Case]) -> None:
    with pytest.raises(CaseSystemFailed) as failed:
        read_on(lambda _place: InvestigationsPage(tuple(cases), False), None, 10)
    assert failed.value.status == 200


@pytest.mark.parametrize("cursor", ["C12", "{}", '{"since": "yesterday"}', "[]"])
def test_cursor_of_another_profile_is_a_failure(cursor: str) -> None:
    with pytest.raises(CaseSystemFailed):
        read_on(lambda _place: InvestigationsPage((), False), cursor, 10)


@settings(max_examples=200)
@given(first=CHANGES, ahead=st.lists(REFERENCES, min_size=1, max_size=9), limit=st.integers(1, 4))
def test_a_change_dated_ahead_of_the_time_hides_no_later_one(
    first: list[tuple[str, int]], ahead: list[str], limit: int
) -> None:
    """Somebody's clock was wrong: what changes from then on is dated before that."""
    system = Changing(second=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1))
    for reference, later in first:
        system.change(reference, later)
    now = system.second
    for reference in ahead:
        system.change(f"{reference} ahead", 3_000_000)
    told, cursor = read_to_end(system, None, limit)
    assert {case["reference"] for case in told} == set(system.cases)

    system.second = now
    system.change("news", 1)
    system.cases = dict(sorted(system.cases.items(), key=lambda each: str(each[1]["updatedAt"])))
    told, _ = read_to_end(system, cursor, limit)

    assert "news" in [case["reference"] for case in told]
