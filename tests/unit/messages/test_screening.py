"""The screening list: whole words, whatever their dress, in time that grows as the text does."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.screening import LISTS, LONGEST_PHRASE, Screen, folded, read_lists, screen
from app.messages.text import LONGEST

PHRASES = ("suicidal", "can't go on", "self-harm", "ddim yn ddiogel", "tŷ")
SCREEN = Screen(PHRASES)

letters = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=6)
phrases = st.sampled_from(PHRASES)
not_letters = st.text(st.sampled_from(' \n\t.,;:!?()[]"-–—/…&+'), min_size=1, max_size=5)
texts = st.text(max_size=200)


def dressed(text: str, accent: str, *, is_loud: bool, is_apart: bool) -> str:
    """The same words, as somebody else would type them."""
    shown = text.upper() if is_loud else text
    each = [f"{c}{accent}" if c.isalpha() else c for c in shown]
    return unicodedata.normalize("NFD" if is_apart else "NFC", "".join(each))


@given(
    phrases, st.sampled_from(["", "\u0301", "\u200b", "\u0316\u0301"]), st.booleans(), st.booleans()
)
def test_a_phrase_is_found_whatever_its_case_and_accents(
    phrase: str, accent: str, is_loud: bool, is_apart: bool
) -> None:
    assert SCREEN.raises_attention(dressed(phrase, accent, is_loud=is_loud, is_apart=is_apart))


@given(texts, not_letters, phrases, not_letters, texts)
def test_a_phrase_is_found_wherever_it_stands(
    before: str, gap: str, phrase: str, other_gap: str, after: str
) -> None:
    assert SCREEN.raises_attention(f"{before}{gap}{phrase}{other_gap}{after}")


@given(phrases, st.text("abcdefgh0123456789", min_size=1, max_size=6))
def test_part_of_a_longer_word_is_no_word(phrase: str, more: str) -> None:
    assert not SCREEN.raises_attention(more + phrase)
    assert not SCREEN.raises_attention(phrase + more)


@given(st.lists(letters, min_size=1, max_size=30))
def test_words_in_another_order_are_another_phrase(words: list[str]) -> None:
    text = " ".join(words)
    wanted = {tuple(folded(phrase)) for phrase in PHRASES}
    found = folded(text)
    stands = any(
        tuple(found[at : at + len(each)]) == each for each in wanted for at in range(len(found))
    )
    assert SCREEN.raises_attention(text) == stands


@given(texts)
def test_folding_is_done_after_once(text: str) -> None:
    words = folded(text)

    assert folded(" ".join(words)) == words
    assert all(word and not word.isspace() for word in words)


@given(texts, texts)
def test_more_words_never_calm_it_down(text: str, more: str) -> None:
    if SCREEN.raises_attention(text):
        assert SCREEN.raises_attention(f"{text} {more}")
        assert SCREEN.raises_attention(f"{more} {text}")


@pytest.mark.parametrize(
    "text",
    [
        "I can’t go on",
        "I CANT GO ON!",
        "can't\ngo   on",
        "ＳＵＩＣＩＤＡＬ",
        "su\u00adici\u200bdal",
        "𝐬𝐮𝐢𝐜𝐢𝐝𝐚𝐥",
        "self harm",
        "y ty",
        "DDIM YN DDIOGEL",
    ],
)
def test_the_same_words_in_many_forms_are_found(text: str) -> None:
    assert SCREEN.raises_attention(text)


@pytest.mark.parametrize(
    "text", ["", "Is there any news?", "go on, can't you", "types", "selfish harm", "…", "\u0301"]
)
def test_other_words_are_not(text: str) -> None:
    assert not SCREEN.raises_attention(text)


HOSTILE = {
    "long rows of accents": "a" + "\u0316\u0301" * LONGEST,
    "one sign that unfolds into many": "\ufdfa" * LONGEST,
    "nearly the longest phrases": "i dont want to be here any " * LONGEST,
    "the first word of many phrases": "fy " * LONGEST,
    "every character another one": "".join(chr(0x3400 + n % 20_000) for n in range(8 * LONGEST)),
    "one endless word": "x" * 8 * LONGEST,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_eight_times_the_text_takes_about_eight_times_as_long(name: str) -> None:
    def seconds(length: int) -> float:
        text, taken = HOSTILE[name][:length], []
        for _ in range(5):
            # Of this thread alone: the machine may have other things to do.
            began = time.thread_time()
            screen().raises_attention(text)
            taken.append(time.thread_time() - began)
        return min(taken)

    # Something that grows with the square would take 64 times as long.
    assert seconds(8 * LONGEST) < 32 * max(seconds(LONGEST), 0.001)


def test_our_lists_hold_something_for_each_language_and_find_it() -> None:
    lists = read_lists(LISTS.read_text(encoding="utf-8"))

    assert set(lists) == {"en", "cy"}
    for phrases_of_one in lists.values():
        assert len(phrases_of_one) > 20
        assert all(screen().raises_attention(f"Hello. {each}!") for each in phrases_of_one)
        assert len(set(map(tuple, map(folded, phrases_of_one)))) == len(phrases_of_one)


@pytest.mark.parametrize(
    "text",
    [
        "How is my case going? The bicycle was red, and I have the frame number at home.",
        "I called 999 at the time and they were very helpful. Can you help me with the form?",
        "Diolch yn fawr. Oes unrhyw newyddion am y beic?",
        "Please find the following: the serial number is 1234.",
    ],
)
def test_everyday_words_raise_nothing(text: str) -> None:
    assert not screen().raises_attention(text)


@pytest.mark.parametrize("phrase", ["", "…", " ".join(["word"] * (LONGEST_PHRASE + 1))])
def test_a_phrase_that_could_never_be_found_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="1 to 8 words"):
        Screen([phrase])


@pytest.mark.parametrize(
    "toml", ['en = ["a"]', "[en]", '[en]\nphrases = "a"', "[en]\nphrases = [1]", "[en]\nx = []"]
)
def test_what_is_no_list_is_refused(toml: str) -> None:
    with pytest.raises(ValueError, match="must hold nothing but"):
        read_lists(toml)
