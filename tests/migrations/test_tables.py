"""From nothing, and from every step on the way, migrations lead to the tables that the models
describe, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import DBAPIError

from app.database import Base, Database
from tests.databases import Databases
from tests.migrations.steps import (
    FOLDER,
    differences,
    downgrade,
    fill,
    migrating,
    revisions,
    tables,
    upgrade,
)

OWN = "alembic_version"


def described(database: Database) -> dict[str, dict[str, Any]]:
    """Every table as the database knows it."""
    with database.engine.connect() as connection:
        found = inspect(connection)
        return {
            name: _table(found, name) for name in sorted(found.get_table_names()) if name != OWN
        }


def _table(found: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in found.get_columns(name)
        },
        "primary key": found.get_pk_constraint(name),
        "references": _sorted(found.get_foreign_keys(name)),
        "unique": _sorted(found.get_unique_constraints(name)),
        "indexes": _sorted(found.get_indexes(name)),
        "checks": _sorted(found.get_check_constraints(name)),
    }


def _sorted(things: Any) -> list[str]:
    return sorted(_plain(thing) for thing in things)


def _plain(thing: Any) -> str:
    """In words: conditions of partial indexes are objects on SQLite."""
    if isinstance(thing, dict):
        return str({name: _plain(value) for name, value in thing.items()})
    return str(thing)


@pytest.fixture
def from_models(databases: Databases, database_kind: str) -> Iterator[dict[str, dict[str, Any]]]:
    """The tables as the models would make them."""
    with databases.empty(database_kind) as url, migrating(url) as (_app, database):
        Base.metadata.create_all(database.writing_engine)
        yield described(database)


def test_migrations_make_the_tables_that_the_models_describe(
    database_url: str, from_models: dict[str, dict[str, Any]]
) -> None:
    with migrating(database_url) as (app, database):
        upgrade(app)

        assert differences(app) == []
        assert described(database) == from_models


def test_rows_that_are_there_at_any_step_outlast_the_way_up(database_url: str) -> None:
    with migrating(database_url) as (app, database):
        for revision in revisions(app):
            upgrade(app, revision.revision)
            with database.writing_engine.begin() as connection:
                _fill_what_is_empty(connection)
        with database.engine.connect() as connection:
            assert _empty(connection) == []
            assert set(tables(connection).tables) - {OWN} == set(Base.metadata.tables)


def _fill_what_is_empty(connection: Connection) -> None:
    for table in _empty(connection):
        fill(connection, table)


def _empty(connection: Connection) -> list[Table]:
    """The tables without a row, those that others refer to first."""
    return [
        table
        for table in tables(connection).sorted_tables
        if table.name != OWN and connection.execute(table.select()).first() is None
    ]


def test_a_full_database_can_be_taken_down_and_up_again_step_by_step(database_url: str) -> None:
    with migrating(database_url) as (app, database):
        upgrade(app)
        whole = described(database)
        with database.writing_engine.begin() as connection:
            _fill_what_is_empty(connection)
        for revision in reversed(revisions(app)):
            downgrade(app, str(revision.down_revision or "base"))
        assert described(database) == {}
        upgrade(app)
        assert described(database) == whole


def test_nobody_can_alter_or_remove_an_audit_row(migrated_url: str, database_kind: str) -> None:
    attempts = ["UPDATE audit_rows SET action = 'nothing'", "DELETE FROM audit_rows"]
    if database_kind == "postgresql":
        attempts.append("TRUNCATE audit_rows")
    with migrating(migrated_url) as (_app, database):
        with database.writing_engine.begin() as connection:
            fill(connection, tables(connection).tables["audit_rows"])
        for attempt in attempts:
            with (
                pytest.raises(DBAPIError, match="append-only"),
                database.writing_engine.begin() as connection,
            ):
                connection.execute(text(attempt))
        with database.engine.connect() as connection:
            rows = connection.execute(text("SELECT action FROM audit_rows")).all()
    assert [tuple(row) for row in rows] == [("x",)]


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = max(path.name for path in FOLDER.glob("*.py"))[:4]
    (folder / "9999_broken.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = '9999', '{last}'\n"
        "def upgrade():\n"
        "    op.create_table('half_done', sa.Column('id', sa.Integer))\n"
        "    raise RuntimeError('the power went')\n"
    )
    with migrating(database_url, folder) as (app, database):
        upgrade(app, last)
        before = described(database)
        with pytest.raises(RuntimeError, match="the power went"):
            upgrade(app)
        assert described(database) == before
