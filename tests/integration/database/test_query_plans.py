"""No question that people or workers ask again and again reads a growing table from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from app.database import Database
from tests.bench.plans import whole_table_reads
from tests.bench.steps import Steps
from tests.bench.town import build
from tests.databases import Databases
from tests.portal import Portal, open_portal

CONVERSATIONS = 600
"""So many that reading a whole table is dearer than an index, as PostgreSQL itself reckons."""


@pytest.fixture(scope="module")
def portal(databases: Databases) -> Iterator[Portal]:
    with databases.migrated("postgresql") as url:
        portal = open_portal(url)
        yield portal
        portal.database.engine.dispose()


@pytest.fixture(scope="module")
def steps(portal: Portal) -> Steps:
    return Steps(portal, build(portal.database, CONVERSATIONS, 4, length=40, per_officer=2))


STEPS = (
    "poll",
    "page",
    "send",
    "inbox",
    "officer's poll",
    "officer's page",
    "worker claim",
    "feed step",
    "delivery",
    "notices",
    "invitations",
    "tidying",
    "not reached",
    "fates",
    "status",
)


@pytest.mark.parametrize("name", STEPS)
def test_no_step_reads_a_growing_table_from_end_to_end(
    portal: Portal, steps: Steps, name: str
) -> None:
    step = {**steps.all(), **steps.more()}[name]

    assert whole_table_reads(portal.database.engine, step) == []


@pytest.mark.parametrize(
    "name, index",
    [
        ("worker claim", "ix_outbox_streams_due"),
        ("status", "ix_messages_unrecorded"),
        ("tidying", "ix_kept_texts_expires_at"),
        ("feed step", "ix_case_addresses_same"),
        ("not reached", "ix_conversations_unread_due"),
        ("fates", "ix_notices_fate_due"),
    ],
)
def test_a_missing_index_would_be_found(
    portal: Portal, steps: Steps, name: str, index: str
) -> None:
    step = {**steps.all(), **steps.more()}[name]

    with without(index, portal.database):
        assert whole_table_reads(portal.database.engine, step) != []


@contextmanager
def without(index: str, database: Database) -> Iterator[None]:
    """The database as it would be if nobody had made this index."""
    with database.writing_engine.begin() as connection:
        definition = connection.execute(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": index}
        ).scalar_one()
        connection.execute(text(f"DROP INDEX {index}"))
    try:
        yield
    finally:
        _run(database, definition)


def _run(database: Database, statement: str) -> None:
    with database.writing_engine.begin() as connection:
        connection.execute(text(statement))
