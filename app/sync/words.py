"""What an owed entry says, made ready for a case system."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.messages.models import Conversation, Message
from app.messages.queries import message_author, message_text
from app.outbox.models import OwedEntry
from app.sync.parts import entries_for
from app.sync.port import Author, Entry, EntryKind, Priority


def parts_of(
    session: Session, conversation: Conversation, entry: OwedEntry, *, limit: int
) -> tuple[Entry, ...]:
    """The entry in parts that fit, the same each time it is asked for.

    Raises LookupError where the conversation's words were erased.
    """
    message = session.get_one(Message, entry.id)
    return entries_for(
        external_id=str(entry.id),
        kind=EntryKind(entry.kind),
        author=Author(kind=message.author_kind, **message_author(conversation, message)),
        sent_at=message.sent_at,
        text=message_text(conversation, message),
        sequence=message.sequence,
        limit=limit,
        priority=Priority(entry.priority),
    )
