"""Brings the catalogues up to date with the texts in the code, as `make texts` does.

New texts come in untranslated, texts that are gone go, and nothing is guessed from a text that
looks alike. Sorted and without line numbers, so that two people's changes seldom meet. Run it with
the Python of .venv. It exits 1 while a text waits for its translation, and names it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "app" / "translations"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
WIDTH = 100
NEXT = "next"
"""The comment on a translation whose text is on its way into the code: it may wait there."""


def main() -> int:
    """Update every catalogue; 0 if nothing waits for a translation."""
    template = texts_for_victims()
    waiting = 0
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalogue = read_po(file)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        for message in catalogue:
            # Where a text stands changes all the time and says nothing about its translation.
            message.locations = []
            message.user_comments = [each for each in message.user_comments if each != NEXT]
        for message in catalogue.obsolete.values():
            if NEXT in message.user_comments:
                catalogue[message.id] = message
        with path.open("wb") as file:
            write_po(file, catalogue, WIDTH, sort_output=True, ignore_obsolete=True)
        missing = [each.id for each in catalogue if each.id and not is_translated(each)]
        waiting += len(missing)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {len(missing)} to translate")
        for text in missing:
            print(f"  {text if isinstance(text, str) else text[0]}")
    return 1 if waiting else 0


def texts_for_victims() -> Catalog:
    """Every text in the files that `babel.cfg` does not leave out."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog()
    for part in ("app", "templates"):
        texts = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_in(part))
        for _file, _line, text, _comments, context in texts:
            found.add(text, context=context)
    return found


def _is_in(part: str):  # type: ignore[no-untyped-def]
    folder = ROOT / part
    return lambda path: Path(path) == ROOT or folder in (Path(path), *Path(path).parents)


def is_translated(message) -> bool:  # type: ignore[no-untyped-def]
    """Whether every form of a text is there, and none is a guess."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms) and not message.fuzzy


if __name__ == "__main__":
    sys.exit(main())
