"""An officer whom the case system does not name is "Officer in your case" to the victim, wherever
one stands, and a colleague to colleagues."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.facts import case_json
from tests.integration.messages.steps import replies
from tests.pages import HTMX, Page
from tests.portal import Joined, OfficerAccount, Portal

UNNAMED = "Officer in your case"
COLLAR, NAME = "7319", "PC Robin Hale"


@pytest.fixture
def protected(northshire: Portal) -> OfficerAccount:
    """Colleagues know the name: an administrator gave it."""
    return northshire.add_officer(COLLAR, name=NAME)


def case_of(name: str | None) -> dict[str, Any]:
    return case_json(officerInCase={"collar": COLLAR, "name": name, "email": None})


def seen(victim: Joined) -> list[Page]:
    """All that the victim is shown of a conversation."""
    return [
        victim.visitor.see(victim.url),
        victim.visitor.see(f"{victim.url}/messages?after=0", headers=HTMX),
        victim.visitor.see(f"{victim.url}/about"),
        victim.visitor.see("/cases"),
    ]


def test_neither_name_nor_collar_number_stands_anywhere_in_what_a_victim_is_sent(
    northshire: Portal, protected: OfficerAccount
) -> None:
    victim = northshire.join(case_of(None))
    inbox = replies(northshire, protected, victim, "Hello")
    pages = seen(victim)
    for page in pages:
        assert COLLAR not in page.text
        assert "Robin" not in page.text
    for page in pages[:2]:
        [message] = page.messages
        assert UNNAMED in message.words
    assert f"{NAME} {COLLAR}" in inbox.see(f"/officer{victim.url}").words


def test_an_officer_who_becomes_protected_is_no_longer_named(
    northshire: Portal, protected: OfficerAccount
) -> None:
    victim = northshire.join(case_of(NAME))
    replies(northshire, protected, victim, "Hello")
    page = victim.visitor.see(victim.url)
    assert f"{NAME} {COLLAR}" in page.messages[0].words
    cursor = page.find(".//ol[@id='messages']").get("data-cursor")
    victim.case["officerInCase"]["name"] = None
    northshire.tell(victim.case)
    for each in seen(victim):
        assert COLLAR not in each.text
        assert "Robin" not in each.text
    news = victim.visitor.get(f"{victim.url}/messages?after={cursor}", headers=HTMX)
    assert UNNAMED in news.get_data(as_text=True)
    victim.case["officerInCase"]["name"] = NAME
    northshire.tell(victim.case)
    assert f"{NAME} {COLLAR}" in victim.visitor.see(victim.url).messages[0].words


def test_the_case_record_still_says_who_wrote(
    northshire: Portal, protected: OfficerAccount
) -> None:
    victim = northshire.join(case_of(None))
    replies(northshire, protected, victim, "Hello")
    northshire.work()
    [entry] = northshire.system().held(victim.case["reference"])
    assert (entry.author.collar, entry.author.name) == (COLLAR, NAME)
