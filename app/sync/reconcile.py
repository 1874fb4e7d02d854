"""Comparing what was recorded with what the case systems hold: the proof, and the net under the
promise that every message stands there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
from app.messages.models import Conversation
from app.messages.references import earlier_references
from app.outbox.models import EntryState, OwedEntry, Stream
from app.sync.parts import part_id
from app.sync.port import CaseSystem, CaseSystemFailed, Entry, HeldEntry
from app.sync.rules import says_the_same
from app.sync.words import parts_of

PAGE = 200
NOT_FOUND = 404


class What(StrEnum):
    """What is wrong with an entry."""

    MISSING = "missing"
    DOUBLED = "doubled"
    ALTERED = "altered"
    OTHER_RECEIPT = "other receipt"
    OUT_OF_ORDER = "out of order"
    NOT_FROM_HERE = "not from here"
    CANNOT_BE_READ = "cannot be read"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `external_id` is None where the whole case cannot be read."""

    case_id: UUID
    external_id: str | None
    what: What


@dataclass(frozen=True, slots=True)
class _Expected:
    external_id: str
    receipt: str
    by_hand: bool
    entry: Entry | None
    """None where the words were erased here: then only ids and order are compared."""


def differences(database: Database, force_id: UUID, system: CaseSystem) -> Iterator[Difference]:
    """Every difference of one force. Reads the record of every conversation whole."""
    after: UUID | None = None
    while True:
        with database.reading() as session:
            wanted = select(Stream.id).where(Stream.force_id == force_id).order_by(Stream.id)
            if after is not None:
                wanted = wanted.where(Stream.id > after)
            streams = session.scalars(wanted.limit(PAGE)).all()
        for stream_id in streams:
            yield from _of_conversation(database, stream_id, system)
        if len(streams) < PAGE:
            return
        after = streams[-1]


def _of_conversation(
    database: Database, conversation_id: UUID, system: CaseSystem
) -> Iterator[Difference]:
    with database.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        expected = _expected(session, conversation, system.text_limit)
        references = _references(conversation)
    if not expected or not references:
        return
    case_id = conversation.case_id
    try:
        held = _held_under(system, references)
    except CaseSystemFailed:
        yield Difference(case_id, None, What.CANNOT_BE_READ)
        return
    for external_id, what in _compared(expected, held):
        yield Difference(case_id, external_id, what)
    with database.reading() as session:
        for external_id in _not_from_here(session, held):
            yield Difference(case_id, external_id, What.NOT_FROM_HERE)


def _expected(session: Session, conversation: Conversation, limit: int) -> list[_Expected]:
    found = []
    for owed in session.scalars(
        select(OwedEntry)
        .where(
            OwedEntry.stream_id == conversation.id,
            OwedEntry.state == EntryState.RECORDED.value,
        )
        .order_by(OwedEntry.position)
    ):
        parts = (
            parts_of(session, conversation, owed, limit=limit)
            if conversation.wrapped_key is not None
            else ()
        )
        for n, receipt in enumerate(owed.receipts, start=1):
            found.append(
                _Expected(
                    external_id=part_id(str(owed.id), n),
                    receipt=str(receipt.get("entryId")),
                    by_hand=bool(receipt.get("byHand")),
                    entry=parts[n - 1] if n <= len(parts) else None,
                )
            )
    return found


def _references(conversation: Conversation) -> list[str]:
    """Where its entries may stand, oldest first; none where the words were erased."""
    if conversation.wrapped_key is None or conversation.reference is None:
        return []
    return [*earlier_references(conversation), conversation.reference]


def _held_under(system: CaseSystem, references: list[str]) -> list[HeldEntry]:
    """Everything held, oldest reference first. One that the case had before may be gone, or lead to
    the same record as its new one."""
    held: dict[str, HeldEntry] = {}
    for reference in references:
        try:
            found = _everything_held(system, reference)
        except CaseSystemFailed as failed:
            if failed.status != NOT_FOUND or reference == references[-1]:
                raise
            continue
        for each in found:
            held.setdefault(each.entry_id, each)
    return list(held.values())


def _everything_held(system: CaseSystem, reference: str) -> list[HeldEntry]:
    held: list[HeldEntry] = []
    cursor: str | None = None
    while True:
        page = system.entries(reference, cursor, PAGE)
        held += page.entries
        cursor = page.next
        if not page.more:
            return held


def _compared(expected: list[_Expected], held: list[HeldEntry]) -> Iterator[tuple[str, What]]:
    times = Counter(each.entry.external_id for each in held)
    first = {each.entry.external_id: n for n, each in reversed(list(enumerate(held)))}
    latest = -1
    for wanted in expected:
        place = first.get(wanted.external_id)
        # What a person entered by hand stands there under an id of the case system alone.
        if place is None:
            if not wanted.by_hand:
                yield wanted.external_id, What.MISSING
            continue
        if times[wanted.external_id] > 1 or wanted.by_hand:
            yield wanted.external_id, What.DOUBLED
        stands = held[place]
        if stands.entry_id != wanted.receipt and not wanted.by_hand:
            yield wanted.external_id, What.OTHER_RECEIPT
        if wanted.entry is not None and not says_the_same(stands.entry, wanted.entry):
            yield wanted.external_id, What.ALTERED
        if place < latest:
            yield wanted.external_id, What.OUT_OF_ORDER
        latest = max(latest, place)


def _not_from_here(session: Session, held: list[HeldEntry]) -> Iterator[str]:
    """Ids in our shape of entries that this portal never owed. Words owed and not yet acknowledged
    may well stand there."""
    by_id: dict[UUID, str] = {}
    for each in held:
        try:
            by_id[UUID(each.entry.external_id[:36])] = each.entry.external_id
        except ValueError:
            yield each.entry.external_id
    ours = set(session.scalars(select(OwedEntry.id).where(OwedEntry.id.in_(list(by_id)))))
    yield from (external_id for id_, external_id in by_id.items() if id_ not in ours)
