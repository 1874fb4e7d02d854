"""Taking everything that is stored to the first of `ENCRYPTION_KEYS`, while web and workers run.

Every batch is a short transaction of its own and leaves the database in order, so that the command
can be killed and run again at any place: it goes on with what is not under the first key yet.
See docs/decisions/0015-rotating-keys.md.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, false, or_, select, update
from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import OPERATOR, Action
from app.crypto import KEY_NUMBER_BYTES, CannotOpen, KeyIsMissing, Keyring, Place, Way
from app.database import Database, LookupKey, add_sealed, kept_ways, keyring_of, ring_of
from app.keys.columns import WRAPPED_KEY, KeyedTable, is_filled, keyed_tables, number_in
from app.keys.usage import usage

BATCH = 200
PASSES = 60
_PAUSE_SECONDS = 0.01
"""Between batches, so that others get their turn: SQLite has one writer at a time."""
_AGAIN_SECONDS = 0.5


class Disturbed(Exception):
    """Another rotation, with other keys, runs at the same time."""


@dataclass
class Rotated:
    """What a rotation did."""

    data_keys: Counter[str] = field(default_factory=Counter)
    lookups: Counter[str] = field(default_factory=Counter)
    damaged: set[tuple[str, UUID]] = field(default_factory=set)
    """Rows whose data key does not open with the key that it names."""
    in_use: set[tuple[str, UUID]] = field(default_factory=set)
    """Rows that somebody else held locked whenever they were tried."""

    @property
    def is_whole(self) -> bool:
        return not self.damaged and not self.in_use


@dataclass(frozen=True, slots=True)
class Target:
    """The first key, and how look-ups get to it."""

    ring: Keyring
    moves: dict[bytes, Way]
    """For each number with which a look-up may begin now: the way that it becomes."""
    arrived: frozenset[bytes]
    """The numbers of look-ups that are under the first key."""

    @classmethod
    def of(cls, session: Session) -> Target:
        ring = ring_of(session)
        own = (way for way in ring.ways(()) if way.number in ring.numbers)
        moves, arrived = {}, set()
        for way in (*own, *kept_ways(session)):
            onward = ring.way_to_first(way)
            if onward is not None:
                moves[way.number] = onward
            arrived.add((onward or way).number)
        return cls(ring, moves, frozenset(arrived))

    def stale(self, each: KeyedTable) -> ColumnElement[bool]:
        """Picks the rows of a table in which something is not under the first key."""
        conditions: list[ColumnElement[bool]] = [
            and_(is_filled(column), number_in(column).not_in(sorted(self.arrived)))
            for column in each.indexes
        ]
        if each.wrapped is not None:
            conditions.append(
                and_(is_filled(each.wrapped), number_in(each.wrapped) != self.ring.first)
            )
        return or_(false(), *conditions)


def rotate(
    database: Database,
    *,
    batch: int = BATCH,
    tell: Callable[[str, int], None] = lambda _table, _done: None,
) -> Rotated:
    """Wrap every data key by the first key, and take every look-up to it. Repeatable.

    `tell` hears of every batch: the table, and how many rows were done in it.

    Raises:
        KeyIsMissing: something is stored under a key that is not in the ring; nothing is lost.
        Disturbed: another rotation with another first key runs.
    """
    with database.writing() as session:
        prepare(session)
    rotated = Rotated()
    for each in keyed_tables():
        _go_through(database, each, rotated, batch, tell)
    with database.writing() as session:
        forget_unused(session)
        audit.record(
            session,
            Action.KEYS_ROTATED,
            OPERATOR,
            key=ring_of(session).first.hex(),
            data_keys=rotated.data_keys.total(),
            lookups=rotated.lookups.total(),
            damaged=len(rotated.damaged),
            in_use=len(rotated.in_use),
        )
    return rotated


def prepare(session: Session) -> None:
    """Store the ways that look-ups will take, before the first of them does: whoever has both keys
    in their ring knows them already, and whoever has only the first one later needs them."""
    keyring_of(session).indexes("")
    known = set(session.scalars(select(LookupKey.number)))
    for way in Target.of(session).moves.values():
        if way.number not in known:
            add_sealed(session, LookupKey(number=way.number)).way = way.as_text()
    audit.record(session, Action.KEYS_ROTATION_BEGUN, OPERATOR, key=ring_of(session).first.hex())


def _go_through(
    database: Database,
    each: KeyedTable,
    rotated: Rotated,
    batch: int,
    tell: Callable[[str, int], None],
) -> None:
    """Go through a table until nothing is left; rows that others hold have their turn later."""
    left: set[UUID] = set()
    for _ in range(PASSES):
        after: UUID | None = None
        while True:
            with database.writing() as session:
                done, after = _one_batch(session, each, after, batch, rotated)
            if after is None:
                break
            tell(each.table.name, done)
            time.sleep(_PAUSE_SECONDS)
        left = _left(database, each) - {row for _, row in rotated.damaged}
        if not left:
            return
        time.sleep(_AGAIN_SECONDS)
    rotated.in_use.update((each.table.name, row) for row in left)


def _left(database: Database, each: KeyedTable) -> set[UUID]:
    with database.reading() as session:
        stale = select(each.table.c.id).where(Target.of(session).stale(each)).limit(10_000)
        return set(session.scalars(stale))


def _one_batch(
    session: Session, each: KeyedTable, after: UUID | None, size: int, rotated: Rotated
) -> tuple[int, UUID | None]:
    """How many rows were changed, and the last one that was looked at; None: there is no more."""
    target = Target.of(session)
    _hold_ways(session, target)
    # Rows that somebody has locked are left out and never waited for: nobody waits for us in turn.
    wanted = (
        select(each.table.c.id, *each.columns)
        .where(target.stale(each))
        .order_by(each.table.c.id)
        .limit(size)
        .with_for_update(skip_locked=True)
    )
    if after is not None:
        wanted = wanted.where(each.table.c.id > after)
    rows = session.execute(wanted).mappings().all()
    changes = [
        {"row": row["id"], **new}
        for row in rows
        if (new := _changed(each, dict(row), target, rotated)) is not None
    ]
    if changes:
        session.connection().execute(
            update(each.table)
            .where(each.table.c.id == bindparam("row"))
            .values({column: bindparam(f"new_{column.name}") for column in each.columns}),
            changes,
        )
    return len(changes), rows[-1]["id"] if rows else None


def _hold_ways(session: Session, target: Target) -> None:
    """See that the ways taken here are stored, and keep them there until this is committed."""
    numbers = {way.number for way in target.moves.values()}
    held = session.scalars(
        select(LookupKey.number)
        .where(LookupKey.number.in_(numbers))
        .with_for_update(read=True, key_share=True)
    )
    if set(held) != numbers:
        raise Disturbed("another rotation, with other ENCRYPTION_KEYS, runs at the same time")


def _changed(
    each: KeyedTable, row: dict[str, Any], target: Target, rotated: Rotated
) -> dict[str, bytes | None] | None:
    """The row's new values, by parameter; None where its data key is damaged."""
    new: dict[str, bytes | None] = {}
    if each.wrapped is not None:
        try:
            new[f"new_{WRAPPED_KEY}"] = _wrapped_anew(each, row, target.ring, rotated)
        except KeyIsMissing:
            raise
        except CannotOpen:
            rotated.damaged.add((each.table.name, row["id"]))
            return None
    for column in each.indexes:
        stored = row[column.name]
        new[f"new_{column.name}"] = moved = _moved(stored, target)
        rotated.lookups[str(column)] += moved != stored
    return new


