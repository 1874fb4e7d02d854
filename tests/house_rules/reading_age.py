"""How hard a page is to read: the Flesch-Kincaid grade of its sentences.

Kincaid and others 1975: 0.39 x words a sentence + 11.8 x syllables a word - 15.59. A grade plus
five is about the age of who reads at it easily: 9 to 11 years are grades 4 to 6. Syllables are
counted by groups of vowels, as is usual; that is a measure and not a judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.markup import UNREAD, is_element
from tests.pages import Page

_BLOCKS = {"p", "li", "h1", "h2", "h3", "dt", "dd", "label", "legend", "div", "summary", "button"}
_SENTENCE_ENDS = re.compile(r"[.!?:;](?:\s|$)|\n")
_WORD = re.compile(r"[A-Za-z’'-]*[A-Za-z]")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^laeiouy]e|[^laeiouytd]es|[^aeiouytd]ed)$")
FEWEST_WORDS = 4
"""A label is no sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        return (
            0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59
            if self.sentences
            else 0.0
        )


def reading_of(page: Page) -> Reading:
    """Of the sentences in the page's `main`, each once: a list says the same of all its items. What
    people wrote is left out."""
    text = "".join(_blocks(page.find(".//main")))
    sentences = [_WORD.findall(part) for part in _SENTENCE_ENDS.split(text)]
    long_enough = (tuple(words) for words in sentences if len(words) >= FEWEST_WORDS)
    once = tuple(dict.fromkeys(long_enough))
    words = [word for sentence in once for word in sentence]
    return Reading(len(words), len(once), sum(map(syllables, words)))


def syllables(word: str) -> int:
    plain = re.sub(r"[^a-z]", "", word.lower())
    count = len(_VOWELS.findall(plain))
    if count > 1 and _SILENT_END.search(plain):
        count -= 1
    return max(1, count)


def _blocks(element: Element) -> Iterator[str]:
    """The text, with a line end around whatever stands on lines of its own."""
    if not is_element(element) or element.tag in UNREAD or element.get("data-body") is not None:
        return
    around = "\n" if element.tag in _BLOCKS else ""
    yield around + _folded(element.text)
    for child in element:
        yield from _blocks(child)
        yield _folded(child.tail)
    yield around


def _folded(text: str | None) -> str:
    """Line ends in the source are blanks on the page."""
    return re.sub(r"\s+", " ", text or "")
