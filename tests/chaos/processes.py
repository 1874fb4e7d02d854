"""A program that is killed, paused, woken and started again, with whatever it started itself."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from urllib.error import URLError
from urllib.request import urlopen

from tests.databases import ROOT

STARTS_WITHIN = 120.0
ENDS_WITHIN = 20.0
"""Seconds."""


class Program:
    """One command, in a process group of its own. Hold `turn` while doing something to it."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        *,
        answers_at: str | None = None,
        says_when_up: str | None = None,
    ) -> None:
        """`answers_at` is an address that says 200 once it is up, `says_when_up` a phrase that it
        logs then."""
        self.turn = RLock()
        self.ended_by_itself = 0
        self._command = list(command)
        self._environ = dict(environ)
        self._log = log
        self._answers_at, self._says_when_up = answers_at, says_when_up
        self._said_before = 0
        self._up_since = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def group(self) -> int:
        """The id of its process group."""
        assert self._process is not None, "it was never started"
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is up; once more if it ended by itself meanwhile."""
        with self.turn:
            give_up = time.monotonic() + STARTS_WITHIN
            self._spawn()
            while not self._is_up():
                assert time.monotonic() < give_up, f"{self._command[:4]} does not start: {self.log}"
                self.revive()
                time.sleep(0.05)
            self._up_since = time.monotonic()

    def be_up_for(self, seconds: float) -> None:
        """Wait until it was up for so long since it was last started."""
        time.sleep(max(0.0, self._up_since + seconds - time.monotonic()))

    def revive(self) -> None:
        """Start it again if it ended by itself, as whatever looks after services would."""
        with self.turn:
            if self._process is not None and self._process.poll() is not None:
                self.ended_by_itself += 1
                self._signal(signal.SIGKILL)
                time.sleep(0.5)
                self._spawn()

    def kill(self) -> None:
        """End the whole group at once, as the loss of power would."""
        with self.turn:
            self._signal(signal.SIGKILL)
            if self._process is not None:
                self._process.wait()
            self._process = None

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask the group to end, and kill what has not by then."""
        with self.turn:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
            if self._process is not None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(ENDS_WITHIN)
            self.kill()

    @property
    def log(self) -> str:
        """The last lines it said."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def times_said(self, phrase: str) -> int:
        """How many lines of its log hold this."""
        if not self._log.exists():
            return 0
        return sum(phrase in line for line in self._log.read_text(errors="replace").splitlines())

    def _spawn(self) -> None:
        if self._says_when_up is not None:
            self._said_before = self.times_said(self._says_when_up)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _is_up(self) -> bool:
        if self._says_when_up is not None:
            return self.times_said(self._says_when_up) > self._said_before
        if self._answers_at is None:
            return True
        with suppress(URLError, OSError), urlopen(self._answers_at, timeout=2):
            return True
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def members(group: int) -> list[int]:
    """The ids of the processes of a group. Linux only."""
    return _with_field(2, group)


def children(parent: int) -> list[int]:
    """The ids of the processes that a process started itself. Linux only."""
    return _with_field(1, parent)


def _with_field(place: int, value: int) -> list[int]:
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, counted from behind the name.
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after_name = path.read_text().rpartition(")")[2].split()
            if int(after_name[place]) == value:
                found.append(int(path.parent.name))
    return found
