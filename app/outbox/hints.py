"""A hint to workers on other machines that something new is owed (PostgreSQL's LISTEN and NOTIFY).

Nothing depends on it: whatever is owed is found by looking, a little later. It goes out after the
commit and not with it, since transactions that notify are committed one after the other.
"""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from app.database import Database

CHANNEL = "portal_owed"
LISTENS_AGAIN_AFTER = 5.0
"""Seconds after the connection was lost."""

_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', '')")
_LOOKS_UP_AFTER = 1.0


class Bell:
    """Wakes one of the threads that rest on it; rung while none does, it wakes the next at once."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._was_rung = False

    def ring(self) -> None:
        with self._condition:
            self._was_rung = True
            self._condition.notify()

    def rest(self, seconds: float) -> None:
        """Wait for the bell, at most so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._was_rung, seconds)
            self._was_rung = False


def hint_once_committed(session: Session) -> None:
    """Let workers look once this transaction is committed."""
    if session.get_bind().dialect.name != "postgresql" or session.info.get("gives_hints"):
        return
    session.info["gives_hints"] = True
    event.listen(session, "after_commit", _note_commit)
    event.listen(session, "after_transaction_end", _hint)


def _note_commit(session: Session) -> None:
    session.info["owes_hint"] = True


def _hint(session: Session, transaction: SessionTransaction) -> None:
    """Only now has the session given its connection back: a second one might never come."""
    if transaction.parent is not None or not session.info.pop("owes_hint", False):
        return
    database: Database = session.info["database"]
    # The words are stored and owed: nothing that happens here may look like a failure to send.
    with suppress(SQLAlchemyError):
        database.ask(_NOTIFY, {})


def listen(database: Database, bell: Bell, stop: threading.Event) -> None:
    """Ring the bell at every hint until `stop` is set. Returns at once where there are no hints."""
    url = database.engine.url
    if url.get_backend_name() != "postgresql":
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    for _ in connection.notifies(timeout=_LOOKS_UP_AFTER, stop_after=1):
                        bell.ring()
        except psycopg.Error:
            stop.wait(LISTENS_AGAIN_AFTER)
