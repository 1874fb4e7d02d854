"""A language that nobody speaks, made of ours: every letter accented, every text longer.

What a page shows in plain letters then did not come through gettext. It stands in for Welsh,
whose rules for plurals are the hardest that the portal may meet.
"""

from __future__ import annotations

import re
import string
import textwrap
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

ROOT = Path(__file__).resolve().parents[2]
CODE = "cy"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
_LETTERS = str.maketrans(
    string.ascii_letters,
    "áƀćđéƒǵĥíĵķłḿńóṕɋŕśţúṽŵẋýźÁƁĆĐÉƑǴĤÍĴĶŁḾŃÓṔɊŔŚŢÚṼŴẊÝŹ",
)
# What a translator leaves as it is: placeholders, and what makes up links and bold words.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|</?\w+[^>]*>|&\w+;)")


def make_catalogue(folder: Path) -> list[str]:
    """Write the compiled catalogue below `folder`; the texts in it."""
    catalogue = Catalog(locale=CODE)
    for text, plural in _extracted():
        if plural is None:
            catalogue.add(text, pretend(text))
        else:
            forms = tuple(pretend(plural) for _ in range(catalogue.num_plurals))
            catalogue.add((text, plural), forms)
    path = folder / CODE / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    return [text for text, _ in _extracted()]


def pretend(text: str) -> str:
    """The text with an accent on every letter, about 40% longer, in brackets."""
    parts = _KEPT.split(text)
    accented = [
        part if position % 2 else part.translate(_LETTERS) for position, part in enumerate(parts)
    ]
    # In words, so that lines can break as they do between real ones.
    longer = textwrap.wrap("·" * (2 + len(text) * 2 // 5), 6)
    return f"⟦{''.join(accented)} {' '.join(longer)}⟧"


def _extracted() -> list[tuple[str, str | None]]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    # Officers' texts stay out of our catalogues, and can be translated all the same.
    methods = [(pattern, method) for pattern, method in methods if method != "ignore"]
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_ours)
    return [
        (text, None) if isinstance(text, str) else (text[0], text[1])
        for _file, _line, text, _comments, _context in found
    ]


def _is_ours(folder: str | Path) -> bool:
    name = Path(folder).name
    return Path(folder) == ROOT or (name[:1] not in "._" and name not in {"node_modules", "var"})
