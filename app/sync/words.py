"""What an owed entry says, made ready for a case system."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from app.messages.entry_words import words_author_place, words_place
from app.messages.models import Conversation, EntryWords, Message
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
    message = session.get(Message, entry.id)
    if message is None:
        return _parts_of_words(
            conversation, entry, session.get_one(EntryWords, entry.id), limit=limit
        )
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


def _parts_of_words(
    conversation: Conversation, entry: OwedEntry, words: EntryWords, *, limit: int
) -> tuple[Entry, ...]:
    key = conversation.data_key
    author: dict[str, str | None] = json.loads(
        key.open(words.author_sealed, words_author_place(words.id))
    )
    return entries_for(
        external_id=str(entry.id),
        kind=EntryKind(entry.kind),
        author=Author(kind=words.author_kind, **author),
        sent_at=words.said_at,
        text=key.open(words.text_sealed, words_place(words.id)),
        sequence=None,
        limit=limit,
        about=None if words.about_id is None else str(words.about_id),
        priority=Priority(entry.priority),
        disclosure=words.is_disclosure,
    )
