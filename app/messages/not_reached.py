"""Messages of officers that nobody has read for days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager

from app.cases.models import Enrolment, TaskKind
from app.cases.not_reached import BATCH, BATCHES_AT_ONCE, tell_officers
from app.database import Database
from app.messages.models import Conversation

UNREAD_FOR = timedelta(days=3)


def expect_reading(conversation: Conversation, before: int, now: datetime) -> None:
    """The officer wrote: somebody is told if it is not read in time. `before` is the
    number of the message before; what follows something unread starts no new wait."""
    if conversation.victim_read_to >= before:
        conversation.unread_due_at = now + UNREAD_FOR


def note_unread_messages(database: Database, now: datetime) -> int:
    """Tell officers of messages that were not read in time, once each time; how many there were."""
    gone = 0
    for _ in range(BATCHES_AT_ONCE):
        with database.writing() as session:
            unread = session.execute(
                select(Conversation, Enrolment.id.is_not(None))
                .join(Conversation.case)
                .outerjoin(
                    Enrolment,
                    and_(
                        Enrolment.case_id == Conversation.case_id,
                        Enrolment.victim_id == Conversation.victim_id,
                        Enrolment.ended_at.is_(None),
                    ),
                )
                .where(Conversation.unread_due_at <= now)
                .order_by(Conversation.unread_due_at)
                .limit(BATCH)
                .options(contains_eager(Conversation.case))
                .with_for_update(of=Conversation, skip_locked=True)
            ).all()
            for conversation, _is_joined in unread:
                conversation.unread_due_at = None
            about = [
                (conversation.case, conversation.id)
                for conversation, is_joined in unread
                if is_joined
                and conversation.victim_read_to < conversation.last_sequence
                # An unread word matters in a closed case, too; a hold has a task of its own.
                and conversation.case.held_at is None
            ]
            tell_officers(session, TaskKind.MESSAGE_UNREAD, about, now)
        gone += len(unread)
        if len(unread) < BATCH:
            break
    return gone
