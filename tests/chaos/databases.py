"""Databases that a run may break: PostgreSQL servers to be killed, a disk to be filled."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psycopg

from tests.chaos.processes import children, members
from tests.postgresql import Cluster, running_cluster

STARTS_WITHIN = 60.0
"""Seconds."""

_MEGABYTE = 1024 * 1024
_DISK = 160 * _MEGABYTE
_LIMIT = 64 * 1024


class Disk(Protocol):
    """Where the database lies."""

    database: Path

    def fill(self) -> None:
        """From now on nothing more can be written."""

    def free(self) -> None:
        """From now on it can be again."""


class SmallDisk:
    """A small file system of its own, filled to its last byte."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def fill(self) -> None:
        # SQLite writes over its old log before it lets it grow, and would not miss the room.
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            for _ in range(10):
                is_busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not is_busy:
                    break
                time.sleep(0.2)
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            for size in (_MEGABYTE, 4096, 1):
                with suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.database.parent / "ballast"


class LimitedFiles:
    """Where no file system may be mounted: the portal's own processes are told by the kernel that
    no file may grow past a few pages. Linux only."""

    def __init__(self, database: Path, groups: Callable[[], list[int]]) -> None:
        self.database = database
        self._groups = groups

    def fill(self) -> None:
        self._limit(_LIMIT)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for process in [each for group in self._groups() for each in members(group)]:
            with suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def disk_to_fill(database: Path, groups: Callable[[], list[int]]) -> Iterator[Disk]:
    """A disk for this SQLite file, at its folder; `groups` are the process groups that write on
    it."""
    folder = database.parent
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield LimitedFiles(database, groups)
        return
    try:
        yield SmallDisk(database)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class KillablePostgres:
    """A durable cluster whose servers can be killed with -9 and started again."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._data = cluster.folder / "data"
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self._cluster.url("portal")

    def kill(self, *, postmaster_alone: bool = False) -> None:
        """Kill every server process in the midst of what it does; or the postmaster alone, whose
        children end as soon as they notice."""
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        servers = [] if postmaster_alone else children(postmaster)
        for process in (postmaster, *servers):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self._started is not None:
            self._started.wait()

    def start(self) -> None:
        """As it was started before, once the last of the old servers is gone."""
        command = shlex.split((self._data / "postmaster.opts").read_text())
        owner = self._data.stat()
        as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        give_up = time.monotonic() + STARTS_WITHIN
        while not self._is_up():
            assert time.monotonic() < give_up, (self._cluster.folder / "log").read_text()[-3000:]
            if self._started is None or self._started.poll() is not None:
                with (self._cluster.folder / "log").open("ab") as log:
                    self._started = subprocess.Popen(
                        command,
                        cwd=self._cluster.folder,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                        **(as_owner if os.geteuid() == 0 else {}),  # type: ignore[call-overload]
                    )
            time.sleep(0.2)

    def reap(self) -> None:
        """After the cluster was stopped."""
        if self._started is not None:
            self._started.wait(timeout=30)

    def _is_up(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(_plain(self._cluster.url("postgres")), connect_timeout=2).close()
            return True
        return False


@contextmanager
def postgres_to_kill() -> Iterator[KillablePostgres]:
    """A cluster of the run's own with an empty database `portal`."""
    with running_cluster(durable=True) as cluster:
        with psycopg.connect(_plain(cluster.url("postgres")), autocommit=True) as connection:
            connection.execute("CREATE DATABASE portal")
        postgres = KillablePostgres(cluster)
        yield postgres
    postgres.reap()


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")
