"""Lets everything go wrong that a plan says, each at its time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event, Lock, Thread

import httpx

from app import clock
from tests.chaos.plan import Fault, Kind
from tests.chaos.processes import Program
from tests.chaos.stage import Stage

_ANSWERS_STRUCK = 2
_ON_THEIR_WAY = 2.0
_TRIES_TO_CATCH = 3
_CALLS_WITHIN = 5.0
_ENOUGH_CALLS = 2
_FELT_WITHIN = 20.0
_WATCH_EVERY = 0.5


class Driver:
    """`done` counts the faults that were brought about, by kind; `failures` are our own."""

    def __init__(self, stage: Stage, faults: list[Fault], stop: Event) -> None:
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._stage = stage
        self._faults = faults
        self._stop = stop
        self._threads: list[Thread] = []
        self._database, self._noting = Lock(), Lock()

    def start(self, began: float) -> None:
        """`began` is when the run did (monotonic)."""
        wanted: list[Callable[[], None]] = [
            partial(self._bring_about, fault, began) for fault in self._faults
        ]
        for target in [*wanted, self._look_after]:
            self._threads.append(Thread(target=target, daemon=True))
            self._threads[-1].start()

    def wait(self, until: float) -> None:
        """Until the last fault is over; not later than `until` (monotonic)."""
        for thread in self._threads[:-1]:
            thread.join(max(0.0, until - time.monotonic()))
            assert not thread.is_alive(), "a fault does not come to its end"

    def end(self) -> None:
        """After `stop` is set."""
        for thread in self._threads:
            thread.join(90.0)

    def _bring_about(self, fault: Fault, began: float) -> None:
        if self._stop.wait(max(0.0, began + fault.at - time.monotonic())):
            return
        try:
            self._bring(fault)
        except Exception as error:
            self.failures.append(f"{fault.kind.value}: {type(error).__name__} {error}")
        else:
            with self._noting:
                self.done[fault.kind.value] += 1

    def _bring(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.KILL_WEB:
                self._kill(self._stage.web, fault)
            case Kind.PAUSE_WEB:
                with self._stage.web.turn:
                    self._stage.web.be_up_for(_alive_for(fault))
                    self._pause(self._stage.web, fault.lasts)
            case Kind.CASE_SYSTEM_DOWN:
                with self._stage.case_system.turn:
                    self._kill(self._stage.case_system, fault)
                    # What it was told was forgotten with it.
                    self._stage.trouble()
            case Kind.KILL_WORKER:
                self._with_a_worker(fault, lambda worker: self._kill(worker, fault))
            case Kind.PAUSE_WORKER:
                self._with_a_worker(fault, lambda worker: self._pause_in_call(worker, fault.lasts))
            case Kind.KILL_DATABASE:
                self._kill_database(fault)
            case Kind.FULL_DISK:
                self._fill_disk(fault.lasts)
            case _:
                self._trouble(_told(fault))

    def _kill(self, program: Program, fault: Fault) -> None:
        with program.turn:
            # One that is still starting, on a slow machine, has nothing in its hands yet.
            program.be_up_for(_alive_for(fault))
            program.kill()
            time.sleep(fault.lasts)
            program.start()

    def _with_a_worker(self, fault: Fault, do: Callable[[Program], None]) -> None:
        """Choose one that nothing is done to just now; wait for one where there is none."""
        workers = self._stage.workers
        while True:
            for place in range(len(workers)):
                worker = workers[(fault.which + place) % len(workers)]
                if worker.turn.acquire(timeout=0.2):
                    try:
                        do(worker)
                    finally:
                        worker.turn.release()
                    return

    def _pause_in_call(self, worker: Program, seconds: float) -> None:
        """Stop it while calls of its own are on their way: they take effect while it sleeps."""
        for _ in range(_TRIES_TO_CATCH):
            self._trouble({"fault": "slow", "next": 6, "hang_seconds": _ON_THEIR_WAY})
            began, give_up = clock.now(), time.monotonic() + _CALLS_WITHIN
            while time.monotonic() < give_up:
                if self._stage.streams_claimed(began, clock.now()) >= _ENOUGH_CALLS:
                    break
                time.sleep(0.1)
            worker.pause()
            asleep_since = clock.now()
            try:
                time.sleep(_ON_THEIR_WAY + 0.2)
                # The others have their answers by now.
                if self._stage.streams_claimed(began, asleep_since):
                    time.sleep(seconds)
                    return
            finally:
                worker.wake()
        self._pause(worker, seconds)

    def _pause(self, program: Program, seconds: float) -> None:
        with program.turn:
            program.pause()
            try:
                time.sleep(seconds)
            finally:
                program.wake()

    def _kill_database(self, fault: Fault) -> None:
        postgres = self._stage.postgres
        assert postgres is not None, "there is no server to kill"
        with self._database:
            postgres.kill(postmaster_alone=fault.which % 2 == 0)
            time.sleep(fault.lasts)
            postgres.start()

    def _fill_disk(self, seconds: float) -> None:
        disk = self._stage.disk
        assert disk is not None, "there is no disk to fill"
        with self._database:
            before, give_up = self._stage.refused_by_full_disk(), time.monotonic() + _FELT_WITHIN
            disk.fill()
            try:
                time.sleep(seconds)
                # Longer where the web server was down or asleep meanwhile.
                while self._stage.refused_by_full_disk() == before and time.monotonic() < give_up:
                    time.sleep(0.2)
            finally:
                disk.free()

    def _trouble(self, fault: dict[str, object]) -> None:
        # It may be down itself just now.
        for _ in range(20):
            with suppress(httpx.HTTPError):
                self._stage.ask_case_system("/demo/faults", fault)
                return
            time.sleep(0.5)

    def _look_after(self) -> None:
        while not self._stop.wait(_WATCH_EVERY):
            for program in self._stage.programs:
                if program.turn.acquire(blocking=False):
                    try:
                        program.revive()
                    finally:
                        program.turn.release()


def _alive_for(fault: Fault) -> float:
    """Seconds, from 0.5 to 4.5."""
    return 0.5 + fault.which / 250


def _told(fault: Fault) -> dict[str, object]:
    """A fault of the case system's own, as it is told of it."""
    match fault.kind:
        case Kind.HANG:
            return {"fault": "hang", "hang_seconds": fault.lasts}
        case Kind.LATE:
            return {"fault": "slow", "hang_seconds": fault.lasts}
        case Kind.TOO_MANY:
            return {"fault": "429", "next": _ANSWERS_STRUCK, "retry_after": "2"}
        case _:
            return {"fault": fault.kind.value, "next": _ANSWERS_STRUCK}
