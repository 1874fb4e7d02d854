"""A count that could point at one person is not shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.oversight.rules import SMALLEST_SHOWN, shown_count


@given(st.integers(0, 10_000))
def test_a_count_is_shown_whole_or_not_at_all(count: int) -> None:
    assert shown_count(count) == (None if 1 <= count <= 4 else count)


def test_five_is_the_smallest_that_is_shown() -> None:
    assert SMALLEST_SHOWN == 5
