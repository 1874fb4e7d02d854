"""Times in words, in UK time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.web.times import TimeHasNoZone, clock_tag, in_words, time_tag


def test_a_summer_time_is_shown_by_the_clock_on_a_british_wall(app: Flask) -> None:
    with app.test_request_context():
        words = in_words(datetime(2026, 8, 4, 14, 5, tzinfo=UTC))

    assert words == "Tuesday 4 August 2026 at 3:05pm"


def test_a_winter_time_is_not_moved(app: Flask) -> None:
    with app.test_request_context():
        words = in_words(datetime(2026, 12, 1, 9, 30, tzinfo=UTC))

    assert words == "Tuesday 1 December 2026 at 9:30am"


def test_a_time_element_has_words_for_people_and_the_moment_for_machines(app: Flask) -> None:
    with app.test_request_context():
        tag = time_tag(datetime(2026, 8, 4, 14, 5, tzinfo=UTC))

    assert tag == ('<time datetime="2026-08-04T14:05:00Z">Tuesday 4 August 2026 at 3:05pm</time>')


def test_the_end_of_the_session_is_shown_as_an_hour_only(app: Flask) -> None:
    with app.test_request_context():
        tag = clock_tag(datetime(2026, 8, 4, 14, 5, tzinfo=UTC))

    assert tag == '<time datetime="2026-08-04T14:05:00Z" data-session-ends>3:05pm</time>'


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(TimeHasNoZone):
        in_words(datetime(2026, 8, 4, 14, 5))  # noqa: DTZ001
