"""The officer says by which day they will write again. No duty state is shown, only this day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.messages.actions import locked

FARTHEST = timedelta(days=90)


class DayIsNotAhead(ValueError):
    """A day that is over, or very far away. Nothing was stored."""


def set_next_reply(
    session: Session, conversation_id: UUID, viewer: OfficerViewer, day: date | None, today: date
) -> None:
    """Let the victim see this day; None takes it away. `today` is the day in the force's country.

    Raises:
        DayIsNotAhead: nothing was stored.
    """
    if day is not None and not today <= day <= today + FARTHEST:
        raise DayIsNotAhead(day.isoformat())
    conversation = locked(session, conversation_id)
    if conversation.next_reply_on == day:
        return
    conversation.next_reply_on = day
    # Open pages say so.
    conversation.revision += 1
    audit.record(
        session,
        Action.NEXT_REPLY_SET,
        viewer.actor,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
    )


def next_reply_shown(day: date | None, today: date) -> date | None:
    """The day that is shown: none that is past."""
    return day if day is not None and day >= today else None
