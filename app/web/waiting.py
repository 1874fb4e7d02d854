"""Words kept for whoever signs in next in this browser: the cookie names them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import session

_WAITING = "waiting_words"
_PAGE = "waiting_page"
_MOST = 4
"""Conversations that somebody writes in at once; more would make the cookie long."""


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The page of a form about a case that somebody was in as they were signed out."""

    path: str
    case_id: UUID
    form: str


def note_waiting(claim_id: UUID, form: str | None = None) -> None:
    """This browser's next person may claim these words; `form` is None for a message."""
    named = f"{claim_id} {form}" if form else str(claim_id)
    session[_WAITING] = [*session.get(_WAITING, []), named][-_MOST:]


def waiting_words() -> list[tuple[UUID, str | None]]:
    """What this browser may claim, and the form that it was typed into."""
    named = [each.partition(" ") for each in session.get(_WAITING, [])]
    return [(UUID(claim_id), form or None) for claim_id, _, form in named]


def note_page(page: WaitingPage) -> None:
    """Whoever signs in next goes on here, if the words that wait there are theirs."""
    session[_PAGE] = [page.path, str(page.case_id), page.form]


def waiting_page() -> WaitingPage | None:
    found = session.get(_PAGE)
    return WaitingPage(found[0], UUID(found[1]), found[2]) if found else None
