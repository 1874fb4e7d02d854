"""Throw-away databases for tests: SQLite files, and databases in a PostgreSQL cluster of our own.

All processes of one pytest run (pytest-xdist's workers too) share a folder. The first that wants
PostgreSQL starts the cluster and writes down there where it is; the run's main process stops it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.postgresql import Cluster, start_cluster

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("sqlite", "postgresql")
RUN_FOLDER = "PORTAL_TEST_RUN"
_MEMORY = "/dev/shm"
_PLENTY = 4 * 1024**3

Migrate = Callable[[str], None]


def begin_run() -> Path:
    """Make the folder that this run's processes share; they inherit its name."""
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="portal-tests-", dir=_quick_place())
    return Path(os.environ[RUN_FOLDER])


def _quick_place() -> str | None:
    """Memory, where there is plenty: every commit to SQLite waits for its disk. (Tests kill
    processes, which loses nothing of a file; they do not cut the power.) None: the usual place."""
    with suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _PLENTY:
            return _MEMORY
    return None


def end_run() -> None:
    """Stop the cluster if any process of this run started it, and remove the shared folder."""
    folder = Path(os.environ.pop(RUN_FOLDER))
    cluster = _noted_cluster(folder)
    if cluster is not None:
        cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def migrate_by_command(url: str) -> None:
    """Migrate a database as operators do: `flask db upgrade` in a process of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "made-up-for-tests-made-up-for-tests",
        "ENCRYPTION_KEYS": "bWFkZS11cC1mb3ItdGVzdHMtbWFkZS11cC0xMjM0NTY=",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=True)


class Databases:
    """Makes and drops databases for one process. `kind` is one of KINDS; addresses are
    SQLAlchemy's. `migrate` brings an empty database up to date and leaves no connection to it;
    another `migrate` needs another name for its `template`."""

    def __init__(
        self, migrate: Migrate = migrate_by_command, *, template: str = "migrated"
    ) -> None:
        self._folder = Path(os.environ[RUN_FOLDER])
        self._migrate = migrate
        self._template = template
        self._cluster: Cluster | None = None

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        """An empty database nobody else uses; gone afterwards, whoever is still connected."""
        if kind == "sqlite":
            with self._sqlite_file() as path:
                yield f"sqlite:///{path}"
        else:
            name = f"test_{uuid.uuid4().hex}"
            self._admin("CREATE DATABASE {}", name)
            try:
                yield self._postgresql.url(name)
            finally:
                self._admin("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def migrated(self, kind: str) -> Iterator[str]:
        """A fresh database with all tables: a copy of one that is migrated once in each run."""
        with self.empty(kind) as url:
            self.fill(url)
            yield url

    def fill(self, url: str) -> None:
        """Turn an empty database into a copy of the migrated one."""
        if url.startswith("sqlite"):
            with (
                closing(sqlite3.connect(self._migrated_file())) as template,
                closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as copy,
            ):
                template.backup(copy)
        else:
            name = url.rsplit("/", 1)[1]
            self._have_migrated_postgresql()
            self._admin("DROP DATABASE {} WITH (FORCE)", name)
            self._admin("CREATE DATABASE {} TEMPLATE {}", name, self._template)

    @contextmanager
    def _sqlite_file(self) -> Iterator[Path]:
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        try:
            yield folder / "test.db"
        finally:
            shutil.rmtree(folder)

    def _migrated_file(self) -> Path:
        path = self._folder / f"{self._template}.db"
        with self._locked(self._template):
            if not path.exists():
                with self._sqlite_file() as half_made:
                    self._migrate(f"sqlite:///{half_made}")
                    half_made.rename(path)
        return path

    def _have_migrated_postgresql(self) -> None:
        with self._locked(self._template):
            if not self._admin(
                "SELECT FROM pg_database WHERE datname = {}", sql.Literal(self._template)
            ):
                # Renamed when done, so that one whose migration failed is never taken for it.
                self._admin("DROP DATABASE IF EXISTS {}", "half_made")
                self._admin("CREATE DATABASE {}", "half_made")
                self._migrate(self._postgresql.url("half_made"))
                self._admin("ALTER DATABASE {} RENAME TO {}", "half_made", self._template)

    @property
    def _postgresql(self) -> Cluster:
        if self._cluster is None:
            with self._locked("cluster"):
                self._cluster = _noted_cluster(self._folder) or self._start_cluster()
        return self._cluster

    def _start_cluster(self) -> Cluster:
        cluster = start_cluster()
        note = {"folder": str(cluster.folder), "port": cluster.port}
        (self._folder / "cluster.json").write_text(json.dumps(note))
        return cluster

    def _admin(self, statement: LiteralString, *parts: str | sql.Literal) -> bool:
        """Run a statement, its braces filled with names or values; whether it gave a row."""
        address = self._postgresql.url("postgres").replace("+psycopg", "")
        names = (sql.Identifier(part) if isinstance(part, str) else part for part in parts)
        query = sql.SQL(statement).format(*names)
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.description is not None and cursor.fetchone() is not None

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """One process of the run at a time; not to be entered again by the one that is in."""
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _noted_cluster(folder: Path) -> Cluster | None:
    note = folder / "cluster.json"
    if not note.exists():
        return None
    noted = json.loads(note.read_text())
    return Cluster(Path(noted["folder"]), noted["port"])
