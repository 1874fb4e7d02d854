"""Which columns hold wrapped data keys and look-up hashes: found from the models, so that a new
table is not forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, func, literal_column

from app.crypto import KEY_NUMBER_BYTES
from app.database import Base

WRAPPED_KEY = "wrapped_key"


@dataclass(frozen=True, slots=True)
class KeyedTable:
    """A table with columns that depend on the encryption keys."""

    table: Table
    wrapped: Column[bytes] | None
    """The data keys, in tables of sealed rows."""
    indexes: tuple[Column[bytes], ...]
    """The look-up hashes."""

    @property
    def columns(self) -> tuple[Column[bytes], ...]:
        return (*(() if self.wrapped is None else (self.wrapped,)), *self.indexes)


def keyed_tables() -> list[KeyedTable]:
    """Every table that a rotation has to go through."""
    found = []
    for table in Base.metadata.sorted_tables:
        each = KeyedTable(
            table,
            table.columns.get(WRAPPED_KEY),
            tuple(column for column in table.columns if is_index(column)),
        )
        if each.columns:
            found.append(each)
    return found


def is_index(column: Column[Any]) -> bool:
    """Whether look-up hashes stand in this column."""
    is_named = column.name.endswith("_index") or bool(column.info.get("keyed"))
    return is_named and isinstance(column.type, LargeBinary)


def is_filled(column: Column[bytes]) -> ColumnElement[bool]:
    """Picks the rows that have something in this column; an empty hash fits nothing."""
    return column != b""


def number_in(column: Column[bytes]) -> ColumnElement[bytes]:
    """The key number with which the value in this column begins."""
    # Literal numbers: parameters would make it another expression each time, for PostgreSQL.
    length: ColumnElement[int] = literal_column(str(KEY_NUMBER_BYTES))
    return func.substr(column, literal_column("1"), length, type_=LargeBinary())
