"""Lets everything go wrong that a plan says, each at its time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event, Lock, Thread

import httpx

from tests.chaos.plan import Fault, Kind
from tests.chaos.processes import Program
from tests.chaos.stage import Stage

_ANSWERS_CUT = 3
_ON_ITS_WAY = 1.0
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
                self._kill(self._stage.web, fault.lasts)
            case Kind.CASE_SYSTEM_DOWN:
                self._kill(self._stage.case_system, fault.lasts)
            case Kind.KILL_WORKER:
                self._with_a_worker(fault, lambda worker: self._kill(worker, fault.lasts))
            case Kind.PAUSE_WORKER:
                self._with_a_worker(fault, lambda worker: self._pause(worker, fault.lasts))
            case Kind.KILL_DATABASE:
                self._kill_database(fault.lasts)
            case Kind.FULL_DISK:
                self._fill_disk(fault.lasts)
            case Kind.HANG:
                self._trouble({"fault": "hang", "next": 2, "hang_seconds": fault.lasts})
            case Kind.CUT_BEFORE | Kind.CUT_AFTER | Kind.REFUSE:
                self._trouble({"fault": fault.kind.value, "next": _ANSWERS_CUT})

    def _kill(self, program: Program, down_for: float) -> None:
        with program.turn:
            program.kill()
            time.sleep(down_for)
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

    def _pause(self, worker: Program, seconds: float) -> None:
        """Stop it while its calls are on their way: they take effect while it sleeps."""
        self._trouble({"fault": "slow", "next": 4, "hang_seconds": 2 * _ON_ITS_WAY})
        time.sleep(_ON_ITS_WAY)
        worker.pause()
        try:
            time.sleep(seconds)
        finally:
            worker.wake()

    def _kill_database(self, down_for: float) -> None:
        postgres = self._stage.postgres
        assert postgres is not None, "there is no server to kill"
        with self._database:
            postgres.kill()
            time.sleep(down_for)
            postgres.start()

    def _fill_disk(self, seconds: float) -> None:
        disk = self._stage.disk
        assert disk is not None, "there is no disk to fill"
        with self._database:
            disk.fill()
            try:
                time.sleep(seconds)
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
