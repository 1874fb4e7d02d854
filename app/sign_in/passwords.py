"""Which passwords officers may choose: long ones that nobody would try, and nothing else asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from zxcvbn import zxcvbn

SHORTEST = 12
LONGEST = 200
"""Characters."""

_GUESSES = 10_000_000
"""What is among the first so many that somebody would try is refused: the commonest passwords,
also with a number behind them or written twice."""
_LOOKED_AT = 72
"""Characters that the estimate looks at: it slows down with the square of them."""
_TELLING = 4
"""Shorter parts of a name say nothing."""


class Weakness(StrEnum):
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    ABOUT_YOU = "about-you"


def weakness_of(password: str, about: Iterable[str]) -> Weakness | None:
    """What speaks against a password, or None. `about`: name, collar number, force, e-mail of the
    person; no word of them may stand in it."""
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if zxcvbn(password[:_LOOKED_AT])["guesses"] < _GUESSES:
        return Weakness.COMMON
    folded = password.casefold()
    if any(word in folded for word in _words(about)):
        return Weakness.ABOUT_YOU
    return None


def _words(about: Iterable[str]) -> set[str]:
    found = {word.casefold() for text in about for word in re.findall(r"\w+", text)}
    return {word for word in found if len(word) >= _TELLING} - {"police", "constabulary"}
