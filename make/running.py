"""Running a program as one step of the set-up."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SetupStops(Exception):
    """What is missing or went wrong, in one line for the person who typed the command."""


def run(command: list[str], step: str) -> None:
    """Run a program and all that it starts; a signal to us ends all of it."""
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            failed = child.wait() != 0
        except BaseException:
            os.killpg(child.pid, signal.SIGTERM)
            raise
    if failed:
        raise SetupStops(f"{step} failed; what it printed stands above.")


def answer(*command: str | Path) -> str | None:
    """What a program prints, or None if it failed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None
