"""What PostgreSQL says of how it would run the statements of a step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.database import Base

FEW_ROWS = {
    "forces",
    "feeds",
    "lookup_keys",
    "outbox_breakers",
    "recorded_totals",
    "sync_outcomes",
    "sync_risk_fields",
}
"""Tables that hold a row for each force or key, not for each person, case or message."""
GROWING = {table.name for table in Base.metadata.sorted_tables} - FEW_ROWS
_PARTIAL_INDEXES = """
    SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE indpred IS NOT NULL
"""
PLANNED = ("SELECT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that was run, and with what."""

    statement: str
    parameters: Any


@contextmanager
def listening(engine: Engine) -> Iterator[list[Said]]:
    """Every statement that this engine runs meanwhile."""
    said: list[Said] = []

    def note(*told: Any) -> None:
        statement, parameters = told[2], told[3]
        if statement.lstrip().startswith(PLANNED):
            said.append(Said(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def whole_table_reads(engine: Engine, step: Callable[[], object]) -> list[str]:
    """The growing tables that this step would read from end to end: `table: statement`."""
    with listening(engine) as said:
        step()
    assert said, "nothing was asked of the database"
    found: dict[str, None] = {}
    with engine.connect() as connection:
        partial = set(connection.exec_driver_sql(_PARTIAL_INDEXES).scalars())
        for each in said:
            # Of a table with few rows here the planner reads all, index or none: what it would do
            # without that choice shows whether there is an index to use.
            usual = _whole_reads_of(connection, each, partial)
            connection.exec_driver_sql("SET enable_seqscan = off")
            without_choice = _whole_reads_of(connection, each, partial) if usual else set()
            connection.exec_driver_sql("RESET enable_seqscan")
            for table in usual & without_choice:
                found[f"{table}: {each.statement}"] = None
    return list(found)


def _whole_reads_of(connection: Connection, each: Said, partial: set[str]) -> set[str]:
    explained = connection.exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {each.statement}", each.parameters
    ).scalar_one()
    plan = json.loads(explained) if isinstance(explained, str) else explained
    return set(_read_whole(plan[0]["Plan"], partial))


def _read_whole(plan: dict[str, Any], partial: set[str]) -> Iterator[str]:
    table, index = plan.get("Relation Name"), plan.get("Index Name")
    if plan["Node Type"] == "Seq Scan" and table in GROWING:
        yield plan["Relation Name"]
    # There is an index, and all of it is read. A partial one holds only what is still to be done.
    if table in GROWING and index is not None and "Index Cond" not in plan and index not in partial:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _read_whole(part, partial)
