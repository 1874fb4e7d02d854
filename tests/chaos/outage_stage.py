"""What takes part in an outage: two forces, their case systems, their workers, and who writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from app import clock
from app.database import Database
from app.messages.actions import Author, send
from tests.bench.people import Home
from tests.bench.servers import TOKEN, TOKEN_ENV, Place
from tests.bench.town import Town, build
from tests.chaos.ledger import Record
from tests.chaos.processes import Program
from tests.chaos.stage import STARTED, lines_of
from tests.chaos.watched import CALLS
from tests.ports import free_port

DOWN, OTHER = "northshire", "southshire"
IN_A_CONVERSATION = 50
"""Fewer than anybody may write in ten minutes."""
OTHER_CONVERSATIONS = 60
SETTLE = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """`messages` for the force that is down; the other force's come all the while. `seconds` is how
    long it is watched before the outage, and in the midst of it."""

    profile: str
    database: str
    seed: int
    messages: int = 10_000
    workers: int = 2
    seconds: float = 20.0


class Stage:
    """Two forces, their case systems, and the workers of both."""

    def __init__(self, plan: Plan, place: Place) -> None:
        self.plan, self.place = plan, place
        self.ports = {DOWN: free_port(), OTHER: free_port()}
        self.systems = {slug: self._case_system(slug) for slug in self.ports}
        environ = {**place.environ, TOKEN_ENV: TOKEN}
        self.workers = [
            Program(
                [sys.executable, "-m", *["flask", "--app", "wsgi", "worker", "run"]],
                environ,
                place.folder / f"worker-{number}.log",
                says_when_up=STARTED,
            )
            for number in range(plan.workers)
        ]
        self.towns: dict[str, Town] = {}

    def _case_system(self, slug: str) -> Program:
        folder = self.place.folder / slug
        folder.mkdir()
        command = (
            f"tests.chaos.watched {folder} case-system serve --profile {self.plan.profile}"
            f" --port {self.ports[slug]} --data {folder}"
        )
        return Program(
            [sys.executable, "-m", *command.split()],
            {**self.place.environ, "CASE_SYSTEM_TOKEN": TOKEN},
            self.place.folder / f"{slug}.log",
            answers_at=f"{self._url(slug)}/demo/",
        )

    def _url(self, slug: str) -> str:
        return f"http://127.0.0.1:{self.ports[slug]}"

    def set_up(self) -> None:
        sizes = {DOWN: -(-self.plan.messages // IN_A_CONVERSATION), OTHER: OTHER_CONVERSATIONS}
        for slug, size in sizes.items():
            self.systems[slug].start()
            system = {
                "profile": self.plan.profile,
                "url": self._url(slug),
                "settle_seconds": SETTLE,
            }
            town = build(self.place.database, size, 0, slug=slug, case_system=system)
            self.towns[slug] = town
            for case in town.cases:
                self.ask(slug, f"/demo/cases/{quote(case['reference'], safe='')}", case, "PUT")
        for worker in self.workers:
            worker.start()

    def ask(self, slug: str, path: str, told: dict[str, Any], method: str = "POST") -> None:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=self._url(slug), trust_env=False, headers=bearer) as client:
            client.request(method, path, json=told).raise_for_status()

    def calls(self, slug: str) -> list[float]:
        return [float(line) for line in lines_of(self.place.folder / slug / CALLS)]

    def entries(self, slug: str) -> list[dict[str, Any]]:
        return [json.loads(each) for each in lines_of(self.place.folder / slug / "entries.jsonl")]

    def close(self) -> None:
        for program in (*self.workers, *self.systems.values()):
            program.end()


@dataclass
class Pen:
    """Writes messages and notes each, before and after it is stored."""

    database: Database
    records: list[Record] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _place: int = 0

    def write(self, town: Town, home: Home, numbers: Sequence[int]) -> None:
        """Messages of one victim, stored together."""
        reference = town.cases[home.number]["reference"]
        noted = [
            Record(number, reference, "victim", f"{number:05d} Thursday is fine.", self._next())
            for number in numbers
        ]
        with self.database.writing() as session:
            for each in noted:
                send(
                    session,
                    home.conversation_id,
                    Author("victim", home.victim_id),
                    text=each.text,
                    client_id=str(uuid4()),
                    now=clock.now(),
                )
        for each in noted:
            each.acknowledged = self._next()
        with self._lock:
            self.records += noted

    def _next(self) -> int:
        with self._lock:
            self._place += 1
            return self._place
