"""The one database: engine, sessions, column types, and sealed columns.

Web processes and workers share nothing else. A session either reads or writes, and says so
before its first statement: on SQLite a writing one begins with BEGIN IMMEDIATE, because a
transaction that starts by reading and then writes loses updates or fails at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, overload

from sqlalchemy import (
    DateTime,
    Executable,
    LargeBinary,
    MetaData,
    TypeDecorator,
    Uuid,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine import Row as SqlRow
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    mapped_column,
    object_session,
)

from app.connecting import engine_for, hurried_engine_for
from app.crypto import DataKey, KeyIsMissing, Keyring, Place, Way, indexes_by

_READ_ONLY = {"postgresql_readonly": True}
_AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}
_NO_TRANSACTION = {"is_alone": True}

KEYED: dict[str, Any] = {"keyed": True}
"""Marks a column of look-up hashes whose name does not end in `_index`: `info=KEYED`."""

SealedRowT = TypeVar("SealedRowT", bound="SealedRow")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out; SQLite, which has no time zones, keeps it as naive UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Ids are UUIDs made here, since they are part of what sealed values bind."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        bytes: LargeBinary(),
    }


class Row(Base):
    """A table whose primary key is a random UUID, known before the row is stored."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("id", uuid.uuid4())
        super().__init__(**columns)


class SealedRow(Row):
    """A row with a data key of its own. `add_sealed` gives it one; `forget` destroys it."""

    __abstract__ = True

    wrapped_key: Mapped[bytes | None]

    @property
    def data_key(self) -> DataKey:
        if self.wrapped_key is None:
            raise LookupError(f"{self.__tablename__} {self.id} was erased")
        return ring_of(_session_of(self)).data_key(self.wrapped_key, self._key_place)

    @property
    def _key_place(self) -> Place:
        return Place(self.__tablename__, "wrapped_key", self.id)

    def make_key(self, session: Session) -> None:
        self.wrapped_key = ring_of(session).new_data_key(self._key_place)


class sealed:  # noqa: N801 - reads as a column type, like `mapped_column`
    """A text attribute that is stored sealed in the bytes column of the same name + `_sealed`.

    The row must be a `SealedRow` in a session. Reading gives None where nothing is stored.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._column = f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> sealed: ...
    @overload
    def __get__(self, row: SealedRow, owner: type) -> str | None: ...
    def __get__(self, row: SealedRow | None, owner: type) -> sealed | str | None:
        if row is None:
            return self
        stored: bytes | None = getattr(row, self._column)
        if stored is None:
            return None
        return row.data_key.open(stored, self._place(row))

    def __set__(self, row: SealedRow, text: str | None) -> None:
        value = None if text is None else row.data_key.seal(text, self._place(row))
        setattr(row, self._column, value)

    def _place(self, row: SealedRow) -> Place:
        return Place(row.__tablename__, self._name, row.id)


class Database:
    """An engine and the keyring that opens what is sealed in it."""

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.keyring = keyring
        self.engine = engine_for(url)
        self.writing_engine = self.engine.execution_options(writes=True)
        # What a GET writes would be rolled back in silence: the database refuses it instead.
        self._reading_engine = self.engine.execution_options(
            **({"writes": False} if self.engine.dialect.name == "sqlite" else _READ_ONLY)
        )

        self._hurried_engine = hurried_engine_for(url).execution_options(writes=True)
        self._asking_engine = self.engine.execution_options(
            **(_NO_TRANSACTION if self.engine.dialect.name == "sqlite" else _AUTOCOMMIT)
        )

    def new_session(self, *, writes: bool, at_once: bool = False) -> Session:
        engine = self.writing_engine if writes else self._reading_engine
        return Session(
            self._hurried_engine if at_once else engine,
            expire_on_commit=False,
            info={"keyring": self.keyring, "database": self, "writes": writes},
        )

    def ask(self, statement: Executable, parameters: dict[str, Any]) -> SqlRow[Any] | None:
        """The first row of one statement that only reads. No transaction is begun or ended for it,
        so it goes to the database and back once."""
        with self._asking_engine.connect() as connection:
            return connection.execute(statement, parameters).first()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; the database refuses to write anything in it."""
        with self.new_session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction is committed at the end, or rolled back on an error."""
        with self.new_session(writes=True) as session, session.begin():
            yield session

    @contextmanager
    def writing_at_once(self) -> Iterator[Session]:
        """As `writing`, for somebody who must not wait: it fails after a second or two rather than
        wait for another's lock, for a free connection, or for a server that does not answer."""
        with self.new_session(writes=True, at_once=True) as session, session.begin():
            yield session


