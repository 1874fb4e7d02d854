"""The marks beside a victim's messages, as people of the force see them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from app.accounts.signed_in import officer
from app.cases.access import Way, is_in_charge
from app.cases.models import Case
from app.inbox.forms import MARKS
from app.messages.marking import marks_of
from app.messages.queries import Page
from app.messages.rules import Marks
from app.web.transactions import db


@dataclass(frozen=True, slots=True)
class MarksView:
    """What stands beside one message: `labels` of its marks, and where it can be marked."""

    labels: list[str]
    url: str


def marks_beside(case: Case, way: Way, page: Page) -> dict[int, MarksView]:
    """By the message's number, for each of the victim's messages on this page."""
    victims = [message for message in page.messages if message.author_kind == "victim"]
    ids = [message.id for message in victims]
    marks = marks_of(db(), officer(), ids, is_in_charge=is_in_charge(way)) if ids else {}
    return {
        message.sequence: MarksView(
            labels=labels_of(marks.get(message.id, frozenset())),
            url=url_for("inbox.mark_message", case_id=case.id, sequence=message.sequence),
        )
        for message in victims
    }


def labels_of(marks: Marks) -> list[str]:
    """The marks in words, always in the same order."""
    return [str(label) for kind, label in MARKS.items() if kind in marks]
