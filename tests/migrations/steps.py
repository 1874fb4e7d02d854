"""Taking a database up and down the migrations, within this process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic.script import Script
from flask import Flask
from flask_alembic import Alembic
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.types import JSON

from app import create_app
from app.database import Database
from tests.portal import environment

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


@contextmanager
def migrating(url: str, folder: Path = FOLDER) -> Iterator[tuple[Flask, Database]]:
    """An application that migrates this database by the files in this folder."""
    app = create_app(environment(url))
    app.config["ALEMBIC"]["script_location"] = str(folder)
    database: Database = app.extensions["database"]
    try:
        yield app, database
    finally:
        database.engine.dispose()


def upgrade(app: Flask, target: str = "heads") -> None:
    with app.app_context():
        _alembic(app).upgrade(target)


def downgrade(app: Flask, target: str = "base") -> None:
    with app.app_context():
        _alembic(app).downgrade(target)


def revisions(app: Flask) -> list[Script]:
    """All of them, the first one first."""
    with app.app_context():
        return list(reversed(_alembic(app).log()))


def differences(app: Flask) -> list[Any]:
    """What Alembic finds different between the database and the models."""
    with app.app_context():
        return list(_alembic(app).compare_metadata())


def _alembic(app: Flask) -> Alembic:
    found = app.extensions["alembic"]
    assert isinstance(found, Alembic)
    return found


def tables(connection: Connection) -> MetaData:
    """The tables that are there now."""
    found = MetaData()
    found.reflect(connection)
    return found


def fill(connection: Connection, table: Table) -> dict[str, Any]:
    """Insert one row with something in every column, its parents' rows being there."""
    row = {column.name: _value(connection, column) for column in table.columns}
    connection.execute(table.insert().values(row))
    return row


def _value(connection: Connection, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.scalar(key.column.table.select().with_only_columns(key.column))
    if isinstance(column.type, JSON):
        return {}
    kind = column.type.python_type
    if kind is str and getattr(column.type, "length", None) == 32:
        return uuid.uuid4().hex
    return {
        uuid.UUID: uuid.uuid4(),
        str: "x",
        int: 1,
        bool: True,
        bytes: b"x",
        datetime: datetime(2026, 1, 2, tzinfo=UTC),
        date: date(2026, 1, 2),
    }[kind]
