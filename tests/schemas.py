"""Schemas made for a test, and what a database itself says of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import (
    URL,
    Connection,
    Enum,
    MetaData,
    NullPool,
    String,
    create_engine,
    func,
    select,
)


@contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """Connect, with foreign keys enforced, and commit in the end."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        if url.get_backend_name() == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        yield connection


def create(url: URL, tables: MetaData | str) -> None:
    """Make the tables of metadata, or of statements of SQL."""
    with connected(url) as connection:
        if isinstance(tables, MetaData):
            tables.create_all(connection)
        else:
            for statement in filter(str.strip, tables.split(";")):
                connection.exec_driver_sql(statement)


def dump(url: URL) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, in an order that does not depend on the database."""
    with connected(url) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=_order)
            for name, table in sorted(metadata.tables.items())
        }


def _order(row: tuple[Any, ...]) -> list[str]:
    return [f"{cell:020}" if isinstance(cell, int) else repr(cell) for cell in row]


def rows(url: URL, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with connected(url) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def orphans(url: URL) -> list[str]:
    """Name the foreign keys that refer to rows that are not there."""
    with connected(url) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return [
            f"{table.name}.{[column.name for column in key.columns]}"
            for table in metadata.tables.values()
            for key in table.foreign_key_constraints
            if connection.execute(_without_parent(table, key)).scalar_one()
        ]


def _without_parent(
    table: sqlalchemy.Table, key: sqlalchemy.ForeignKeyConstraint
) -> sqlalchemy.Select[tuple[int]]:
    parent = key.referred_table.alias()
    same = [
        parent.c[element.column.name] == table.c[element.parent.name] for element in key.elements
    ]
    given = [table.c[element.parent.name].is_not(None) for element in key.elements]
    found = select(1).select_from(parent).where(*same).correlate(table).exists()
    return select(func.count()).select_from(table).where(*given, ~found)


def overlong(url: URL) -> list[str]:
    """Name the columns that hold a text longer than they are declared."""
    with connected(url) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return [
            str(column)
            for table in metadata.tables.values()
            for column in table.columns
            if isinstance(column.type, String)
            and not isinstance(column.type, Enum)
            and column.type.length
            and _longest(connection, column) > column.type.length
        ]


def _longest(connection: Connection, column: sqlalchemy.Column[Any]) -> int:
    length = func.length if connection.dialect.name == "sqlite" else func.char_length
    return connection.execute(select(func.max(length(column)))).scalar() or 0
