"""What an owed entry says that is no message: kept sealed, and owed behind what came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.crypto import Place
from app.messages.actions import Author, named_author
from app.messages.models import Conversation, EntryWords
from app.outbox import actions as outbox


@dataclass(frozen=True, slots=True)
class Said:
    """Who says what, when; `about_id` is the message that it speaks of."""

    author: Author
    kind: str
    text: str
    at: datetime
    priority: str = "normal"
    about_id: UUID | None = None
    is_disclosure: bool = False


def owe_words(session: Session, conversation: Conversation, entry_id: UUID, said: Said) -> None:
    """Owe one entry with these words. The caller holds the conversation's lock."""
    key = conversation.data_key
    named = named_author(session, conversation, said.author)
    session.add(
        EntryWords(
            id=entry_id,
            conversation_id=conversation.id,
            about_id=said.about_id,
            said_at=said.at,
            is_disclosure=said.is_disclosure,
            author_kind=said.author.kind,
            author_sealed=key.seal(named, words_author_place(entry_id)),
            text_sealed=key.seal(said.text, words_place(entry_id)),
        )
    )
    session.flush()
    outbox.owe(
        session,
        conversation.id,
        entry_id=entry_id,
        force_id=conversation.force_id,
        kind=said.kind,
        priority=said.priority,
        now=said.at,
    )


def words_place(entry_id: UUID) -> Place:
    return Place("entry_words", "text", entry_id)


def words_author_place(entry_id: UUID) -> Place:
    return Place("entry_words", "author", entry_id)
