"""`/readyz` is right about the database, before, during and after it is migrated, and quiet."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from tests.databases import ROOT
from tests.migrations.steps import migrating, upgrade
from tests.portal import environment
from tests.ports import free_port


def ready(client: FlaskClient) -> tuple[int, str]:
    answer = client.get("/readyz")
    assert answer.mimetype == "text/plain"
    return answer.status_code, answer.text


def test_the_portal_is_ready_once_it_is_migrated_to_the_end(database_url: str) -> None:
    with migrating(database_url) as (app, _database):
        client = app.test_client()
        assert ready(client) == (503, "the database is not migrated\n")
        upgrade(app, "0001")
        assert ready(client) == (503, "the database is not migrated\n")
        upgrade(app)
        assert ready(client) == (200, "ready\n")


def test_the_portal_is_not_ready_while_its_database_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "portal.db"
    for url in (f"sqlite:///{file}", f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/gone"):
        client = create_app(environment(url)).test_client()
        # What cannot be opened, in the place of the file.
        file.mkdir(exist_ok=True)
        assert ready(client) == (503, "the database is not reachable\n")
        assert client.get("/healthz").text == "ok\n"


def test_readiness_does_not_wait_for_a_writer(migrated_sqlite_url: str) -> None:
    with migrating(migrated_sqlite_url) as (app, database), database.writing() as session:
        session.execute(text("SELECT 1"))
        started = time.monotonic()

        assert ready(app.test_client()) == (200, "ready\n")
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "command,is_told", [(["sync", "status"], False), (["db", "upgrade"], True)]
)
def test_only_migrating_tells_of_migrations(
    migrated_sqlite_url: str, command: list[str], is_told: bool
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment(migrated_sqlite_url),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("alembic" in ran.stderr) is is_told
