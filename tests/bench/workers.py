"""Four workers beside one, each a process as it is run for real, against one PostgreSQL.

They are stopped while the messages are written, and woken together: what is measured is delivery
alone. With a case system that answers at once the machine's processors are what runs out; with one
that takes its time, as those of forces do, workers are.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import func, select

from app.messages.models import Message
from tests.bench.deliveries import write_stream
from tests.bench.people import Home
from tests.bench.ratios import Spread
from tests.bench.servers import TOKEN, TOKEN_ENV, Place, recording
from tests.bench.town import build
from tests.chaos.processes import Program
from tests.chaos.stage import STARTED

MANY = 4
ROUNDS = 2
STREAMS = 50
IN_A_STREAM = 10
ANSWERS_AFTER = (0.0, 0.1)
"""Seconds."""
WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Crew:
    """Messages a second onto the record, by one worker and by many."""

    name: str
    one: Spread
    many: Spread
    ratio: Spread

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_workers(
    place: Place,
    *,
    rounds: int = ROUNDS,
    streams: int = STREAMS,
    answers_after: tuple[float, ...] = ANSWERS_AFTER,
) -> list[Crew]:
    """One, many, one, many …, from an empty database."""
    with recording(place.folder, "niche") as address:
        turns = _Turns(place, address, streams)
        turns.fill(2 * rounds * len(answers_after))
        return [_compare(turns, seconds, rounds) for seconds in answers_after]


def _compare(turns: _Turns, seconds: float, rounds: int) -> Crew:
    turns.answer_after(seconds)
    rates = [(turns.rate(1), turns.rate(MANY)) for _ in range(rounds)]
    after = f"after {seconds * 1000:.0f} ms" if seconds else "at once"
    return Crew(
        f"case system answers {after}",
        one=Spread.of([one for one, _ in rates]),
        many=Spread.of([many for _, many in rates]),
        ratio=Spread.of([many / one for one, many in rates]),
    )


class _Turns:
    """Writes messages into conversations that nobody used yet, and has them delivered."""

    def __init__(self, place: Place, address: str, streams: int) -> None:
        self._place = place
        self._streams = streams
        self._client = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False
        )
        self._homes: Iterator[Home] = iter(())

    def fill(self, turns: int) -> None:
        """Conversations for so many turns; the case system knows their cases."""
        system = {"url": str(self._client.base_url).rstrip("/")}
        town = build(self._place.database, self._streams * turns, 0, case_system=system)
        for case in town.cases:
            path = f"/demo/cases/{quote(case['reference'], safe='')}"
            self._client.put(path, json=case).raise_for_status()
        self._homes = iter(town.homes)

    def answer_after(self, seconds: float) -> None:
        self._client.post("/demo/faults", json={}).raise_for_status()
        if seconds:
            slow = {"fault": "slow", "probability": 1, "hang_seconds": seconds}
            self._client.post("/demo/faults", json=slow).raise_for_status()

    def rate(self, workers: int) -> float:
        """Messages a second that so many workers put onto the record."""
        with ExitStack() as stack:
            crew = [self._worker(number) for number in range(workers)]
            for each in crew:
                stack.callback(each.end)
                each.start()
            for each in crew:
                each.pause()
            written = sum(self._write(next(self._homes)) for _ in range(self._streams))
            begun = time.perf_counter()
            for each in crew:
                each.wake()
            self._wait_until_recorded()
            return written / (time.perf_counter() - begun)

    def _worker(self, number: int) -> Program:
        return Program(
            [sys.executable, "-m", *["flask", "--app", "wsgi", "worker", "run"]],
            {**self._place.environ, TOKEN_ENV: TOKEN},
            Path(self._place.folder / f"worker-{number}.log"),
            says_when_up=STARTED,
        )

    def _write(self, home: Home) -> int:
        write_stream(self._place.database, home, IN_A_STREAM)
        return IN_A_STREAM

    def _wait_until_recorded(self) -> None:
        owed = select(func.count()).where(Message.state == "saved")
        give_up = time.monotonic() + WITHIN
        while True:
            with self._place.database.reading() as session:
                if not session.scalar(owed):
                    return
            assert time.monotonic() < give_up, "the workers do not come to an end"
            time.sleep(0.05)
