"""The references under which a conversation's entries stand in the case system."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.crypto import Place
from app.messages.models import Conversation
from app.outbox import actions as outbox
from app.outbox.models import OwedEntry


def move_to_reference(session: Session, conversation: Conversation, reference: str) -> None:
    """From now on the entries go to `reference`. The caller holds the conversation's lock.

    A call of unknown fate may still take effect under the old one, and is looked up there.
    """
    old = conversation.reference
    conversation.reference = reference
    if old is None:
        return
    conversation.earlier_references = "\n".join([*earlier_references(conversation), old])
    # A worker writes a call down under the stream's lock, with the reference that it sees then.
    outbox.locked_stream(session, conversation.id)
    entry = outbox.first_unrecorded(session, conversation.id)
    if entry is not None and entry.alive_until is not None and entry.tried_under_sealed is None:
        entry.tried_under_sealed = conversation.data_key.seal(old, _tried_under_place(entry.id))


def earlier_references(conversation: Conversation) -> list[str]:
    """Where its entries went before, oldest first."""
    return (conversation.earlier_references or "").splitlines()


def tried_under(conversation: Conversation, entry: OwedEntry) -> str | None:
    """The reference under which the call of unknown fate was made, if the case has moved since."""
    if entry.alive_until is None or entry.tried_under_sealed is None:
        return None
    return conversation.data_key.open(entry.tried_under_sealed, _tried_under_place(entry.id))


def _tried_under_place(entry_id: UUID) -> Place:
    return Place("outbox_entries", "tried_under", entry_id)
