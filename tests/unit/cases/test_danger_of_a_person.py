"""Danger belongs to a person, not a case: what it is, and when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cases.facts import CaseFacts, read_facts
from app.cases.rules import danger_ends_at, feed_is_fresh, is_danger
from tests.factories.facts import case_json, force_settings

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FORCE = force_settings()


def facts_of(**overrides: Any) -> CaseFacts:
    return read_facts(case_json(**overrides))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"domesticAbuse": True},
        {"victim": {"linkedToSuspect": True}},
        {"flags": ["stalking"]},
        {"domesticAbuse": None, "flags": ["stalking"]},
        {"domesticAbuse": "yes"},
        {"flags": ["repeat-victim", 7]},
        {"flags": "stalking"},
        {"victim": {"linkedToSuspect": 1}},
    ],
)
def test_danger_belongs_to_the_person(spoiled: dict[str, Any]) -> None:
    assert is_danger(facts_of(**spoiled), FORCE)


@pytest.mark.parametrize(
    "spoiled",
    [
        {},
        {"flags": ["repeat-victim"]},
        {"domesticAbuse": None, "flags": None, "victim": {"linkedToSuspect": None}},
        {"victim": {"safeToContact": False}},
        {"offence": {"code": "assault"}},
        {"riskAssessedAt": "never"},
    ],
)
def test_a_case_may_stay_out_without_barring_the_persons_others(spoiled: dict[str, Any]) -> None:
    assert not is_danger(facts_of(**spoiled), FORCE)


CLOSED = {"status": "closed", "closedAt": "2024-02-29T10:00:00Z"}
EARLIER = {"reportedAt": "2023-01-01T00:00:00Z", "updatedAt": "2024-01-01T00:00:00Z"}


def test_danger_ends_24_months_after_the_last_that_happened() -> None:
    ends = danger_ends_at(facts_of(**CLOSED, **EARLIER))
    assert ends == datetime(2026, 2, 28, 10, tzinfo=UTC)
    ends = danger_ends_at(facts_of(**CLOSED, **{**EARLIER, "updatedAt": "2025-08-31T00:00:00Z"}))
    assert ends == datetime(2027, 8, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"status": "charged"},
        {"status": None},
        {"closedAt": None},
        {"closedAt": "last year"},
        {"updatedAt": None},
        {"reportedAt": None},
        {"updatedAt": "9999-12-01T00:00:00Z"},
    ],
)
def test_danger_has_no_end_while_anything_about_it_is_open_or_unknown(
    spoiled: dict[str, Any],
) -> None:
    assert danger_ends_at(facts_of(**{**CLOSED, **EARLIER, **spoiled})) is None


def test_a_feed_is_fresh_up_to_its_hours_and_never_before_its_first_complete_read() -> None:
    assert feed_is_fresh(NOW - timedelta(hours=72), 72, NOW)
    assert not feed_is_fresh(NOW - timedelta(hours=72, seconds=1), 72, NOW)
    assert not feed_is_fresh(None, 72, NOW)
    assert not feed_is_fresh(NOW + timedelta(days=2), 72, NOW)
