"""A message's text is kept to the character, but for what cannot be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.text import LONGEST, TextIsEmpty, TextIsTooLong, clean

FORBIDDEN = {
    *map(chr, range(0x00, 0x09)),
    *map(chr, range(0x0B, 0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, range(0xD800, 0xE000)),
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
ANY_TEXT = st.text(st.characters(codec=None))
BESIDE_FORBIDDEN = "\t\n \x7e\xa0\u2029\u202f\u2065\u206a\ud7ff\ue000"


def cleaned(raw: str) -> str | None:
    try:
        return clean(raw)
    except TextIsEmpty:
        return None


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = cleaned(raw)
    assert once is None or clean(once) == once


@given(st.text(st.sampled_from(sorted(FORBIDDEN)) | st.characters(codec=None)))
def test_forbidden_characters_go_and_everything_else_is_kept_to_the_character(raw: str) -> None:
    kept = raw.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in kept if c not in FORBIDDEN).strip()
    assert cleaned(raw) in (None, kept)
    assert cleaned("a" + raw + "z") == "a" + clean("a" + raw + "z")[1:-1] + "z"


def test_each_forbidden_character_goes() -> None:
    for character in FORBIDDEN - {"\r"}:
        assert clean(f"a{character}z") == "az", hex(ord(character))


@pytest.mark.parametrize("character", BESIDE_FORBIDDEN)
def test_characters_beside_the_forbidden_ones_stay(character: str) -> None:
    assert clean(f"a{character}z") == f"a{character}z"


def test_line_ends_become_line_feeds() -> None:
    assert clean("a\r\nb\rc\n\r\nd\r\r\ne") == "a\nb\nc\n\nd\n\ne"


def test_line_ends_are_changed_before_characters_are_removed() -> None:
    assert clean("a\r\x00\nb") == "a\n\nb"


def test_blanks_go_at_both_ends_only() -> None:
    assert clean(" \n\t\u3000 a  b \n\n c\u00a0\u2028 ") == "a  b \n\n c"


def test_blanks_at_the_ends_go_even_behind_removed_characters() -> None:
    assert clean("\u202e \x00a\x00 \u2069") == "a"


@pytest.mark.parametrize(
    "text",
    [
        '<b>bold</b> & "quotes" &amp; {{ 7 * 7 }} \' OR 1=1 --',
        "Mae'r heddlu wedi fy ffonio: tŷ, ŵyl",
        "👩‍👩‍👧 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ❤️ 1️⃣",
        "سلام می‌خواهم",
        "e\u0301 is not \u00e9",
        "a\u200bb\ufeffc",
    ],
)
def test_markup_emoji_and_other_scripts_are_kept(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\r\r\n",
        "\x00\x1b\x9f",
        "\ud83d",
        "\u202e\u202c",
        "\u200b",
        "\u200b \u200d\n\ufeff",
        "\u00ad\u2060\u180e\u061c",
        "\u3164",
        "\u115f\u1160\uffa0",
        "\u2800 \u2800",
        "\u0301",
        "\ufe0f\U000e0100",
        "\U000e0041\U000e007f",
        "\u2065\ufff0",
        "\U0001d159",
    ],
)
def test_nothing_that_can_be_seen_is_no_message(text: str) -> None:
    with pytest.raises(TextIsEmpty):
        clean(text)


@pytest.mark.parametrize("text", ["a", ".", "\u200b?\u200b", "👍", "é", "ก", "ﷺ", "\ufffd"])
def test_one_visible_character_is_a_message(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("character", ["a", "é", "👍", "\U0001f3f4"])
def test_length_is_counted_in_code_points_after_cleaning(character: str) -> None:
    longest = character * LONGEST
    assert clean(f"  \x00{longest}\r\n") == longest
    with pytest.raises(TextIsTooLong) as refused:
        clean(longest + character)
    assert refused.value.length == LONGEST + 1


def test_a_line_end_counts_as_one() -> None:
    assert len(clean("a" + "\r\n" * (LONGEST - 2) + "z")) == LONGEST
