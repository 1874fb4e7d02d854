"""Walking parsed HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

UNREAD = {"script", "style", "template"}


def is_element(node: Element) -> bool:
    """False for a comment, whose tag is a function."""
    tag: object = node.tag
    return isinstance(tag, str)


def elements(root: Element) -> Iterator[Element]:
    """Every element, comments left out."""
    return (node for node in root.iter() if is_element(node))


def words(element: Element | None) -> str:
    """The text in an element, scripts and styles left out, blanks folded."""
    if element is None:
        return ""
    return re.sub(r"\s+", " ", "".join(texts(element))).strip()


def texts(element: Element) -> Iterator[str]:
    """The text nodes in an element, in their order, scripts and styles left out."""
    if is_element(element) and element.tag not in UNREAD:
        yield element.text or ""
        for child in element:
            yield from texts(child)
            yield child.tail or ""


def tokens(element: Element, attribute: str) -> list[str]:
    """The words of an attribute such as `class` or `aria-describedby`."""
    return (element.get(attribute) or "").split()
