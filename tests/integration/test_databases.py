"""The databases that tests are given are real, empty, separate, and migrated only when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from tests.databases import Databases


@contextmanager
def engine_for(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def make_table(url: str) -> None:
    with engine_for(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (id INTEGER PRIMARY KEY)"))


def tables(url: str) -> list[str]:
    with engine_for(url) as engine:
        return inspect(engine).get_table_names()


def test_a_database_is_of_the_kind_asked_for(database_url: str, database_kind: str) -> None:
    with engine_for(database_url) as engine, engine.connect():
        assert engine.dialect.name == database_kind


def test_a_database_is_empty_even_after_another_was_filled(
    databases: Databases, database_kind: str
) -> None:
    with databases.empty(database_kind) as first, databases.empty(database_kind) as second:
        make_table(first)

        assert tables(first) == ["letters"]
        assert tables(second) == []


def test_a_test_can_have_one_of_each_kind(sqlite_url: str, postgresql_url: str) -> None:
    make_table(sqlite_url)

    assert tables(postgresql_url) == []


def test_migrated_databases_are_migrated_once_and_copied(database_kind: str) -> None:
    migrated: list[str] = []

    def migrate(url: str) -> None:
        migrated.append(url)
        make_table(url)

    databases = Databases(migrate, template=f"letters_{uuid4().hex}")
    with databases.migrated(database_kind) as first, databases.migrated(database_kind) as second:
        assert tables(first) == tables(second) == ["letters"]
        assert first != second
    assert len(migrated) == 1


def test_a_migration_that_failed_is_not_taken_for_a_migrated_database(database_kind: str) -> None:
    def fail(url: str) -> None:
        make_table(url)
        raise RuntimeError("half way")

    template = f"letters_{uuid4().hex}"
    for _ in range(2):
        with (
            pytest.raises(RuntimeError, match="half way"),
            Databases(fail, template=template).migrated(database_kind),
        ):
            pass
    with Databases(make_table, template=template).migrated(database_kind) as url:
        assert tables(url) == ["letters"]


def test_a_database_goes_although_somebody_is_connected(postgresql_url: str) -> None:
    with Databases().empty("postgresql") as url, engine_for(url) as engine:
        connection = engine.connect()
        name = url.rsplit("/", 1)[1]
        connection.detach()

    with engine_for(postgresql_url) as engine, engine.connect() as looking:
        names = looking.scalars(text("SELECT datname FROM pg_database")).all()
    assert name not in names
    connection.close()
