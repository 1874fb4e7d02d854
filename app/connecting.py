"""How the database is connected to, and what every connection is told first.

On an engine's options: `writes` says what kind of transaction SQLite begins, `is_alone` that none
is.
"""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionIsFree
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

_SQLITE_BUSY_SECONDS = 30
_AT_ONCE_SECONDS = 1
_CONNECT_AT_ONCE_SECONDS = 2
"""The least that the driver takes."""
_RESTS_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 120
"""Within a PostgreSQL transaction; longer than a slow mail server keeps a worker waiting."""


_SQLITE_IS_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_PLAIN_CODE = 0xFF
"""Of an SQLite error: the rest of it says more."""


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be asked just now, and may well be again in a moment; not
    where it was asked something wrong."""
    if isinstance(error, NoConnectionIsFree):
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # Without a code where Python itself raised it.
        return getattr(error.orig, "sqlite_errorcode", 0) & _PLAIN_CODE in _SQLITE_IS_AWAY
    # The other driver has another class for what was asked wrongly.
    return True


def engine_for(url: str) -> Engine:
    """Pooled connections, patient with each other."""
    # Errors end in logs, and logs hold no personal data: no values in what errors say.
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=10, max_overflow=20, hide_parameters=True)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", partial(_test_after_rest, engine.dialect))
        return engine
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": _SQLITE_BUSY_SECONDS}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def hurried_engine_for(url: str) -> Engine:
    """Every session has a connection of its own, as few are wanted, and waits for nobody."""
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            poolclass=NullPool,
            connect_args={"connect_timeout": _CONNECT_AT_ONCE_SECONDS},
            hide_parameters=True,
        )
        event.listen(engine, "connect", _prepare_hurried_postgresql)
        return engine
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={"timeout": _AT_ONCE_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, busy_seconds=_AT_ONCE_SECONDS))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_hurried_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{_AT_ONCE_SECONDS}s'")
        cursor.execute(f"SET statement_timeout = '{_AT_ONCE_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_AT_ONCE_SECONDS}s'")
    connection.commit()


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _test_after_rest(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """A connection may have died in its sleep; asking it each time would double every question."""
    if time.monotonic() - record.info.get("rests_since", float("inf")) < _RESTS_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # A process that was stopped within a transaction, or whose machine sleeps, keeps its locks:
    # nobody could write in that conversation until it wakes.
    with connection.cursor() as cursor:
        longest = f"'{_LONGEST_PAUSE_SECONDS}s'"
        cursor.execute(f"SET idle_in_transaction_session_timeout = {longest}")
    connection.commit()


def _prepare_sqlite(
    connection: Any, _record: object, busy_seconds: int = _SQLITE_BUSY_SECONDS
) -> None:
    # The driver must not begin transactions on its own: `_begin_sqlite` says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={busy_seconds * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("is_alone"):
        return
    writes = options.get("writes")
    # Connections are pooled, so this is said every time; None is a tool's own connection.
    connection.exec_driver_sql(f"PRAGMA query_only={int(writes is False)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
