"""Everything that takes part in a run: database, case system, web server and workers."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.database import Database
from app.notifications.senders import FileSender
from app.outbox.models import Stream
from app.sync.systems import ConnectedSystems
from app.worker import Work, run_once
from tests.chaos.check import Stored
from tests.chaos.databases import Disk, KillablePostgres, disk_to_fill, postgres_to_kill
from tests.chaos.people import Seat, cases, enrol, stored_messages
from tests.chaos.plan import Plan
from tests.chaos.processes import Program
from tests.chaos.troubles import told as told_of
from tests.chaos.watched import CALLS, EFFECTS, FOUND, NOT_FOUND
from tests.databases import ROOT
from tests.factories.facts import force_toml
from tests.ports import free_port

TOKEN = "made-up-token"
TOKEN_ENV = "NORTHSHIRE_CASE_SYSTEM_TOKEN"
STARTED = '"event": "worker started"'
LEASE_LOST = '"event": "lease lost"'
DISK_IS_FULL = (
    "sqlite3.OperationalError: database or disk is full",
    "sqlite3.OperationalError: disk I/O error",
)


class Stage:
    """The programs of one run, by what they are. `disk` is there for SQLite, `postgres` for the
    other."""

    def __init__(self, plan: Plan, folder: Path, postgres: KillablePostgres | None) -> None:
        self.folder = folder
        self.postgres = postgres
        self.disk: Disk | None = None
        self._plan = plan
        self._port, self._case_system_port = free_port(), free_port()
        self._app: Flask | None = None
        url = postgres.url if postgres else f"sqlite:///{self.sqlite_file}"
        self.environ = self._settings(url)
        self.case_system = self._program(
            f"tests.chaos.watched {folder} case-system serve --profile {plan.profile}"
            f" --port {self._case_system_port} --data {folder / 'case-system'}",
            "case-system",
            answers_at=f"{self.case_system_url}/demo/",
        )
        self.web = self._program(
            f"granian --interface wsgi --host 127.0.0.1 --port {self._port}"
            " --blocking-threads 8 --no-ws --log-level warning wsgi:app",
            "web",
            answers_at=f"{self.url}/healthz",
        )
        self.workers = [
            self._program(self._worker_command(), f"worker-{number}", says_when_up=STARTED)
            for number in range(plan.workers)
        ]

    @property
    def sqlite_file(self) -> Path:
        return self.folder / "disk" / "portal.db"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def case_system_url(self) -> str:
        return f"http://127.0.0.1:{self._case_system_port}"

    @property
    def programs(self) -> list[Program]:
        return [self.web, *self.workers, self.case_system]

    def groups(self) -> list[int]:
        """The process groups that write to the portal's database."""
        return [program.group for program in (self.web, *self.workers)]

    def _settings(self, database_url: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": database_url,
            "SECRET_KEY": "made-up-for-tests-made-up-for-tests",
            "ENCRYPTION_KEYS": base64.b64encode(b"made-up-for-tests-made-up-123456").decode(),
            "PUBLIC_URL": self.url,
            "NOTIFY_URL": f"file:{self.folder / 'notifications.jsonl'}",
            TOKEN_ENV: TOKEN,
            "CASE_SYSTEM_TOKEN": TOKEN,
        }

    def _worker_command(self) -> str:
        plan = self._plan
        return f"tests.chaos.hurried {plan.lease_seconds} {plan.call_seconds} worker run"

    def _program(
        self,
        command: str,
        name: str,
        answers_at: str | None = None,
        says_when_up: str | None = None,
    ) -> Program:
        whole, log = [sys.executable, "-m", *command.split()], self.folder / f"{name}.log"
        return Program(whole, self.environ, log, answers_at=answers_at, says_when_up=says_when_up)

    def set_up(self) -> list[Seat]:
        """Migrate, load the force, let people join, start everything; where people sit."""
        self._command("db", "upgrade")
        self.case_system.start()
        forces = self.folder / "forces.toml"
        system = {
            "profile": self._plan.profile,
            "url": self.case_system_url,
            "poll_seconds": 2,
            "settle_seconds": self._plan.settle_seconds,
        }
        forces.write_text(force_toml(case_system=system))
        self._command("forces", "load", str(forces))
        told = cases(self._plan.conversations)
        for case in told:
            self.ask_case_system(f"/demo/cases/{quote(case['reference'], safe='')}", case, "PUT")
        self._app = create_app(self.environ)
        self._read_feed(self._app)
        seats = enrol(self._app, told)
        with ThreadPoolExecutor() as together:
            for each in [together.submit(each.start) for each in (self.web, *self.workers)]:
                each.result()
        self.trouble()
        return seats

    def trouble(self) -> None:
        """From now on calls to the case system fail by chance, until it is calmed or restarted."""
        plan = self._plan
        for fault in told_of(
            plan.chances, call_seconds=plan.call_seconds, settle_seconds=plan.settle_seconds
        ):
            self.ask_case_system("/demo/faults", fault)

    def calm(self) -> None:
        """The case system answers as it should."""
        self.ask_case_system("/demo/faults", {})

    def _read_feed(self, app: Flask) -> None:
        sender = FileSender(self.folder / "notifications.jsonl")
        work = Work(self.database, ConnectedSystems(self.environ), sender, self.url)
        run_once(work)
        work.systems.close()

    @property
    def database(self) -> Database:
        """The portal's database as this process sees it."""
        assert self._app is not None
        found = self._app.extensions["database"]
        assert isinstance(found, Database)
        return found

    def ask_case_system(self, path: str, told: dict[str, Any], method: str = "POST") -> None:
        """Give the demo case system an order. Raises httpx.HTTPError."""
        with httpx.Client(base_url=self.case_system_url, trust_env=False) as client:
            authorised = {"Authorization": f"Bearer {TOKEN}"}
            client.request(method, path, json=told, headers=authorised).raise_for_status()

    def streams_claimed(self, since: datetime, until: datetime) -> int:
        """How many streams a worker holds since then; 0 where the database cannot be asked. Who was
        killed holds its streams still, but since earlier."""
        lease = timedelta(seconds=self._plan.lease_seconds)
        held = select(func.count()).where(
            Stream.leased_until > since + lease, Stream.leased_until <= until + lease
        )
        with suppress(DBAPIError), self.database.reading() as session:
            return session.scalar(held) or 0
        return 0

    def stored(self) -> list[Stored]:
        return stored_messages(self.database)

    def entries(self) -> list[dict[str, Any]]:
        """What the case system has on disk, in its order."""
        return [
            json.loads(line) for line in lines_of(self.folder / "case-system" / "entries.jsonl")
        ]

    def noticed(self) -> dict[str, int]:
        """Signs that the trouble reached those whom it was meant for."""
        effects = Counter(lines_of(self.folder / EFFECTS))
        return {
            "calls to the case system": len(lines_of(self.folder / CALLS)),
            "entries sent once more": effects["SAME"] + effects["OTHER_CONTENT"],
            "unknown fates looked up, found": effects[FOUND],
            "unknown fates looked up, not there": effects[NOT_FOUND],
            "leases lost": sum(worker.times_said(LEASE_LOST) for worker in self.workers),
            "writes refused by a full disk": self.refused_by_full_disk(),
        }

    def refused_by_full_disk(self) -> int:
        """How many requests of people failed for it."""
        return sum(map(self.web.times_said, DISK_IS_FULL))

    def _command(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def end(self) -> None:
        for program in self.programs:
            program.end()
        if self._app is not None:
            self.database.engine.dispose()


def lines_of(path: Path) -> list[str]:
    """The lines of a file, none where it is not there."""
    return path.read_text("utf-8").splitlines() if path.exists() else []


@contextmanager
def open_stage(plan: Plan, folder: Path) -> Iterator[Stage]:
    """Everything that a run needs, nothing of it started yet; all of it ended afterwards."""
    with ExitStack() as stack:
        postgres = None
        if plan.database == "postgresql":
            postgres = stack.enter_context(postgres_to_kill())
        stage = Stage(plan, folder, postgres)
        if postgres is None:
            stage.disk = stack.enter_context(disk_to_fill(stage.sqlite_file, stage.groups))
        stack.callback(stage.end)
        yield stage
