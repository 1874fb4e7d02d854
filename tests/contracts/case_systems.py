"""The case systems that the contract suite runs against, each with switches for what goes wrong."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path
from typing import Protocol

import httpx

from app.demo.case_system import serve
from app.sync.adapters import connect_to
from app.sync.adapters.http import escaped
from app.sync.adapters.memory import MemoryCaseSystem
from app.sync.port import CaseSystem, Entry
from tests.ports import free_port

# Processes of their own that can be killed, and that start without importing everything again.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["app.demo.case_system"])

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"


class CaseSystemUnderTest(Protocol):
    """A case system, and what a test does to it from outside."""

    @property
    def system(self) -> CaseSystem:
        """The adapter under test."""

    def put_case(self, reference: str, **case: object) -> None:
        """Create or change a case."""

    def fail(
        self, fault: str, *, times: int = 1, retry_after: float | None = None, feed: bool = False
    ) -> None:
        """Let the next calls fail."""

    def spoil_token(self) -> None:
        """From now on the token is wrong."""

    def disappear(self) -> None:
        """From now on nobody answers."""

    def held(self, reference: str) -> tuple[Entry, ...]:
        """What really stands on the case record, in order."""


class InMemory:
    """The memory adapter is its own case system."""

    def __init__(self, *, is_idempotent: bool) -> None:
        self._memory = MemoryCaseSystem(
            text_limit=4000 if is_idempotent else 32_000, is_idempotent=is_idempotent
        )
        self.system: CaseSystem = self._memory

    def put_case(self, reference: str, **case: object) -> None:
        before = self._memory.case(reference) or {}
        self._memory.put_case(reference, {**before, **case})

    def fail(
        self, fault: str, *, times: int = 1, retry_after: float | None = None, feed: bool = False
    ) -> None:
        self._memory.fail(fault, times=times, retry_after=retry_after, feed=feed)

    def spoil_token(self) -> None:
        self._memory.token_is_good = False

    def disappear(self) -> None:
        self._memory.is_reachable = False

    def held(self, reference: str) -> tuple[Entry, ...]:
        return self._memory.held(reference)


class DemoProcess:
    """The demo case system as a process of its own on a free port, behind a profile's adapter."""

    def __init__(self, data: Path, profile: str = "niche") -> None:
        self._data = data
        self._profile = profile
        self._port = free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        self._desk = httpx.Client(
            base_url=self._url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False
        )
        self.system = self.connect(TOKEN)
        self.start()

    @property
    def url(self) -> str:
        return self._url

    def connect(self, token: str) -> CaseSystem:
        """Another adapter, whose calls end after a second so that tests need not wait ten."""
        return connect_to(self._profile, self._url, token, call_seconds=1.0)

    def start(self) -> None:
        """Start, and wait until it answers."""
        told = (self._profile, self._port, self._data, TOKEN)
        self._process = _FORKS.Process(target=serve, args=told, daemon=True)
        self._process.start()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.exitcode is not None:
                raise RuntimeError("the demo case system ended while starting")
            try:
                self._desk.get("/demo/entries").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the demo case system did not start")

    def stop(self, number: signal.Signals) -> int:
        """Send a signal, wait for the end, return the exit status."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)
        self._process.join(timeout=10)
        assert self._process.exitcode is not None, "the demo case system did not end"
        return self._process.exitcode

    def close(self) -> None:
        self.system.close()
        self._desk.close()
        if self._process.exitcode is None:
            self.stop(signal.SIGKILL)
        self._process.close()

    def put_case(self, reference: str, **case: object) -> None:
        answer = self._desk.put(f"/demo/cases/{escaped(reference)}", json=case)
        answer.raise_for_status()

    def fail(
        self, fault: str, *, times: int = 1, retry_after: float | None = None, feed: bool = False
    ) -> None:
        told = {
            "fault": fault,
            "next": times,
            "feed": feed,
            "hang_seconds": 1 if fault == "late" else 3,
        }
        if retry_after is not None:
            told["retry_after"] = retry_after
        self.tell("/demo/faults", told)

    def tell(self, path: str, told: object) -> None:
        """Post to the demo's controls."""
        self._desk.post(path, json=told).raise_for_status()

    def spoil_token(self) -> None:
        self.system.close()
        self.system = self.connect("a-token-of-yesterday")

    def disappear(self) -> None:
        self.stop(signal.SIGKILL)

    def held(self, reference: str) -> tuple[Entry, ...]:
        answer = self._desk.get("/demo/entries", params={"reference": reference})
        return tuple(
            Entry.from_json(entry) for entry in answer.raise_for_status().json()["entries"]
        )


def command_line(port: int, data: Path) -> list[str]:
    """What starts the demo case system without the portal's command line."""
    told = {"profile": "niche", "port": str(port), "data": str(data)}
    options = [f"--{name}={value}" for name, value in told.items()]
    return [sys.executable, "-m", "app.demo.case_system", *options]
