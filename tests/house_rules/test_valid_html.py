"""The Nu HTML checker finds nothing on any page that anybody is shown: one call for all of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.databases import ROOT
from tests.house_rules.access_table import TABLE, Person
from tests.house_rules.town import Town

CHECKER = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
SEVERAL = 60
"""Pages at least: fewer would mean that the walk has lost its way."""

# What the checker warns of, and why it stays so.
KNOWN = (
    # "Exit this page" and its like are links that act as buttons, as GOV.UK has them.
    "The “button” role is unnecessary",
)


def pages_of(town: Town) -> dict[str, str]:
    """Every whole page of every GET for everybody, by a name; the same words only once."""
    found: dict[str, str] = {}
    for number, line in enumerate(line for line in TABLE if line.method == "GET"):
        for person in Person:
            page = town.ask(line, person)
            if page.response.mimetype == "text/html" and page.is_whole:
                found.setdefault(page.text, f"{number:03}-{person.name.lower()}.html")
    return {name: text for text, name in found.items()}


def test_the_nu_html_checker_finds_nothing_on_any_page(town: Town, tmp_path: Path) -> None:
    pages = pages_of(town)
    assert len(pages) > SEVERAL
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    command = ["java", "-Xss2m", "-jar", str(CHECKER), "--format", "json", str(tmp_path)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)

    found = {
        f"{Path(each.get('url', '')).name}: {each['message']} {each.get('extract', '')[:160]}"
        for each in json.loads(told.stderr)["messages"]
        if not each["message"].startswith(KNOWN)
    }
    assert found == set()
