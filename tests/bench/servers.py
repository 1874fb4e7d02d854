"""The portal's programs, and those that it is measured against, on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app import create_app
from app.database import Database
from tests.bench.floors import inserted_table
from tests.browser.programs import Program
from tests.portal import environment
from tests.ports import free_port

TOKEN = "made-up-token"
TOKEN_ENV = "NORTHSHIRE_CASE_SYSTEM_TOKEN"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one portal lives: its settings, and the same application in this process."""

    folder: Path
    environ: dict[str, str]
    app: Flask

    @property
    def database(self) -> Database:
        found = self.app.extensions["database"]
        assert isinstance(found, Database)
        return found

    def cookie(self, token: str) -> str:
        return cookie_of(self.app, token)


def cookie_of(app: Flask, token: str) -> str:
    """The session cookie of whoever has this token."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"session={signer.dumps({'_user_id': token, '_fresh': True})}"


@contextmanager
def place_at(url: str, folder: Path) -> Iterator[Place]:
    """A portal on a migrated database."""
    folder.mkdir(parents=True)
    settings = environment(
        url,
        NOTIFY_URL=f"file:{folder / 'notifications.jsonl'}",
        # Counted as for everybody; but a few sessions ask here for as many as there will be.
        POLLS_PER_MINUTE="10000000",
    )
    place = Place(folder, settings, create_app(settings))
    yield place
    place.database.engine.dispose()


@contextmanager
def running(
    command: str, environ: Mapping[str, str], log: Path, ready: str | None = None
) -> Iterator[None]:
    """`python -m COMMAND` with everything that it starts, once `ready` answers."""
    program = Program(command.split(), {**os.environ, **environ}, log)
    try:
        if ready is not None:
            program.wait_for(ready)
        yield
    finally:
        program.end()


@contextmanager
def serving(
    application: str, environ: Mapping[str, str], folder: Path, port: int | None = None
) -> Iterator[int]:
    """A web server with the demo's own flags; its port."""
    port = port or free_port()
    command = (
        f"granian --interface wsgi --host 127.0.0.1 --port {port}"
        f" --blocking-threads 8 --no-ws --log-level warning {application}"
    )
    ready = f"http://127.0.0.1:{port}/healthz"
    with running(command, environ, folder / "log.txt", ready):
        yield port


@contextmanager
def web_and_floor(place: Place, page: Mapping[str, object]) -> Iterator[tuple[int, int]]:
    """The portal's web server and the floors' on the same database; their ports."""
    inserted_table().metadata.create_all(place.database.writing_engine)
    page_file = place.folder / "page.json"
    page_file.write_text(json.dumps(page), "utf-8")
    with ExitStack() as stack:
        web = stack.enter_context(serving("wsgi:app", place.environ, place.folder))
        bare = {**place.environ, "BENCH_PAGE": str(page_file)}
        floor = stack.enter_context(serving("tests.bench.floors:app", bare, place.folder))
        yield web, floor


@contextmanager
def recording(folder: Path, profile: str = "niche") -> Iterator[str]:
    """A demo case system; its address."""
    port = free_port()
    command = (
        f"flask --app wsgi case-system serve --profile {profile} --port {port}"
        f" --data {folder / 'case-system'}"
    )
    address = f"http://127.0.0.1:{port}"
    environ = {"CASE_SYSTEM_TOKEN": TOKEN}
    with running(command, environ, folder / "case-system.txt", f"{address}/demo/"):
        yield address