def add_sealed(session: Session, row: SealedRowT) -> SealedRowT:
    """Add a new row and give it its data key, so that sealed attributes can be set."""
    session.add(row)
    row.make_key(session)
    return row


class LookupKey(SealedRow):
    """That look-up hashes are stored which begin with this number.

    Written before the first of them, so that a process whose ring lacks the key can tell, and does
    not take "not found" for "there is none". `flask keys rotate` takes it away after the last one.
    """

    __tablename__ = "lookup_keys"

    number: Mapped[bytes] = mapped_column(unique=True)
    way_sealed: Mapped[bytes | None]
    way = sealed()
    """How such a hash is made, where a rotation took it on from another key (`Way.as_text`);
    None: under the key of `ENCRYPTION_KEYS` that has this number."""


class SessionKeyring:
    """The look-up hashes of one session: under the ring's keys, and in the ways that earlier
    rotations left in the database.

    Raises:
        KeyIsMissing: hashes are stored that the ring cannot make. To look for anything all the
            same would be to find no danger where there is one.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ring = ring_of(session)

    def index(self, purpose: str, *values: str) -> bytes:
        """The hash to store."""
        self._ways()
        return self._ring.index(purpose, *values)

    def indexes(self, purpose: str, *values: str) -> tuple[bytes, ...]:
        """All that a search has to try."""
        return indexes_by(self._ways(), purpose, *values)

    def _ways(self) -> tuple[Way, ...]:
        """Read once a transaction."""
        read_in: SessionTransaction | None
        ways: tuple[Way, ...]
        read_in, ways = self._session.info.get("ways", (None, ()))
        if read_in is None or read_in is not self._session.get_transaction():
            if self._session.info["writes"]:
                _note_first_key(self._session, self._ring.first)
            ways = self._ring.ways(kept_ways(self._session))
            self._session.info["ways"] = (self._session.get_transaction(), ways)
        return ways


def keyring_of(session: Session) -> SessionKeyring:
    """What makes look-up hashes in this session."""
    return SessionKeyring(session)


def kept_ways(session: Session) -> list[Way]:
    """The ways that rotations left in the database.

    Raises:
        KeyIsMissing: hashes are stored under a key that is not in the ring.
    """
    ring = ring_of(session)
    kept = []
    # Columns only: a row of the model would make the session flush what is half made.
    rows = session.connection().execute(
        select(LookupKey.id, LookupKey.number, LookupKey.wrapped_key, LookupKey.way_sealed)
    )
    for row_id, number, wrapped, stored in rows:
        if wrapped is not None and stored is not None:
            key = ring.data_key(wrapped, Place(LookupKey.__tablename__, "wrapped_key", row_id))
            way = Way.from_text(key.open(stored, Place(LookupKey.__tablename__, "way", row_id)))
            kept.append(way)
        elif number not in ring.numbers:
            raise KeyIsMissing(number)
    return kept


def _note_first_key(session: Session, number: bytes) -> None:
    """Note that hashes under this key may be stored from now on, and keep that from being taken
    away before this transaction has ended."""
    connection = session.connection()
    wanted = select(LookupKey.id).where(LookupKey.number == number)
    locked = wanted.with_for_update(read=True, key_share=True)
    while connection.scalar(locked) is None:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(
            insert(LookupKey)
            .values(id=uuid.uuid4(), number=number)
            .on_conflict_do_nothing(index_elements=[LookupKey.number])
        )


def ring_of(session: Session) -> Keyring:
    keyring = session.info["keyring"]
    assert isinstance(keyring, Keyring)
    return keyring


def _session_of(row: Base) -> Session:
    session = object_session(row)
    if session is None:
        raise LookupError(f"{row.__tablename__} row is in no session")
    return session
