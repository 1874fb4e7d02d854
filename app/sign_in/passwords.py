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
_SHORTEST_REST = 8
_TELLING = 4
"""Shorter parts of a name say nothing."""


class Weakness(StrEnum):
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    ABOUT_YOU = "about-you"


def weakness_of(password: str, about: Iterable[str]) -> Weakness | None:
    """What speaks against a password, or None. `about`: name, collar number, force, e-mail of the
    person; it has to be long enough without the words in them."""
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if _is_common(password):
        return Weakness.COMMON
    # What somebody who knows the person would begin with counts for nothing.
    rest = password.casefold()
    for word in sorted(_words(about), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != password.casefold() and (len(rest) < _SHORTEST_REST or _is_common(rest)):
        return Weakness.ABOUT_YOU
    return None


def _is_common(password: str) -> bool:
    return bool(zxcvbn(password[:_LOOKED_AT])["guesses"] < _GUESSES)


def _words(about: Iterable[str]) -> set[str]:
    found = {word.casefold() for text in about for word in re.findall(r"\w+", text)}
    return {word for word in found if len(word) >= _TELLING}
