"""Tries values of types that only the database knows by casting them there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from faker_neural.seeding.connection import first_line
from faker_neural.seeding.schema.schema import Column, Schema

from .counted import Choice
from .derived import Source

__all__ = ["refused_literals"]


def refused_literals(
    connection: Connection,
    schema: Schema,
    sources: Mapping[str, Mapping[str, Source]],
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield table, column and rule for each choice that PostgreSQL does not accept as a literal.

    Arrays, addresses, ranges and similar types are tried. On other databases nothing is tried.

    Args:
        connection: a connection to the database.
        schema: the schema of the database.
        sources: the sources by table and column.
    """
    if schema.dialect != "postgresql":
        return
    for table, of_table in sources.items():
        for name, source in of_table.items():
            column = schema.tables[table].columns[name]
            if isinstance(source, Choice) and column.kind in ("array", "other"):
                for value in source.values:
                    if problem := _problem(connection, column, value):
                        yield table, (name,), f"choice {value!r}: {problem}"


def _problem(connection: Connection, column: Column, value: object) -> str:
    given = value if isinstance(value, list) else str(value)
    name = re.sub(' COLLATE "[^"]*"', "", column.type.compile(connection.dialect))
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SELECT CAST(%s AS {name})", (given,))
    except DBAPIError as error:
        return first_line(error.orig or error)
    return ""
