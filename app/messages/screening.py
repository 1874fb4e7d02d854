"""Whether a victim's words should be seen soon: a list of words and phrases for each language.

It only ever raises attention. It says nothing about the victim, and a message that it passes over
is not safe for that. Words are compared as `folded` leaves them; the lists are in
`attention_words.toml`, with their format.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

LISTS: Final = Path(__file__).with_name("attention_words.toml")
LONGEST_PHRASE: Final = 8
"""Words. Keeps the work for each word of a message bounded."""

_APOSTROPHES: Final = frozenset("'`´‘’‛ʹʼ＇")
_DROPPED: Final = frozenset({"Mn", "Me", "Cf"})
"""Accents and other marks, and what is not drawn at all."""


class Screen:
    """A list of phrases, each one or more whole words, ready to be looked for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Raises ValueError for a phrase without words, or with too many."""
        self._phrases = frozenset(map(_words_of_phrase, phrases))
        self._lengths = tuple(sorted({len(phrase) for phrase in self._phrases}))
        self._first_words = frozenset(phrase[0] for phrase in self._phrases)

    def raises_attention(self, text: str) -> bool:
        """Whether any of the phrases stands in the text. In time that grows as the text does."""
        words = folded(text)
        return any(
            tuple(words[start : start + length]) in self._phrases
            for start, word in enumerate(words)
            if word in self._first_words
            for length in self._lengths
        )


def folded(text: str) -> list[str]:
    """The words of a text, in order, as they are compared: without case, accents, width and other
    dress of letters, apostrophes (“don’t” is “dont”), and characters that are not drawn.

    Everything that is no letter and no digit parts words, a hyphen and a line end too.
    """
    # Character by character: a long row of accents would take time that grows faster than the text.
    return "".join(map(_folded_character, text)).split()


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    if character in _APOSTROPHES:
        return ""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(
        "" if unicodedata.category(each) in _DROPPED else each if each.isalnum() else " "
        for each in unicodedata.normalize("NFKD", plain)
    )


def _words_of_phrase(phrase: str) -> tuple[str, ...]:
    words = tuple(folded(phrase))
    if not 0 < len(words) <= LONGEST_PHRASE:
        raise ValueError(f"a phrase has 1 to {LONGEST_PHRASE} words: {phrase!r}")
    return words


def read_lists(text: str) -> dict[str, tuple[str, ...]]:
    """The phrases of each language, from TOML. Raises ValueError, also for what is no list."""
    lists: dict[str, tuple[str, ...]] = {}
    for language, table in tomllib.loads(text).items():
        phrases = table.get("phrases") if isinstance(table, dict) and len(table) == 1 else None
        if not isinstance(phrases, list) or not all(isinstance(each, str) for each in phrases):
            raise ValueError(f"[{language}] must hold nothing but a list of texts, `phrases`")
        lists[language] = tuple(phrases)
    return lists


@cache
def screen() -> Screen:
    """All languages' lists together: a victim may write in any of them, whatever they read in."""
    lists = read_lists(LISTS.read_text(encoding="utf-8"))
    return Screen(phrase for phrases in lists.values() for phrase in phrases)
