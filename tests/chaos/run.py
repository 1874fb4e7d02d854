"""One run from beginning to end, and what came of it."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from sqlalchemy import func, select

from app.messages.models import Message
from tests.chaos.check import Findings, compare, repeats_recognised
from tests.chaos.driver import Driver
from tests.chaos.ledger import Ledger, read_ledger
from tests.chaos.people import Seat
from tests.chaos.plan import Plan, Sending, faults_of, sendings_of
from tests.chaos.stage import Stage, open_stage
from tests.chaos.writers import ANSWERS_WITHIN, Writer

_PATIENCE = 240.0
"""Seconds."""


class IsTold(Protocol):
    """What came of a run of some kind."""

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Result:
    """`faults` counts what was brought about, `noticed` the signs that it was felt, `refusals` the
    answers that acknowledged nothing and were followed by a repeat, `repeats_recognised` the
    repeats of what had been stored."""

    plan: Plan
    findings: Findings
    faults: dict[str, int]
    noticed: dict[str, int]
    refusals: dict[str, int]
    repeats_recognised: int
    ended_by_themselves: int
    seconds_writing: float
    seconds_until_drained: float | None
    failures: list[str]

    @property
    def wrong(self) -> dict[str, Any]:
        """Whatever is not as promised: nothing, it is to be hoped."""
        wrong: dict[str, Any] = dict(self.findings.wrong)
        if self.seconds_until_drained is None:
            wrong["drained"] = "never"
        if self.failures:
            wrong["failures"] = self.failures
        strange = {why: n for why, n in self.refusals.items() if not _is_expected(why)}
        if strange:
            wrong["answers"] = strange
        return wrong

    @property
    def rows(self) -> list[tuple[str, object]]:
        """For the table on the screen."""
        drained = self.seconds_until_drained
        return [
            *((name.replace("_", " "), n) for name, n in asdict(self.findings).items()),
            *sorted(self.faults.items()),
            *self.noticed.items(),
            ("answers that were not, then repeated", sum(self.refusals.values())),
            ("repeats of what was stored already", self.repeats_recognised),
            ("processes that ended by themselves", self.ended_by_themselves),
            ("seconds of writing", self.seconds_writing),
            ("seconds until drained", "never" if drained is None else drained),
            ("wrong", self.wrong or "nothing"),
        ]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "wrong": self.wrong}


def _is_expected(why: str) -> bool:
    """A server that fails, or none: the person tries again. Anything else turns them away."""
    return why.startswith("5") or why.endswith(("Error", "Timeout"))


def run(plan: Plan, folder: Path, drains_within: float = 600.0) -> Result:
    """Set everything up in an empty folder, let the plan happen, and compare."""
    faults = faults_of(plan)
    stop = Event()
    with open_stage(plan, folder) as stage:
        ledger = Ledger(folder / "ledger.jsonl")
        writers = _writers(stage, stage.set_up(), sendings_of(plan, faults), ledger)
        driver = Driver(stage, faults, stop)
        try:
            for writer in writers:
                writer.open_page()
            began = time.monotonic()
            for writer in writers:
                writer.start(began, stop)
            driver.start(began)
            # A slow machine needs its time to start what was killed.
            until = began + 2 * plan.seconds + _PATIENCE
            for writer in writers:
                writer.wait(until)
            driver.wait(until)
            written = time.monotonic()
            stage.calm()
            drained = _drain(stage, written + drains_within)
        finally:
            stop.set()
            driver.end()
            for writer in writers:
                writer.wait(time.monotonic() + 2 * ANSWERS_WITHIN)
                writer.close()
            ledger.close()
        stored, entries = stage.stored(), stage.entries()
        noticed = stage.noticed()
        ended = sum(program.ended_by_itself for program in stage.programs)
    records, refusals = read_ledger(folder / "ledger.jsonl")
    return Result(
        plan=plan,
        findings=compare(records, stored, entries),
        faults=dict(driver.done),
        noticed=noticed,
        refusals=dict(refusals),
        repeats_recognised=repeats_recognised(records, stored),
        ended_by_themselves=ended,
        seconds_writing=round(written - began, 1),
        seconds_until_drained=None if drained is None else round(drained - written, 1),
        failures=driver.failures,
    )


def _writers(
    stage: Stage, seats: list[Seat], sendings: list[Sending], ledger: Ledger
) -> list[Writer]:
    references = list(dict.fromkeys(seat.reference for seat in seats))
    shares: dict[tuple[str, str], list[Sending]] = defaultdict(list)
    for sending in sendings:
        shares[references[sending.conversation], sending.author].append(sending)
    return [Writer(stage.url, seat, shares[seat.reference, seat.author], ledger) for seat in seats]


def _drain(stage: Stage, until: float) -> float | None:
    """When nothing was owed any more (monotonic); None: not by then."""
    while time.monotonic() < until:
        with stage.database.reading() as session:
            owed = select(func.count()).where(Message.state == "saved")
            if not session.scalar(owed):
                return time.monotonic()
        time.sleep(0.25)
    return None


def write_json(results: Sequence[IsTold], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([result.to_json() for result in results], indent=2) + "\n")
