"""A force's case system is down while thousands of messages come in, then it is back: how long
until all is on the record, how hard it is called, and whether another force notices anything.

Messages are stored by the portal's own action, without HTTP. The case system that is down takes
calls and never answers them, which is worse for a worker than one that refuses them.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.messages.models import Message
from tests.bench.servers import place_at
from tests.chaos.check import Findings, compare
from tests.chaos.outage_stage import DOWN, IN_A_CONVERSATION, OTHER, Pen, Plan, Stage
from tests.chaos.people import stored_messages
from tests.databases import migrate_by_command
from tests.postgresql import running_cluster

TOGETHER = 10
OTHER_EVERY = 0.25
HANGS = 15.0
DRAINS_WITHIN = 900.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Served:
    """The other force in one phase: seconds from send to recorded."""

    phase: str
    messages: int
    median: float
    p95: float
    longest: float

    @classmethod
    def of(cls, phase: str, seconds: Sequence[float]) -> Served:
        ordered = sorted(seconds) or [math.nan]

        def at(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)], 2)

        return cls(phase, len(seconds), at(0.5), at(0.95), at(1.0))


@dataclass(frozen=True, slots=True)
class Result:
    """`calls_in_vain` were made while the case system was down; `peak_calls` a second after it was
    back, at their most in any second."""

    plan: Plan
    findings: Findings
    served: list[Served]
    seconds_down: float
    calls_in_vain: int
    seconds_until_first: float | None
    seconds_until_drained: float | None
    peak_calls: int

    @property
    def wrong(self) -> dict[str, Any]:
        wrong: dict[str, Any] = dict(self.findings.wrong)
        if self.seconds_until_drained is None:
            wrong["drained"] = "never"
        return wrong

    @property
    def rows(self) -> list[tuple[str, object]]:
        drained = self.seconds_until_drained
        return [
            *((name.replace("_", " "), n) for name, n in asdict(self.findings).items()),
            *(
                (
                    f"other force, {each.phase}",
                    f"{each.messages} messages, median {each.median} s, p95 {each.p95} s,"
                    f" longest {each.longest} s",
                )
                for each in self.served
            ),
            ("seconds down", self.seconds_down),
            ("calls in vain meanwhile", self.calls_in_vain),
            ("seconds from back to the first recorded", self.seconds_until_first),
            ("seconds from back until drained", "never" if drained is None else drained),
            ("calls a second at most after it", self.peak_calls),
            ("wrong", self.wrong or "nothing"),
        ]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "wrong": self.wrong}


def run(plan: Plan, folder: Path) -> Result:
    """Set everything up in an empty folder, let it happen, and compare."""
    with (
        _database(plan, folder) as url,
        place_at(url, folder / "portal") as place,
        closing(Stage(plan, place)) as stage,
    ):
        stage.set_up()
        return _happen(stage)


@contextmanager
def _database(plan: Plan, folder: Path) -> Iterator[str]:
    if plan.database == "sqlite":
        url = f"sqlite:///{folder / 'portal.db'}"
        migrate_by_command(url)
        yield url
        return
    with running_cluster(durable=True) as cluster:
        cluster.create("portal")
        migrate_by_command(cluster.url("portal"))
        yield cluster.url("portal")


def _happen(stage: Stage) -> Result:
    plan, pen, stop = stage.plan, Pen(stage.place.database), Event()
    other = Thread(target=_keep_writing, args=(stage, pen, stop), daemon=True)
    phases: list[tuple[str, datetime]] = []

    def begin(phase: str) -> datetime:
        phases.append((phase, clock.now()))
        return phases[-1][1]

    other.start()
    time.sleep(plan.seconds / 8)
    begin("all well")
    time.sleep(plan.seconds)
    down = begin("down, messages pour in")
    stage.ask(DOWN, "/demo/faults", {"fault": "hang", "probability": 1, "hang_seconds": HANGS})
    _pour_in(stage, pen)
    begin("down")
    time.sleep(plan.seconds)
    back = begin("back, until drained")
    stage.ask(DOWN, "/demo/faults", {})
    drained = _drained(stage, DOWN)
    begin("afterwards")
    stop.set()
    other.join(60.0)
    assert not other.is_alive(), "the other force's writer does not come to its end"
    _drained(stage, OTHER)
    calls = stage.calls(DOWN)
    recorded = _seconds_of(stage, DOWN)
    return Result(
        plan=plan,
        findings=compare(
            pen.records,
            stored_messages(stage.place.database),
            [*stage.entries(DOWN), *stage.entries(OTHER)],
        ),
        served=_served(stage, phases),
        seconds_down=round((back - down).total_seconds(), 1),
        calls_in_vain=sum(down.timestamp() <= each < back.timestamp() for each in calls),
        seconds_until_first=_first_after(recorded, back),
        seconds_until_drained=drained,
        peak_calls=_peak([each for each in calls if each >= back.timestamp()]),
    )


def _keep_writing(stage: Stage, pen: Pen, stop: Event) -> None:
    town, number = stage.towns[OTHER], 50_000
    while not stop.wait(OTHER_EVERY):
        pen.write(town, town.homes[number % len(town.homes)], [number])
        number += 1


def _pour_in(stage: Stage, pen: Pen) -> None:
    town, messages = stage.towns[DOWN], stage.plan.messages
    turns = [home for home in town.homes for _ in range(IN_A_CONVERSATION // TOGETHER)]
    random.Random(stage.plan.seed).shuffle(turns)
    for first in range(0, messages, TOGETHER):
        numbers = range(first, min(first + TOGETHER, messages))
        pen.write(town, turns[first // TOGETHER], numbers)


def _drained(stage: Stage, slug: str) -> float | None:
    """Seconds until nothing of this force is owed; None: not in time."""
    began, force_id = time.monotonic(), _force_id(stage, slug)
    owed = select(func.count()).where(Message.force_id == force_id, Message.state == "saved")
    while time.monotonic() < began + DRAINS_WITHIN:
        with stage.place.database.reading() as session:
            if not session.scalar(owed):
                return round(time.monotonic() - began, 1)
        time.sleep(0.5)
    return None


def _force_id(stage: Stage, slug: str) -> UUID:
    return stage.towns[slug].register.force_id


def _seconds_of(stage: Stage, slug: str) -> list[tuple[datetime, datetime]]:
    """When each message of this force was sent and recorded."""
    wanted = select(Message.sent_at, Message.recorded_at).where(
        Message.force_id == _force_id(stage, slug), Message.recorded_at.is_not(None)
    )
    with stage.place.database.reading() as session:
        return [(sent, recorded) for sent, recorded in session.execute(wanted) if recorded]


def _served(stage: Stage, phases: list[tuple[str, datetime]]) -> list[Served]:
    times = _seconds_of(stage, OTHER)
    return [
        Served.of(
            phase,
            [(recorded - sent).total_seconds() for sent, recorded in times if begin <= sent < end],
        )
        for (phase, begin), (_next, end) in pairwise(phases)
    ]


def _first_after(times: list[tuple[datetime, datetime]], back: datetime) -> float | None:
    after = [(recorded - back).total_seconds() for _, recorded in times if recorded >= back]
    return round(min(after), 1) if after else None


def _peak(moments: list[float]) -> int:
    """The most within any one second."""
    most, first = 0, 0
    ordered = sorted(moments)
    for last, moment in enumerate(ordered):
        while ordered[first] <= moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
