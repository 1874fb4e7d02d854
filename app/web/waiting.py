"""Words kept for whoever signs in next in this browser: the cookie names them."""

from __future__ import annotations

from uuid import UUID

from flask import session

_WAITING = "waiting_words"
_MOST = 4
"""Conversations that somebody writes in at once; more would make the cookie long."""


def note_waiting(claim_id: UUID) -> None:
    """This browser's next person may claim these words."""
    session[_WAITING] = [*session.get(_WAITING, []), str(claim_id)][-_MOST:]


def waiting_words() -> list[UUID]:
    """What this browser may claim."""
    return [UUID(each) for each in session.get(_WAITING, [])]
