"""Entries for case records."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict, Unpack

from app.sync.port import Author, Entry, EntryKind, Part, Priority

A_VICTIM = Author(kind="victim", name="Ana Silva", id="V-1")
AN_OFFICER = Author(kind="officer", name="PC Sam Reed", collar="1234")


class EntryFields(TypedDict, total=False):
    """What a test may say about an entry."""

    external_id: str
    kind: EntryKind
    author: Author
    sent_at: datetime
    sha256: str
    sequence: int | None
    part: Part
    about: str | None
    priority: Priority
    disclosure: bool


def an_entry(text: str = "Has anyone found my bicycle?", **said: Unpack[EntryFields]) -> Entry:
    """A victim's message with a fresh id, changed as said; its hash fits its text unless said."""
    entry = Entry(
        external_id=str(uuid.uuid4()),
        kind=EntryKind.VICTIM_MESSAGE,
        author=A_VICTIM,
        sent_at=datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sequence=1,
    )
    return replace(entry, **said)
