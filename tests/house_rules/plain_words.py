"""Finds what a page says in plain letters: words that did not come through gettext."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from babel import Locale

from tests.house_rules.pseudo import CODE
from tests.markup import UNREAD, elements, is_element
from tests.pages import Page

# What comes from the case system or from people, and the names of cookies: it stays as it is.
DATA = """
    PC Sam Okafor Alex Morgan Northshire Southshire Police Burglary in a dwelling NS
    Is there any news I will call on Monday Cymraeg English example
    session device
"""
SPOKEN = {"title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt"}
# Attributes of ours that scripts read; every other data-… holds words that they show.
FOR_SCRIPTS = re.compile(
    r"data-(module|hx-.*|message|state|cursor|client-id|limit|options|key|palette|draggable|prevent-.*"
    r"|session-.*)$"
)


def plain_words(page: Page) -> set[str]:
    """Every word on this page that is in plain letters and no data."""
    said = [*_texts(page.root), *_attributes(page.root)]
    return {word for text in said for word in _words(text)} - _known()


def plain_words_of(text: str) -> set[str]:
    """Every word of a plain text that is in plain letters and no data."""
    return set(_words(text)) - _known()


def _words(text: str) -> list[str]:
    # Scripts fill in what is in braces; the factory numbers family names in letters.
    ours = re.sub(r"\{\w+\}|\bMorgan [A-Z]+\b", "", text)
    return re.findall(r"[A-Za-z]{2,}", ours)


def _known() -> set[str]:
    locale = Locale.parse(CODE)
    dates = [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]
    return set(_words(" ".join([DATA, *dates])))


def _texts(element: Element) -> Iterator[str]:
    if not is_element(element) or element.tag in UNREAD | {"time"}:
        return
    if element.get("data-body") is None:
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def _attributes(root: Element) -> Iterator[str]:
    for each in elements(root):
        for name, value in each.attrib.items():
            is_words = name.startswith("data-") and not FOR_SCRIPTS.match(name)
            if name in SPOKEN or is_words:
                yield value
