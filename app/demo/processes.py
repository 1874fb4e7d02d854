"""Processes that the demo starts, and ends again: each in a group of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.config import PROJECT_ROOT

ENDS_WITHIN = 10.0
"""Seconds. Whatever has not ended by then is killed."""


class Processes:
    """Starts programs and ends all of them, with whatever they started themselves."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: list[str], environ: Mapping[str, str], log: Path) -> None:
        """Start `python -m ARGUMENTS`; what it says goes to the log."""
        with log.open("ab") as file:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *arguments],
                cwd=PROJECT_ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                # A server that is killed leaves its workers with the port: so a whole group ends.
                start_new_session=True,
            )

    def one_that_ended(self) -> str | None:
        """The name of a process that ended by itself."""
        return next((name for name, p in self._running.items() if p.poll() is not None), None)

    def end_all(self) -> None:
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + ENDS_WITHIN
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
