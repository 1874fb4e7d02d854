"""A PostgreSQL cluster of the tests' own, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import psycopg
from psycopg import sql

from tests.ports import free_port

# What makes tests quick and a crash of the machine costly; never for tests about crashes.
NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class PostgresIsMissing(Exception):
    """The PostgreSQL server's programs are not on this machine."""


class PostgresFailed(Exception):
    """What one of its programs printed when it failed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: `folder` holds its data, socket and log; `port` is on 127.0.0.1."""

    folder: Path
    port: int

    def url(self, name: str) -> str:
        """SQLAlchemy's address of one of its databases."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> None:
        """Make an empty database."""
        address = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the servers at once and remove all data."""
        data = self.folder / "data"
        _run("pg_ctl", "stop", "--pgdata", str(data), "--mode", "immediate", folder=self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster(*, durable: bool = False) -> Cluster:
    """Start an empty cluster; whoever starts it stops it. `durable`: what was committed survives
    the loss of power, as in production. Raises PostgresIsMissing."""
    _program("initdb")
    # The path of a socket may have about 100 characters, so not pytest's own temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    account = _account()
    if account is not None:
        shutil.chown(folder, account)
    cluster = Cluster(folder, free_port())
    data = str(folder / "data")
    new = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    _run("initdb", "--pgdata", data, *new, folder=folder)
    options = [
        f"port={cluster.port}",
        "listen_addresses=127.0.0.1",
        f"unix_socket_directories={folder}",
        "max_connections=200",
        "timezone=UTC",
        *(() if durable else NOT_DURABLE),
    ]
    line = " ".join(f"-c {option}" for option in options)
    start = ("start", "--pgdata", data, "--log", str(folder / "log"), "--wait", "--options", line)
    _run("pg_ctl", *start, folder=folder)
    return cluster


@contextmanager
def running_cluster(*, durable: bool = True) -> Iterator[Cluster]:
    """A cluster for one test alone, such as one that kills its servers."""
    cluster = start_cluster(durable=durable)
    try:
        yield cluster
    finally:
        cluster.stop()


def _program(name: str) -> str:
    """The newest program of this name: on the path, or where Debian keeps it."""
    found = sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), key=_version, reverse=True)
    path = shutil.which(name) or next(iter(found), None)
    if path is None:
        raise PostgresIsMissing(
            f"PostgreSQL's {name} was not found; `make test` says how to get it."
        )
    return path


def _version(path: str) -> float:
    return float(Path(path).parts[-3])


def _account() -> str | None:
    """The account to run as: PostgreSQL refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(name: str, *arguments: str, folder: Path) -> None:
    account = _account()
    # Output goes to a file: a pipe would stay open for as long as the servers that pg_ctl starts.
    with (folder / "output").open("w+") as output:
        done = subprocess.run(
            [_program(name), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            user=account,
            group=None if account is None else pwd.getpwnam(account).pw_gid,
            extra_groups=None if account is None else [],
        )
        output.seek(0)
        if done.returncode != 0:
            raise PostgresFailed(f"{name} failed: {output.read()}")
