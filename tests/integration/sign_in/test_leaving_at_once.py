""" "Exit this page" leads on and deletes the cookies, whatever the database does, and what could
not be written down is made good."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from structlog.testing import capture_logs

from app.audit.vocabulary import Action
from app.sign_in.models import KnownDevice, SignInSession
from tests.integration.sign_in.steps import recorded
from tests.portal import Joined, Portal

AWAY = "https://www.bbc.co.uk/weather"
AT_ONCE = 2.5
"""Seconds: the second that it waits, and a slow machine."""


def leave(someone: FlaskClient) -> float:
    """Press it; how long that took."""
    started = time.monotonic()
    answer = someone.get("/exit")
    took = time.monotonic() - started
    assert (answer.status_code, answer.location) == (303, AWAY)
    assert someone.get_cookie("session") is None
    assert someone.get_cookie("device") is None
    return took


def has_ended(portal: Portal) -> tuple[bool, bool]:
    """Whether the one session is over, and the one device forgotten."""
    with portal.database.reading() as session:
        return (
            session.scalars(select(SignInSession.ended_at)).one() is not None,
            session.scalars(select(KnownDevice.forgotten_at)).one() is not None,
        )


@contextmanager
def another_writes(portal: Portal) -> Iterator[None]:
    """Somebody has what an exit needs: SQLite's one lock, or the session's row."""
    with portal.database.writing() as session:
        session.execute(text("UPDATE sign_in_sessions SET seen_at = seen_at"))
        yield


def test_it_waits_for_no_other_writer_and_the_next_request_makes_it_good(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    with another_writes(northshire), capture_logs() as logged:
        assert leave(victim.visitor) < AT_ONCE
        assert has_ended(northshire) == (False, False)
        # Until it is made good nobody is signed in here.
        assert victim.visitor.see(victim.url).h1 == "Sign in"
    assert logged[0]["event"] == "exit.not-written"
    owed = victim.visitor.get_cookie("leaving")
    assert owed is not None
    assert owed.http_only
    victim.visitor.get("/")
    assert has_ended(northshire) == (True, True)
    assert victim.visitor.get_cookie("leaving") is None
    assert len(recorded(northshire, Action.LEFT_IN_A_HURRY)) == 1


def test_a_beacon_waits_for_nobody_either(northshire: Portal) -> None:
    victim = northshire.join()
    with another_writes(northshire):
        started = time.monotonic()
        assert victim.visitor.post("/exit").status_code == 204
        assert time.monotonic() - started < AT_ONCE
    assert victim.visitor.get_cookie("session") is None
    victim.visitor.get("/exit")
    assert has_ended(northshire) == (True, True)


def test_the_marker_of_the_script_does_not_make_it_wait_twice(northshire: Portal) -> None:
    victim = northshire.join()
    victim.visitor.set_cookie("leaving", "1")
    with another_writes(northshire):
        assert leave(victim.visitor) < AT_ONCE
    victim.visitor.get("/")
    assert has_ended(northshire) == (True, True)


@pytest.mark.parametrize("nonsense", ["1", "x" * 64, "0" * 64, ".".join(["ab" * 32] * 9), "é"])
def test_a_made_up_marker_ends_this_browsers_session_and_no_other(
    northshire: Portal, nonsense: str
) -> None:
    victim, other = northshire.join(), northshire.join()
    victim.visitor.set_cookie("leaving", nonsense)
    assert victim.visitor.see(victim.url).h1 == "Sign in"
    assert victim.visitor.get_cookie("leaving") is None
    assert other.visitor.see(other.url).h1 == "Your case"


@contextmanager
def no_database(portal: Portal) -> Iterator[None]:
    """SQLite's file is something else; PostgreSQL refuses everybody."""
    portal.database.engine.dispose()
    if portal.database.engine.dialect.name == "sqlite":
        path = Path(str(portal.database.engine.url.database))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = path.read_bytes()
        path.write_bytes(b"nonsense" * 1000)
        yield
        path.write_bytes(kept)
        return
    url = portal.database.engine.url
    name = url.database
    admin = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(
        admin.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_gone"')
        yield
        connection.execute(f'ALTER DATABASE "{name}_gone" RENAME TO "{name}"')


def test_it_needs_no_database(northshire: Portal) -> None:
    victim: Joined = northshire.join()
    with no_database(northshire):
        assert leave(victim.visitor) < AT_ONCE
        assert leave(victim.visitor) < AT_ONCE
    victim.visitor.get("/")
    assert has_ended(northshire) == (True, True)
