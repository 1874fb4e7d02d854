"""A worker that is asked to stop lets its call come to an end, and leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app import clock
from app.outbox.models import Stream
from app.sync.port import CALL_SECONDS
from app.worker import STOP_SECONDS
from tests.contracts.case_systems import TOKEN as CASE_SYSTEM_TOKEN
from tests.contracts.case_systems import DemoProcess
from tests.databases import ROOT
from tests.integration.messages.steps import entries_of
from tests.integration.sync.steps import states
from tests.portal import Joined, Portal, environment

SLOW_MACHINE = 60.0
"""Seconds."""


@pytest.fixture
def database_kind() -> str:
    """One is enough: nothing here differs between them, and each waits for a call's time-out."""
    return "postgresql"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[DemoProcess]:
    process = DemoProcess(tmp_path / "case-system", "connect")
    yield process
    process.close()


@pytest.fixture
def victim(portal: Portal, system: DemoProcess) -> Joined:
    told = {"profile": "connect", "url": system.url, "poll_seconds": 3600}
    portal.add_force(case_system=told)
    joined = portal.join()
    system.put_case(**joined.case)
    return joined


@contextmanager
def a_worker(portal: Portal, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """In a process of its own, as operators run it."""
    url = portal.database.engine.url.render_as_string(hide_password=False)
    token = {"NORTHSHIRE_CASE_SYSTEM_TOKEN": CASE_SYSTEM_TOKEN}
    told = environment(url, NOTIFY_URL=f"file:{log.parent}/notices.jsonl", **token)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "run", "--concurrency=2"]
    with log.open("wb") as out:
        worker = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **told}, stdout=out, stderr=out
        )
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):
            worker.kill()
        worker.wait()


def wait_until(what: Callable[[], bool], log: Path) -> None:
    give_up = time.monotonic() + SLOW_MACHINE
    while not what():
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.05)


def stream_of(portal: Portal, victim: Joined) -> Stream:
    [entry] = entries_of(portal, victim.case_id)
    with portal.database.reading() as session:
        return session.get_one(Stream, entry.stream_id)


def test_a_call_under_way_ends_and_its_lease_is_given_up(
    portal: Portal, victim: Joined, system: DemoProcess, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    system.tell("/demo/faults", {"next": 1, "fault": "hang", "hang_seconds": 3 * CALL_SECONDS})
    with a_worker(portal, log) as worker:
        wait_until(lambda: b"worker started" in log.read_bytes(), log)
        victim.writes("First")
        wait_until(lambda: entries_of(portal, victim.case_id)[0].attempts == 1, log)

        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SLOW_MACHINE) == 0, log.read_text()
        # Else it gave up waiting for the call. (What is left is for a slow machine.)
        assert time.monotonic() - began < STOP_SECONDS + 10

    stream = stream_of(portal, victim)
    assert (stream.lease_token, stream.leased_until) == (None, None)
    [entry] = entries_of(portal, victim.case_id)
    assert entry.problem == "timed-out"
    assert entry.alive_until is not None
    assert entry.alive_until > clock.now()
    assert states(portal, victim) == ["saved"]


def test_without_a_call_under_way_it_ends_at_once(
    portal: Portal, victim: Joined, system: DemoProcess, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with a_worker(portal, log) as worker:
        victim.writes("First")
        wait_until(lambda: states(portal, victim) == ["recorded"], log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SLOW_MACHINE) == 0, log.read_text()
    assert [entry.text for entry in system.held(victim.case["reference"])] == ["First"]
