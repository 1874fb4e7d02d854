"""What the text of a message may be.

The cleaned text is what is stored, shown, hashed and sent, to the character.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 5_000
"""Code points."""

_REMOVED: Final = dict.fromkeys(
    [
        *range(0x0000, 0x0009),
        *range(0x000B, 0x0020),
        *range(0x007F, 0x00A0),
        *range(0xD800, 0xE000),  # surrogates: no text that can be written as UTF-8 holds one
        *range(0x202A, 0x202F),  # bidirectional embeddings and overrides
        *range(0x2066, 0x206A),  # bidirectional isolates
    ]
)

# Controls, formats, blanks, line and paragraph ends, and marks that need a letter to sit on
# (combining accents, variation selectors).
_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})

# Drawn as nothing although Unicode calls them letters, symbols or unassigned: the Hangul fillers,
# the empty Braille pattern, the null notehead, and what is to be ignored when unassigned.
_INVISIBLE_CHARACTERS: Final = frozenset(
    map(
        chr,
        [
            *(0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x1D159, 0x2065),
            *range(0xFFF0, 0xFFF9),
            *range(0xE0000, 0xE1000),
        ],
    )
)


class TextIsEmpty(ValueError):
    """Nothing that can be seen was written."""


class TextIsTooLong(ValueError):
    """The text has more than LONGEST code points."""

    def __init__(self, length: int) -> None:
        super().__init__(f"{length} code points, {LONGEST} at most")
        self.length = length
        """Code points after cleaning."""


def clean(raw: str) -> str:
    """The text of a message as it is stored: 1 to LONGEST code points, something of it visible.

    In this order: CRLF and CR become LF; control characters other than tab and line feed,
    surrogates and bidirectional overrides go; blanks at both ends go. Everything else stays.
    Raises TextIsEmpty or TextIsTooLong.
    """
    text = without_controls(raw).strip()
    if len(text) > LONGEST:
        raise TextIsTooLong(len(text))
    if all(_is_invisible(character) for character in text):
        raise TextIsEmpty
    return text


def without_controls(raw: str) -> str:
    """What can stand on a page: the first half of `clean`, for words that go back as typed."""
    return raw.replace("\r\n", "\n").replace("\r", "\n").translate(_REMOVED)


def _is_invisible(character: str) -> bool:
    return (
        character in _INVISIBLE_CHARACTERS
        or unicodedata.category(character) in _INVISIBLE_CATEGORIES
    )
