"""Due times are counted in working days of England and Wales, by a British clock."""

from __future__ import annotations

import socket
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.cases import working_days
from app.cases.working_days import end_of_working_day, known_until, warn_if_ending

LONDON = ZoneInfo("Europe/London")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
"""Hypothesis adds the zone."""


@pytest.mark.parametrize(
    "event, number, due",
    [
        ("2026-11-26T10:00", 1, "2026-11-27"),
        # Friday at night, Saturday, Sunday: Monday.
        ("2026-11-27T23:59", 1, "2026-11-30"),
        ("2026-11-28T12:00", 1, "2026-11-30"),
        ("2026-11-29T12:00", 1, "2026-11-30"),
        # Good Friday and Easter Monday.
        ("2026-04-02T09:00", 1, "2026-04-07"),
        # Boxing Day is a Saturday: the Monday stands in for it.
        ("2026-12-24T09:00", 1, "2026-12-29"),
        ("2026-12-24T09:00", 5, "2027-01-05"),
        # Holidays of Scotland and Northern Ireland only.
        ("2026-03-16T09:00", 1, "2026-03-17"),
        ("2027-11-29T09:00", 1, "2027-11-30"),
        # In the summer a day begins an hour before that of UTC.
        ("2026-06-30T22:30", 1, "2026-07-01"),
        ("2026-06-30T23:30", 1, "2026-07-02"),
    ],
)
def test_the_day_of_the_event_is_day_0(event: str, number: int, due: str) -> None:
    moment = datetime.fromisoformat(event).replace(tzinfo=UTC)
    end = end_of_working_day(number, after=moment).astimezone(LONDON)
    assert (end.date().isoformat(), end.time().isoformat()) == (due, "23:59:59")


@given(MOMENTS, st.integers(1, 30))
def test_due_days_are_working_days_in_their_order(moment: datetime, number: int) -> None:
    day = moment.astimezone(LONDON).date()
    due = [
        end_of_working_day(each, after=moment).astimezone(LONDON).date()
        for each in (number, number + 1)
    ]
    assert day < due[0] < due[1]
    assert all(each.weekday() < 5 for each in due)
    assert (due[0] - day).days >= number


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    working_days._holidays.cache_clear()
    assert known_until() > date(2027, 1, 1)


def test_operators_are_told_half_a_year_before_the_known_holidays_end() -> None:
    end = datetime.combine(known_until(), datetime.min.time(), LONDON)
    with structlog.testing.capture_logs() as said:
        assert not warn_if_ending(end - timedelta(days=183))
        assert said == []
        assert warn_if_ending(end - timedelta(days=182))
    assert said[0]["log_level"] == "warning"
    assert said[0]["known_until"] == known_until().isoformat()
