"""Codes as people type them."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 100
"""Characters that are looked at: a code with all its blanks and dashes is shorter."""


def digits_in(typed: str) -> str:
    """The digits 0 to 9 of a typed code; blanks, dashes and a keyboard's wide digits do not
    matter."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST])
    return "".join(character for character in plain if character in "0123456789")