def _wrapped_anew(
    each: KeyedTable, row: dict[str, Any], ring: Keyring, rotated: Rotated
) -> bytes | None:
    stored: bytes | None = row[WRAPPED_KEY]
    if stored is None or stored.startswith(ring.first):
        return stored
    new = ring.wrap_anew(stored, Place(each.table.name, WRAPPED_KEY, row["id"]))
    rotated.data_keys[each.table.name] += 1
    return new


def _moved(stored: bytes | None, target: Target) -> bytes | None:
    if not stored:
        return stored
    number = stored[:KEY_NUMBER_BYTES]
    if number in target.arrived:
        return stored
    way = target.moves.get(number)
    if way is None:
        raise KeyIsMissing(number)
    return way.move(stored)


def forget_unused(session: Session) -> None:
    """Take away the notes of keys and ways under which nothing is stored any more."""
    used = _numbers_in_use(session) | {ring_of(session).first}
    noted = session.scalars(select(LookupKey.number)).all()
    unused = {number for number in noted if number not in used}
    if not unused:
        return
    with session.begin_nested() as step:
        # Waits for whoever is storing under one of them just now, and so sees what they stored.
        session.execute(delete(LookupKey).where(LookupKey.number.in_(unused)))
        if unused & _numbers_in_use(session):
            step.rollback()


def _numbers_in_use(session: Session) -> set[bytes]:
    found = usage(session)
    return {*found.data_keys, *found.lookups}
