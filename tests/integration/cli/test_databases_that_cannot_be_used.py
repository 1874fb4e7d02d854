"""What a command says of a database that is not there, not migrated or something else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.exc import IntegrityError, OperationalError

from app import create_app
from app.web.command_groups import trouble_with_database
from tests.ports import free_port


def run(url: str, *arguments: str) -> Result:
    app = create_app(
        {
            "SECRET_KEY": "a secret key of more than 32 bytes",
            "ENCRYPTION_KEYS": base64.b64encode(bytes(32)).decode(),
            "DATABASE_URL": url,
        }
    )
    return app.test_cli_runner().invoke(args=list(arguments))


def _only_line(result: Result) -> str:
    assert result.exit_code == 1
    [line] = result.output.splitlines()
    return str(line)


@pytest.mark.parametrize(
    "command", ["sync status", "worker run --once", "audit verify", "keys status", "feedback list"]
)
def test_a_database_that_is_not_migrated_is_named_in_one_line(tmp_path: Path, command: str) -> None:
    line = _only_line(run(f"sqlite:///{tmp_path / 'new.db'}", *command.split()))
    assert "DATABASE_URL" in line
    assert "db upgrade" in line


@pytest.mark.parametrize("command", ["sync status", "officers disable"])
def test_a_database_that_does_not_answer_is_named_in_one_line(command: str) -> None:
    url = f"postgresql+psycopg://somebody:very-secret@127.0.0.1:{free_port()}/none"
    more = ("--force", "x", "--collar", "1") if command.startswith("officers") else ()
    line = _only_line(run(url, *command.split(), *more))
    assert "DATABASE_URL: the database cannot be used" in line
    assert "very-secret" not in line


def test_the_drivers_own_words_are_not_told_since_they_may_hold_a_password() -> None:
    # What psycopg says of postgresql+psycopg://somebody:half@other-half@database.
    said = Exception("failed to resolve host 'other-half@database'")
    told = trouble_with_database(OperationalError(None, None, said))
    assert told is not None
    assert "other-half" not in told


def test_a_file_that_is_no_database_is_named_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, and no database at all. " * 100)
    assert "DATABASE_URL" in _only_line(run(f"sqlite:///{file}", "sync", "status"))


def test_an_error_of_the_program_itself_keeps_its_traceback() -> None:
    error = IntegrityError("insert", {}, Exception("UNIQUE constraint failed: case.id"))
    assert trouble_with_database(error) is None
