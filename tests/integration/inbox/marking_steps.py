"""Marking messages, for the tests about it."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from app.sync.port import Entry
from tests.integration.inbox.steps import officers_url
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

DISCLOSURE, WITHDRAWAL, COMPLAINT = "disclosure", "withdrawal", "complaint"
TELLS = "Tells of another crime or of harm"
WITHDRAWS = "Wants to withdraw"
COMPLAINS = "Complains about the officer or the police"
WORDS = "He has also been taking my pension"


def marks(someone: Visitor, victim: Joined, *kinds: str, number: int = 1) -> Page:
    """Choose exactly these marks on the page for it, and save."""
    page = someone.see(f"{officers_url(victim)}/messages/{number}/marks")
    return save(someone, page, *kinds)


def save(someone: Visitor, page: Page, *kinds: str) -> Page:
    form = page.form("Save marks")
    values = {name: value for name, value in form.values.items() if name != "marks"}
    data: MultiDict[str, Any] = MultiDict([*values.items(), *(("marks", kind) for kind in kinds)])
    response = someone.post(form.action, data=data, headers={"Sec-Fetch-Site": "same-origin"})
    if response.status_code == 303:
        return someone.see(response.location)
    return Page(response, form.action)


def shown_beside(someone: Visitor, victim: Joined, number: int = 1) -> str:
    """What an open case page says in a message."""
    page = someone.see(officers_url(victim))
    [words] = [each.words for each in page.messages if each.sequence == number]
    return words


def held(portal: Portal, victim: Joined) -> tuple[Entry, ...]:
    return portal.system().held(victim.case["reference"])


def reply(someone: Visitor, victim: Joined, words: str) -> None:
    page = someone.see(officers_url(victim))
    someone.send(page.form("Send reply"), text=words)
