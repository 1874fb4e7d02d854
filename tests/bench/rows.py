"""Rows written straight into tables: quick, and good for a million of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from psycopg import sql
from sqlalchemy import JSON, Connection, Table, insert
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.database import Base

Row = dict[str, Any]


def table_of(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def row(model: type[Base], **values: Any) -> Row:
    """One row by the names of its columns; what the model fills in by itself is filled in here."""
    table = table_of(model)
    unknown = set(values) - set(table.columns.keys())
    assert not unknown, f"{table.name} has no {unknown}"
    filled: Row = {
        column.name: cast(ScalarElementColumnDefault, column.default).arg
        for column in table.columns
        if column.default is not None and column.default.is_scalar
    }
    nothing = {
        column.name: None
        for column in table.columns
        if column.nullable and not (column.primary_key or isinstance(column.type, JSON))
    }
    return {**nothing, **filled, **values}


def store(connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows that all name the same columns: by COPY where there is one."""
    if not rows:
        return
    table = table_of(model)
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    names = list(rows[0])
    json_names = {name for name in names if isinstance(table.columns[name].type, JSON)}
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver = cast(Any, connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for each in rows:
            copy.write_row([json.dumps(each[n]) if n in json_names else each[n] for n in names])
