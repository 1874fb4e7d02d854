"""A force with any number of conversations, every row as the portal itself would have made it:
sealed texts open, sessions are good, the case system's facts say what the columns say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from app import clock
from app.database import Base, Database
from app.forces.actions import load_forces
from app.forces.models import Feed
from tests.bench.people import Desk, Home, Made, Register
from tests.bench.rows import Row, store
from tests.bench.talk import Talk, follow_messages, words
from tests.factories.facts import force_settings

PER_OFFICER = 20
OTHER_CASES = 2
"""For each joined case, so many of which only hashes are kept."""
BATCH = 500
"""Conversations written together."""


@dataclass
class Town:
    """What was made. `cases` are the first ones as the case system tells of them."""

    register: Register
    per_officer: int
    homes: list[Home] = field(default_factory=list)
    desks: list[Desk] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def desk_of(self, home: Home) -> Desk:
        """The desk of the officer in this person's case."""
        return self.desks[home.number // self.per_officer]


def build(
    database: Database,
    conversations: int,
    messages: int,
    *,
    length: int = 200,
    per_officer: int = PER_OFFICER,
    **force: Any,
) -> Town:
    """Fill a migrated, empty database with one force and this many conversations.

    `messages` are those of each, `length` is that of every one in characters, `force` settings
    as in `force_settings`.
    """
    now = clock.now()
    with database.writing() as session:
        register = Register(database.keyring, _force(session, now, **force), now)
        town = Town(register, per_officer)
    engine = database.writing_engine
    with engine.begin() as connection:
        _store_all(connection, _officers(town, -(-conversations // per_officer)))
    texts = tuple(words(length, seed) for seed in range(messages))
    for first in range(0, conversations, BATCH):
        numbers = range(first, min(first + BATCH, conversations))
        with engine.begin() as connection:
            _store_all(connection, (_home(town, number, texts) for number in numbers))
    with engine.begin() as connection:
        follow_messages(connection)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return town


def _force(session: Session, now: datetime, **settings: Any) -> UUID:
    loaded = load_forces(session, [force_settings(**settings)])[0]
    feed = session.scalars(select(Feed).where(Feed.force_id == loaded.force_id)).one()
    feed.fresh_at = now
    feed.invites = True
    # Read only by who is asked to: a read that is due would come between.
    feed.due_at = now + timedelta(days=30)
    return loaded.force_id


def _officers(town: Town, count: int) -> Iterator[Made]:
    for number in range(count):
        desk = Desk(uuid4(), str(1000 + number), f"officer-{number}-{uuid4().hex}")
        town.desks.append(desk)
        yield town.register.officer(desk)


def _home(town: Town, number: int, texts: tuple[str, ...]) -> Made:
    register, desk = town.register, town.desks[number // town.per_officer]
    home = Home(number, uuid4(), uuid4(), uuid4(), f"victim-{number}-{uuid4().hex}")
    said, facts, rows = register.joined_case(home, desk)
    town.homes.append(home)
    if len(town.cases) < BATCH:
        town.cases.append(said)
    yield from rows
    for _ in range(OTHER_CASES):
        yield register.other_case()
    talk = Talk(
        keyring=register.keyring,
        force_id=register.force_id,
        home=home,
        desk=desk,
        facts=facts,
        number=number,
        texts=texts,
        started=register.now - timedelta(days=30) + timedelta(seconds=number),
    )
    yield from talk.rows()


def _store_all(connection: Connection, made: Iterable[Made]) -> None:
    """Store them, parents first."""
    rows: dict[type[Base], list[Row]] = {}
    for each in made:
        for model, values in each:
            rows.setdefault(model, []).append(values)
    order = [table.name for table in Base.metadata.sorted_tables]
    for model in sorted(rows, key=lambda each: order.index(each.__tablename__)):
        store(connection, model, rows[model])
