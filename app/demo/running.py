"""`flask demo`: a portal with a made-up force on this machine, for people to try."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import httpx
import pyotp
from flask import Flask
from flask_alembic import Alembic

from app import clock
from app.database import Database
from app.demo.folder import DemoFolder
from app.demo.force import CASES, TOKEN_ENV, case_json, forces_file
from app.demo.people import add_officers, begin_conversations
from app.demo.processes import Processes
from app.forces.actions import load_forces
from app.forces.settings import parse_forces
from app.notifications.senders import FileSender
from app.sync.systems import ConnectedSystems
from app.worker import Work, run_once

STARTS_WITHIN = 60.0
"""Seconds."""


class DemoFailed(Exception):
    """The demo could not start or go on; one line says why."""


CreateApp = Callable[[Mapping[str, str]], Flask]
"""`app.create_app`: given by the caller, since the application imports this package too."""


def run_demo(folder: DemoFolder, create_app: CreateApp) -> None:
    """Set up what is missing, start everything, print how to use it, and wait to be ended.

    Raises DemoFailed.
    """
    processes = Processes()
    with _until_signalled():
        try:
            _start(folder, processes, create_app)
            _tell(folder)
            _watch(folder, processes)
        except _Ended:
            pass
        finally:
            processes.end_all()


class _Ended(Exception):
    pass


@contextmanager
def _until_signalled() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        # A second signal must not break off the ending of the processes.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise _Ended

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    yield


def _start(folder: DemoFolder, processes: Processes, create_app: CreateApp) -> None:
    settings = folder.settings()
    environ = {**os.environ, **settings}
    log = folder.path / "log.txt"
    processes.start(
        "case system",
        [
            *f"app.demo.case_system --profile niche --port {folder.port + 1} --data".split(),
            str(folder.case_system),
        ],
        {**environ, "CASE_SYSTEM_TOKEN": settings[TOKEN_ENV]},
        log,
    )
    _wait_for(f"{folder.case_system_url}/demo/", processes, "the demo case system")
    _set_up(folder, create_app(environ), environ)
    processes.start("worker", ["flask", "--app", "wsgi", "worker", "run"], environ, log)
    processes.start(
        "web server",
        (
            f"granian --interface wsgi --host 127.0.0.1 --port {folder.port}"
            " --blocking-threads 8 --no-ws --log-level warning wsgi:app"
        ).split(),
        environ,
        log,
    )
    _wait_for(f"http://127.0.0.1:{folder.port}/readyz", processes, "the portal")


def _set_up(folder: DemoFolder, app: Flask, environ: Mapping[str, str]) -> None:
    """Migrate and load the force every time; make people and cases once."""
    database: Database = app.extensions["database"]
    with app.app_context():
        alembic: Alembic = app.extensions["alembic"]
        alembic.upgrade()
    with database.writing() as session:
        load_forces(session, parse_forces(forces_file(folder.case_system_url)))
    token = environ[TOKEN_ENV]
    if folder.is_set_up:
        officers = folder.officers()
    else:
        _put_cases(folder.case_system_url, token)
        work = Work(
            database=database,
            systems=ConnectedSystems(environ),
            sender=FileSender(folder.notifications),
            public_url=folder.public_url,
        )
        run_once(work)
        officers = add_officers(database)
        begin_conversations(database)
        run_once(work)
        work.systems.close()
    folder.write_accounts(officers, token)
    database.engine.dispose()


def _put_cases(url: str, token: str) -> None:
    now = clock.now()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        for case in CASES:
            client.put(
                f"/demo/cases/{quote(case.reference, safe='')}", json=case_json(case, now)
            ).raise_for_status()


def _wait_for(url: str, processes: Processes, what: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        ended = processes.one_that_ended()
        if ended is not None:
            raise DemoFailed(f"the {ended} ended: is the port taken? See log.txt in the folder")
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise DemoFailed(f"{what} did not answer at {url} within {STARTS_WITHIN:.0f} seconds")


def _tell(folder: DemoFolder) -> None:
    accounts = folder.accounts()
    say = sys.stdout.write
    say(f"Ready: {folder.public_url}\n\n")
    say(f"As a victim: {folder.public_url}/sign-in with one of these; the code shows here.\n")
    for victim in accounts["victims"]:
        addresses = " or ".join(filter(None, (victim["email"], victim["mobile"])))
        say(f"  {addresses}  ({', '.join(victim['cases'])})\n")
    say(f"As an officer: {folder.public_url}/officer/sign-in\n")
    for officer in folder.officers():
        roles = ", ".join(officer.roles)
        say(f"  {officer.email}  ({roles})  password {officer.password}\n")
        say(f"    authenticator secret {officer.totp_secret}, now {_code(officer.totp_secret)}\n")
    say("  Codes change every 30 seconds: .venv/bin/flask --app wsgi demo codes\n")
    say(f"The case system's record: {folder.case_system_url}/demo/\n")
    say(f"Settings and data: {folder.path}. Ctrl-C ends everything.\n\n")
    sys.stdout.flush()


def _code(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def print_codes(folder: DemoFolder) -> None:
    """The officers' authenticator codes of this half minute."""
    for officer in folder.officers():
        sys.stdout.write(f"{officer.email}  {_code(officer.totp_secret)}\n")


def _watch(folder: DemoFolder, processes: Processes) -> None:
    """Print sign-in codes and invitations as they are sent, until a signal comes."""
    place = folder.notifications.stat().st_size if folder.notifications.exists() else 0
    while True:
        place = _print_new_notices(folder.notifications, place)
        ended = processes.one_that_ended()
        if ended is not None:
            raise DemoFailed(f"the {ended} ended: see log.txt in {folder.path}")
        time.sleep(0.2)


def _print_new_notices(path: Path, place: int) -> int:
    if not path.exists():
        return place
    with path.open("rb") as file:
        file.seek(place)
        for line in file:
            if not line.endswith(b"\n"):
                break
            place += len(line)
            notice = json.loads(line)
            if notice["template"] in {"sign-in-code", "invitation"}:
                sys.stdout.write(f"To {notice['to']} ({notice['template']}): {_gist(notice)}\n")
    sys.stdout.flush()
    return place


def _gist(notice: dict[str, str]) -> str:
    """The code, or the line with the link."""
    lines = [line for line in notice["body"].splitlines() if any(c.isdigit() for c in line)]
    return next((line for line in lines if "http" in line), lines[0] if lines else "")
