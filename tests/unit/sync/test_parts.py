"""Long texts in parts."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sync.parts import entries_for, part_id, split
from app.sync.port import Author, Entry, EntryKind, Part, Priority

TEXTS = st.text(alphabet=st.sampled_from("ab \n\t🚲é\u0301"), max_size=200)


@given(text=TEXTS, limit=st.integers(1, 60))
@example(text="", limit=1)
@example(text="x" * 60, limit=60)
def test_parts_join_to_the_text_and_none_passes_the_limit(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert "".join(parts) == text
    assert all(len(part) <= limit for part in parts)
    assert all(parts) or parts == ("",)


@given(text=TEXTS, limit=st.integers(1, 60))
def test_word_is_cut_only_where_a_part_has_neither_line_end_nor_blank(
    text: str, limit: int
) -> None:
    *cut, _ = split(text, limit)
    for part in cut:
        assert part[-1].isspace() or (len(part) == limit and not any(map(str.isspace, part)))


@given(text=TEXTS, limit=st.integers(1, 60))
def test_text_is_cut_the_same_way_every_time(text: str, limit: int) -> None:
    assert split(text, limit) == split(text, limit)


def test_short_text_is_one_part() -> None:
    assert split("Hello", 5) == ("Hello",)


def test_line_end_is_a_better_cut_than_a_later_blank() -> None:
    assert split("One line.\nAnother line", 14) == ("One line.\n", "Another line")


def test_early_line_end_does_not_leave_a_part_nearly_empty() -> None:
    assert split("Hi\nthis goes on and on", 14) == ("Hi\nthis goes ", "on and on")


def test_limit_counts_code_points() -> None:
    assert split("🚲🚲🚲", 2) == ("🚲🚲", "🚲")


def test_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="one character"):
        split("Hello", 0)


def test_first_part_has_the_bare_id() -> None:
    assert [part_id("abc", n) for n in (1, 2, 3)] == ["abc", "abc-2", "abc-3"]


def entries(text: str, limit: int) -> tuple[Entry, ...]:
    return entries_for(
        external_id="abc",
        kind=EntryKind.VICTIM_MESSAGE,
        author=Author(kind="victim", name="Ana Silva", id="V-1"),
        sent_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        text=text,
        sequence=7,
        limit=limit,
        priority=Priority.HIGH,
        disclosure=True,
    )


@given(text=TEXTS, limit=st.integers(1, 60))
def test_every_part_carries_all_that_its_text_is(text: str, limit: int) -> None:
    made = entries(text, limit)

    assert "".join(entry.text for entry in made) == text
    assert [entry.part for entry in made] == [Part(n + 1, len(made)) for n in range(len(made))]
    assert len({entry.external_id for entry in made}) == len(made)
    for entry in made:
        assert entry.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert (entry.sequence, entry.priority, entry.disclosure) == (7, Priority.HIGH, True)
        assert entry.sent_at == made[0].sent_at


def test_text_within_the_limit_is_one_entry_with_the_bare_id() -> None:
    (entry,) = entries("Hello", 5)
    assert (entry.external_id, entry.part) == ("abc", Part(1, 1))
