"""Every page of a victim has room for its words in Welsh, and in a language that is 40% longer and
runs from right to left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_layout
from tests.browser.people import VictimInBrowser
from tests.house_rules.access_people import Person
from tests.house_rules.access_table import TABLE, Answer
from tests.house_rules.pseudo import CODE, make_catalogue

RULES = [
    line.rule
    for line in TABLE
    if line.method == "GET"
    and line.answers[Person.VICTIM] is Answer.PAGE
    and not line.rule.startswith("/officer")
    # A poll is a part of a page.
    and not line.rule.endswith("/messages")
]
# What the page "Sign in" begins: the visit is over then.
LAST = ["/sign-in", "/signed-out", "/stopped"]


def look_at_every_page(victim: VictimInBrowser, name: str, direction: str) -> None:
    victim.sends("Is there any news?")
    expect(victim.message("Is there any news?")).to_be_visible()
    case_id = victim.page.url.rsplit("/", 1)[-1].partition("?")[0]
    for rule in [each for each in RULES if each not in LAST] + LAST:
        victim.opens(f"{rule.replace('<case_id>', case_id)}?lang={CODE}")
        root = victim.page.locator("html")
        spoken = (rule, root.get_attribute("lang"), root.get_attribute("dir"))
        assert spoken == (rule, CODE, direction)
        check_layout(victim.page, f"{name} {rule.replace('<case_id>', 'case')}")


def test_every_page_has_room_for_welsh(victim: VictimInBrowser) -> None:
    look_at_every_page(victim, "welsh", "ltr")


@pytest.mark.timeout(180)
def test_every_page_has_room_for_longer_words_from_right_to_left(
    victim: VictimInBrowser, tmp_path: Path
) -> None:
    make_catalogue(tmp_path)
    portal = victim.portal
    with victim.watch.broken_line():
        portal.end_web()
        made_up = {"PSEUDO_TRANSLATIONS": os.fspath(tmp_path)}
        portal.start_web("tests.browser.pseudo_build:app", **made_up)
    try:
        look_at_every_page(victim, "pseudo", "rtl")
    finally:
        with victim.watch.broken_line():
            portal.end_web()
            portal.start_web()
