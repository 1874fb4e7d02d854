"""How references and names are compared: as people type them, not as systems write them."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters that Unicode does not take apart, as they are typed on an English keyboard.
_AS_TYPED: Final = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "\u0131": "i",
    }
)


def normalise_reference(raw: str) -> str:
    """What somebody typed, without case, blanks and punctuation; empty if nothing else is in it."""
    folded = unicodedata.normalize("NFKC", raw).casefold()
    kept = "".join(c for c in unicodedata.normalize("NFKC", folded) if c.isalnum())
    return unicodedata.normalize("NFKC", kept)


def canonical_reference(raw: str) -> str:
    """The reference as its system tells cases apart: case and width of blanks do not count.

    Punctuation does: "1/12/25" and "11/2/25" are two cases, though people may type both as 11225.
    """
    return " ".join(unicodedata.normalize("NFKC", raw).casefold().split())


def normalise_name(given: str, family: str) -> str:
    """A person's name for finding the same person again: `given family`, letters and digits only.

    Case, blanks, punctuation and accents do not count ("Anne-Marie O'Brién" is "annemarie obrien"):
    two people taken for one are kept out of the portal, one taken for two could be put in danger.
    Empty if either name has no letter or digit.
    """
    parts = [_plain(given), _plain(family)]
    return " ".join(parts) if all(parts) else ""


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_AS_TYPED)
    return "".join(c for c in unicodedata.normalize("NFKD", folded) if c.isalnum())
