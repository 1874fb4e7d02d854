"""When a victim may be told: quiet hours by a British clock, pauses, times as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import (
    CONFIRMATION_LASTS,
    is_confirmed,
    is_paused,
    pause_ends_at,
    quiet_until,
    read_time,
    time_as_typed,
)

NIGHT = (22 * 60, 7 * 60)
MOMENTS = st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
MINUTES = st.integers(0, 24 * 60 - 1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "now, ends",
    [
        (utc(2026, 1, 10, 21, 59), None),
        (utc(2026, 1, 10, 22, 0), utc(2026, 1, 11, 7, 0)),
        (utc(2026, 1, 11, 6, 59), utc(2026, 1, 11, 7, 0)),
        (utc(2026, 1, 11, 7, 0), None),
        # In summer ten at night is nine by Greenwich.
        (utc(2026, 7, 10, 20, 59), None),
        (utc(2026, 7, 10, 21, 0), utc(2026, 7, 11, 6, 0)),
        # The night in which the clocks go forward is an hour shorter, the other one longer.
        (utc(2026, 3, 28, 23, 0), utc(2026, 3, 29, 6, 0)),
        (utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 7, 0)),
    ],
)
def test_a_night_of_quiet_hours(now: datetime, ends: datetime | None) -> None:
    assert quiet_until(*NIGHT, now) == ends


def test_quiet_hours_within_a_day() -> None:
    assert quiet_until(9 * 60, 17 * 60, utc(2026, 1, 10, 9, 0)) == utc(2026, 1, 10, 17, 0)
    assert quiet_until(9 * 60, 17 * 60, utc(2026, 1, 10, 17, 0)) is None


@pytest.mark.parametrize("start, end", [(None, None), (60, None), (None, 60), (60, 60)])
def test_without_two_times_nothing_is_quiet(start: int | None, end: int | None) -> None:
    assert quiet_until(start, end, utc(2026, 1, 10, 1, 0)) is None


@given(MINUTES, MINUTES, MOMENTS)
def test_quiet_hours_always_end_within_a_day_and_an_hour(
    start: int, end: int, now: datetime
) -> None:
    ends = quiet_until(start, end, now)
    assert ends is None or now < ends <= now + timedelta(hours=25, minutes=1)


@pytest.mark.parametrize(
    "typed, minutes",
    [
        ("22:00", 1320),
        ("22", 1320),
        ("2200", 1320),
        ("10pm", 1320),
        (" 10 PM ", 1320),
        ("10 p.m.", 1320),
        ("7.30 am", 450),
        ("7:30am", 450),
        ("0730", 450),
        ("12am", 0),
        ("12pm", 720),
        ("0:00", 0),
        ("Midnight", 0),
        ("noon", 720),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, minutes: int) -> None:
    assert read_time(typed) == minutes


@pytest.mark.parametrize(
    "typed", ["", "24:00", "25", "13pm", "0am", "7:60", "late", "-1", "١٠", "10:00:00", "1 0"]
)
def test_what_is_no_time_is_not_guessed_at(typed: str) -> None:
    assert read_time(typed) is None


@given(MINUTES)
def test_a_time_that_is_shown_is_read_as_the_same(minutes: int) -> None:
    assert read_time(time_as_typed(minutes)) == minutes


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_time_of_day_or_none(typed: str) -> None:
    minutes = read_time(typed)
    assert minutes is None or 0 <= minutes < 24 * 60


def test_a_pause_lasts_until_its_day_begins_here_or_until_it_is_ended() -> None:
    ends = pause_ends_at(date(2026, 7, 11))
    assert ends == utc(2026, 7, 10, 23, 0)
    began = utc(2026, 7, 1)
    assert is_paused(began, ends, utc(2026, 7, 10, 22, 59))
    assert not is_paused(began, ends, utc(2026, 7, 10, 23, 0))
    assert is_paused(began, None, utc(2036, 1, 1))
    assert not is_paused(None, None, began)


def test_what_was_said_counts_for_ninety_days() -> None:
    said = utc(2026, 1, 1)
    assert is_confirmed(said, said + CONFIRMATION_LASTS - timedelta(seconds=1))
    assert not is_confirmed(said, said + CONFIRMATION_LASTS)
    assert not is_confirmed(None, said)
