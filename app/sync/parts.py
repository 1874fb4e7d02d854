"""A long text in parts, because a case system takes only so much in one entry."""

from __future__ import annotations

import hashlib
from datetime import datetime

from app.sync.port import Author, Entry, EntryKind, Part, Priority


def split(text: str, limit: int) -> tuple[str, ...]:
    """Cut a text into parts of at most `limit` code points that join to it exactly.

    A part ends after a line end, else after a blank; only in a text without either is a word
    cut. An empty text is one empty part.
    """
    if limit < 1:
        raise ValueError("a part must be able to hold one character")
    parts: list[str] = []
    start = 0
    while len(text) - start > limit:
        end = start + _cut(text[start : start + limit])
        parts.append(text[start:end])
        start = end
    parts.append(text[start:])
    return tuple(parts)


def part_id(external_id: str, n: int) -> str:
    """The external id of part `n` (from 1): the first has the bare id."""
    return external_id if n == 1 else f"{external_id}-{n}"


def entries_for(  # noqa: PLR0913 - one for each thing that an entry says
    *,
    external_id: str,
    kind: EntryKind,
    author: Author,
    sent_at: datetime,
    text: str,
    sequence: int | None,
    limit: int,
    about: str | None = None,
    priority: Priority = Priority.NORMAL,
    disclosure: bool = False,
) -> tuple[Entry, ...]:
    """The entries, in order, that one text becomes in a case system with this text limit.

    The same arguments give the same entries, so a try after a crash repeats the first one exactly.
    """
    parts = split(text, limit)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return tuple(
        Entry(
            external_id=part_id(external_id, n),
            kind=kind,
            author=author,
            sent_at=sent_at,
            text=part,
            sha256=digest,
            sequence=sequence,
            part=Part(n, len(parts)),
            about=about,
            priority=priority,
            disclosure=disclosure,
        )
        for n, part in enumerate(parts, start=1)
    )


def _cut(window: str) -> int:
    """Where a full window ends: after its last line end, unless that leaves most of it unused."""
    line_end = window.rfind("\n") + 1
    if line_end * 2 > len(window):
        return line_end
    for end in range(len(window), 0, -1):
        if window[end - 1].isspace():
            return end
    return len(window)
