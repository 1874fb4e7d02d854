"""Workers are told that something is owed; they find it without being told, too."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from sqlalchemy import text

from app import worker
from app.outbox import hints
from app.outbox.hints import Bell, listen
from tests.integration.sync.steps import states
from tests.portal import Portal, open_portal

LONG = 60.0
"""Seconds: far longer than a hint takes on the slowest machine."""


@pytest.fixture
def force(migrated_postgresql_url: str) -> Iterator[Portal]:
    portal = open_portal(migrated_postgresql_url)
    portal.add_force()
    yield portal
    portal.database.engine.dispose()


@contextmanager
def a_worker(portal: Portal) -> Iterator[None]:
    """One with a single thread for deliveries."""
    portal.work_.stop.clear()
    thread = threading.Thread(
        target=worker.run_until, args=(portal.work_,), kwargs={"concurrency": 1}
    )
    thread.start()
    try:
        yield
    finally:
        portal.work_.stop.set()
        thread.join(LONG)
        assert not thread.is_alive()


def listeners(portal: Portal) -> int:
    with portal.database.reading() as session:
        listening = text("SELECT count(*) FROM pg_stat_activity WHERE query = :query")
        return session.scalar(listening, {"query": f"LISTEN {hints.CHANNEL}"}) or 0


def wait_for_a_listener(portal: Portal) -> None:
    give_up = time.monotonic() + LONG
    while not listeners(portal):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_a_resting_worker_is_woken_by_what_is_sent(
    force: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = force.join()
    resting: Queue[Bell] = Queue()
    rest = Bell.rest

    def rest_long(bell: Bell, _seconds: float) -> None:
        resting.put(bell)
        rest(bell, LONG)

    monkeypatch.setattr(Bell, "rest", rest_long)
    with a_worker(force):
        wait_for_a_listener(force)
        bell = resting.get(timeout=LONG)
        began = time.monotonic()
        victim.writes("First")
        while states(force, victim) != ["recorded"]:
            assert time.monotonic() - began < LONG / 2
            time.sleep(0.05)
        force.work_.stop.set()
        bell.ring()


def test_a_lost_connection_is_made_again(force: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = force.join()
    monkeypatch.setattr(hints, "LISTENS_AGAIN_AFTER", 0.05)
    bell, stop = Bell(), threading.Event()
    thread = threading.Thread(target=listen, args=(force.database, bell, stop))
    thread.start()
    wait_for_a_listener(force)
    with force.database.writing() as session:
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = :query")
        ended = session.scalars(end, {"query": f"LISTEN {hints.CHANNEL}"}).all()
        assert ended == [True]
    wait_for_a_listener(force)

    victim.writes("First")

    began = time.monotonic()
    bell.rest(LONG)
    assert time.monotonic() - began < LONG / 2
    stop.set()
    thread.join(LONG)
    assert not thread.is_alive()


def test_what_was_rolled_back_is_no_news(force: Portal) -> None:
    bell, stop = Bell(), threading.Event()
    thread = threading.Thread(target=listen, args=(force.database, bell, stop))
    thread.start()
    wait_for_a_listener(force)

    with force.database.new_session(writes=True) as session:
        session.begin()
        hints.hint_once_committed(session)
        session.rollback()
    began = time.monotonic()
    bell.rest(0.5)
    assert time.monotonic() - began >= 0.5

    stop.set()
    thread.join(LONG)


def test_a_bell_rung_while_nobody_rests_is_not_missed() -> None:
    bell = Bell()
    bell.ring()
    began = time.monotonic()
    bell.rest(LONG)
    assert time.monotonic() - began < LONG / 2
