"""A worker's delivery, beside a pooled HTTP client that sends the same entries to the same demo
case system."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from app import clock
from app.database import Database
from app.messages.actions import Author, send
from app.messages.models import Message
from app.notifications.senders import FileSender
from app.outbox.models import EntryState
from app.sync.systems import ConnectedSystems
from app.worker import Work
from tests.bench.people import Home
from tests.bench.ratios import Compared, compare
from tests.bench.servers import TOKEN, TOKEN_ENV, Place, recording
from tests.bench.talk import words
from tests.bench.town import Town, build

THREADS = 4
ROUNDS = 4
STREAMS = 6
"""Conversations in one turn."""
LONG = 200
IN_A_STREAM = 20


def compare_deliveries(
    place: Place, database: str, profile: str, rounds: int = ROUNDS, streams: int = STREAMS
) -> Compared:
    """Entries a second onto the record, both ways, from an empty database."""
    with recording(place.folder, profile) as address:
        system = {"url": address, "profile": profile}
        town = build(place.database, streams * (rounds + 1), 0, length=LONG, case_system=system)
        with _working(place) as work, httpx.Client(base_url=address, headers=_BEARER) as client:
            for case in town.cases:
                path = f"/demo/cases/{quote(case['reference'], safe='')}"
                client.put(path, json=case).raise_for_status()
            turns = Turns(place.database, town, work, client, streams, profile)
            # The first turn warms up.
            turns.worker()
            turns.floor()
            return compare(
                f"worker, {profile}", database, turns.worker, turns.floor, rounds=rounds, goal=0.70
            )


_BEARER = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def _working(place: Place) -> Iterator[Work]:
    systems = ConnectedSystems({**os.environ, TOKEN_ENV: TOKEN})
    work = Work(
        database=place.database,
        systems=systems,
        sender=FileSender(place.folder / "notifications.jsonl"),
        public_url="http://localhost",
    )
    work.refresh_systems()
    try:
        yield work
    finally:
        systems.close()


class Turns:
    """Takes turns between the worker's own loop and the bare client, each in so many threads."""

    def __init__(
        self,
        database: Database,
        town: Town,
        work: Work,
        client: httpx.Client,
        streams: int,
        profile: str,
    ) -> None:
        self._database = database
        self._homes = iter(town.homes)
        self._streams = streams
        self._work = work
        self._client = client
        self._profile = profile
        self._references = [case["reference"] for case in town.cases]

    def worker(self) -> float:
        homes = [next(self._homes) for _ in range(self._streams)]
        for home in homes:
            write_stream(self._database, home, IN_A_STREAM)

        def deliver_all(_: int) -> None:
            while self._work.deliver():
                pass

        rate = _rate(len(homes) * IN_A_STREAM, deliver_all)
        assert self._count_owed() == 0, "the worker left something behind"
        return rate

    def _count_owed(self) -> int:
        with self._database.reading() as session:
            unrecorded = Message.state != EntryState.RECORDED.value
            return session.scalars(select(func.count()).where(unrecorded)).one()

    def floor(self) -> float:
        streams = self._references[: self._streams]

        def send_some(thread: int) -> None:
            for reference in streams[thread::THREADS]:
                for number in range(IN_A_STREAM):
                    self._send(reference, number)

        return _rate(len(streams) * IN_A_STREAM, send_some)

    def _send(self, reference: str, number: int) -> None:
        entry_id = str(uuid4())
        entry, case = _entry(entry_id, words(LONG, number), number + 1), quote(reference, safe="")
        if self._profile == "niche":
            answer = self._client.put(f"/occurrences/{case}/entries/{entry_id}", json=entry)
        else:
            answer = self._client.post(f"/investigations/{case}/log", json=entry)
        assert answer.status_code == 201, answer.text


def _entry(entry_id: str, text: str, sequence: int) -> dict[str, Any]:
    """An entry of the same shape and size as the worker's."""
    return {
        "externalId": entry_id,
        "kind": "victim-message",
        "about": None,
        "author": {"kind": "victim", "id": "V-000001", "name": "Alex Morgan"},
        "sentAt": "2026-01-01T00:00:00.000000Z",
        "text": text,
        "sequence": sequence,
        "part": {"n": 1, "of": 1},
        "sha256": "0" * 64,
        "priority": "normal",
        "disclosure": False,
    }


def _rate(entries: int, work: Callable[[int], None]) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))
    return entries / (time.perf_counter() - begun)


def write_stream(database: Database, home: Home, messages: int) -> None:
    """A victim writes so many messages, in one transaction."""
    with database.writing() as session:
        for number in range(messages):
            send(
                session,
                home.conversation_id,
                Author("victim", home.victim_id),
                text=words(LONG, number),
                client_id=str(uuid4()),
                now=clock.now(),
            )
