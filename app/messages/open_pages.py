"""Whether a victim may have a page open that asks for news by itself.

Polls say so. That is written down once an hour: a poll is to cost next to nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.messages.models import Conversation

NOTED_EVERY: Final = timedelta(hours=1)
MAY_BE_OPEN_FOR: Final = timedelta(hours=12)
"""As long as a session lasts at the longest, unless a force's operators chose more."""


def page_may_be_open(noted_at: datetime | None, now: datetime) -> bool:
    """Whether a page asked for news that may still be open."""
    return noted_at is not None and now - noted_at < MAY_BE_OPEN_FOR + NOTED_EVERY


def is_page_known(noted_at: datetime | None, now: datetime) -> bool:
    """Whether it was written down lately that a page asks for news."""
    return noted_at is not None and now - noted_at < NOTED_EVERY


def note_page(session: Session, conversation_id: UUID, now: datetime) -> None:
    """A page of the victim's asks for news."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(victim_page_at=now)
    )
