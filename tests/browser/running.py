"""A running portal as an operator runs one, set up through its commands and the case system."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pyotp
from sqlalchemy import create_engine, update

from app import clock
from app.sign_in.models import SignInSession
from tests.browser.programs import Program, until
from tests.databases import ROOT
from tests.factories.facts import case_json, force_toml
from tests.ports import free_port
from tests.push import push_environment

PASSWORD = "a long made-up password"
TOKEN = "made-up-token"
TOKEN_ENV = "NORTHSHIRE_CASE_SYSTEM_TOKEN"

# Cases reported before this day wait for an officer to invite; others are invited as they come.
INVITED_SINCE = clock.now().date().replace(day=1, month=1)
LONG_AGO = "2020-02-03T09:00:00Z"

WSGI = "wsgi:app"
_GRANIAN = (
    "granian --interface wsgi --host 127.0.0.1 --port {port}"
    " --blocking-threads 8 --no-ws --log-level warning {application}"
)

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class OfficerAccount:
    """An officer who can sign in. Each has a name of their own."""

    collar: str
    name: str
    email: str
    secret: str

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(clock.now())


@dataclass
class RunningPortal:
    """Web server, worker and case system of one force, Northshire."""

    folder: Path
    database_url: str
    safe_exit: str
    port: int = field(default_factory=free_port)
    case_system_port: int = field(default_factory=free_port)
    _programs: list[Program] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def case_system(self) -> str:
        return f"http://127.0.0.1:{self.case_system_port}"

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": "made-up-for-tests-made-up-for-tests",
            "ENCRYPTION_KEYS": base64.b64encode(b"made-up-for-tests-made-up-123456").decode(),
            "PUBLIC_URL": self.url,
            "NOTIFY_URL": f"file:{self._notices}",
            "SAFE_EXIT_URL": self.safe_exit,
            **push_environment(),
            TOKEN_ENV: TOKEN,
            "CASE_SYSTEM_TOKEN": TOKEN,
        }

    def start(self) -> None:
        """Everything, with a force whose feed was read to its end: what comes later is news."""
        self._client = httpx.Client(
            base_url=self.case_system,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        record = self._start(
            f"flask --app wsgi case-system serve --profile niche --port {self.case_system_port}"
            f" --data {self.folder / 'case-system'}"
        )
        record.wait_for(f"{self.case_system}/demo/")
        forces = self.folder / "forces.toml"
        forces.write_text(self._forces_file())
        self.command("forces", "load", str(forces))
        self.command("worker", "run", "--once")
        self._start("flask --app wsgi worker run")
        self.start_web()

    def end(self) -> None:
        for program in self._programs:
            program.end()
        self._client.close()

    def start_web(self, application: str = WSGI, **settings: str) -> None:
        """Start the web server, if wished another application, or with other settings."""
        command = _GRANIAN.format(port=self.port, application=application)
        self._web = self._start(command, settings)
        self._web.wait_for(f"{self.url}/healthz")

    def end_web(self) -> None:
        self._web.end()

    def let_sessions_run_out(self) -> None:
        """As if every session had been used up long ago."""
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            long_ago = clock.now() - timedelta(days=1)
            connection.execute(update(SignInSession).values(ends_at=long_ago))
        engine.dispose()

    @contextmanager
    def web_without_tables(self) -> Iterator[str]:
        """Another web server, whose database was never migrated; its address."""
        port = free_port()
        empty = {"DATABASE_URL": f"sqlite:///{self.folder / 'empty.db'}"}
        web = self._start(_GRANIAN.format(port=port, application=WSGI), empty)
        web.wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
        web.end()

    @contextmanager
    def web_by_name(self, port: int, **settings: str) -> Iterator[str]:
        """Another web server, known by a name and not by a number, as passkeys need it."""
        url = f"http://localhost:{port}"
        web = self._start(
            _GRANIAN.format(port=port, application=WSGI), {"PUBLIC_URL": url, **settings}
        )
        web.wait_for(f"http://127.0.0.1:{port}/healthz")
        yield url
        web.end()

    def _start(self, command: str, more: Mapping[str, str] | None = None) -> Program:
        environ = {**self.environ, **(more or {})}
        program = Program(command.split(), environ, self.folder / "log.txt")
        self._programs.append(program)
        return program

    def command(self, *arguments: str, says: str | None = None) -> str:
        """What a command prints. `says` is its standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environ,
            input=says or "",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _forces_file(self) -> str:
        return force_toml(
            colour="#2b5f75",
            push=True,
            invitations="automatic",
            invite_reported_from=INVITED_SINCE,
            require_active_officer=False,
            case_system={"url": self.case_system, "poll_seconds": 1},
        )

    def add_officer(self, *roles: str) -> OfficerAccount:
        """An officer, or somebody with other roles."""
        number = next(_numbers)
        officer = OfficerAccount(
            collar=str(1000 + number),
            name="PC Sam Okafor",
            email=f"sam.okafor{number}@northshire.example",
            secret=pyotp.random_base32(),
        )
        self.command(
            *("officers", "add", "--force", "northshire", "--collar", officer.collar),
            *("--name", officer.name, "--email", officer.email, "--password-stdin"),
            *(part for role in roles for part in ("--role", role)),
            says=f"{PASSWORD}\n{officer.secret}\n",
        )
        return officer

    def case_arrives(
        self, officer: OfficerAccount | None = None, *, by_hand: bool = False, **overrides: Any
    ) -> dict[str, Any]:
        """A new case in the case system; its victim is invited at once, or `by_hand`."""
        if officer is not None:
            overrides["officerInCase"] = {
                "collar": officer.collar,
                "name": officer.name,
                "email": officer.email,
            }
        if by_hand:
            overrides["reportedAt"] = LONG_AGO
        case = case_json(**overrides)
        self.tell(case)
        return case

    def tell(self, case: Mapping[str, Any]) -> None:
        """The case system creates or changes a case."""
        path = f"/demo/cases/{quote(case['reference'], safe='')}"
        self._client.put(path, json=dict(case)).raise_for_status()

    def entries(self, case: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What stands on a case's record, in its order."""
        answer = self._client.get("/demo/entries", params={"reference": case["reference"]})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
        return found

    @property
    def _notices(self) -> Path:
        return self.folder / "notifications.jsonl"

    def letters(self, address: str, template: str) -> list[str]:
        """The bodies of what was sent to an address, oldest first."""
        if not self._notices.exists():
            return []
        lines = self._notices.read_text().splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        return [
            each["body"] for each in told if each["to"] == address and each["template"] == template
        ]

    def wait_for_letter(self, address: str, template: str, after: int = 0) -> str:
        """The newest of these letters, once there are more than `after`."""
        look = partial(self.letters, address, template)
        return until(lambda: look()[after:], f"a letter '{template}' to {address}")[-1]

    def invitation_link(self, case: Mapping[str, Any]) -> str:
        body = self.wait_for_letter(case["victim"]["email"], "invitation")
        return next(word for word in body.split() if "/invitations/" in word)
