"""A disk that a run fills is full: for SQLite too, which can write on into its old log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.databases import Disk, LimitedFiles, disk_to_fill
from tests.chaos.processes import Program

_KEEPS_WRITING = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE rows (value)")
# So long a log is copied at once, and what follows is written over it.
database.execute("INSERT INTO rows VALUES (zeroblob(6000000))")
while True:
    try:
        database.execute("INSERT INTO rows VALUES (zeroblob(2000))")
        print("kept", flush=True)
    except sqlite3.OperationalError as error:
        print("refused:", error, flush=True)
    time.sleep(0.02)
"""


@pytest.fixture(params=["file system", "limited files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Disk, Program]]:
    """One of each kind that this machine has, and a program that writes on it."""
    database = tmp_path / "disk" / "portal.db"
    command = [sys.executable, "-c", _KEEPS_WRITING, str(database)]
    writer = Program(command, os.environ, tmp_path / "log")
    with ExitStack() as stack:
        if request.param == "file system":
            disk = stack.enter_context(disk_to_fill(database, lambda: [writer.group]))
        else:
            database.parent.mkdir()
            disk = LimitedFiles(database, lambda: [writer.group])
        stack.callback(writer.end)
        writer.start()
        yield disk, writer


def wait_for_another(writer: Program, phrase: str, within: float = 20.0) -> None:
    before, give_up = writer.times_said(phrase), time.monotonic() + within
    while writer.times_said(phrase) == before:
        assert time.monotonic() < give_up, f"not {phrase} in time: {writer.log}"
        time.sleep(0.05)


def test_a_full_disk_refuses_every_write_until_it_is_freed(disk: tuple[Disk, Program]) -> None:
    where, writer = disk
    wait_for_another(writer, "kept")

    where.fill()
    wait_for_another(writer, "refused", within=4.0)
    kept = writer.times_said("kept")
    wait_for_another(writer, "refused")
    assert writer.times_said("kept") == kept

    where.free()
    wait_for_another(writer, "kept")
