"""Finds the unique keys of a table: constraints and indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy
import sqlglot
from sqlalchemy import Connection
from sqlglot import exp
from sqlglot.errors import SqlglotError

__all__ = ["name_in_expression", "names_in_statement", "unique_keys"]

_WRAPPERS = (exp.Paren, exp.Cast, exp.Collate, exp.Ordered, exp.Lower, exp.Upper)


def unique_keys(
    connection: Connection, table: sqlalchemy.Table
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the columns of each unique constraint and index, and those of the partial indexes.

    An exclusion constraint of PostgreSQL counts as a unique key.

    An index on lower(x) or upper(x) counts as an index on x. So values that fit the returned keys
    fit the indexes. An index on another expression is ignored.

    Args:
        connection: a connection to the database.
        table: the reflected table.

    Returns:
        The keys of all rows, and the keys of the rows that a WHERE chooses.
    """
    inspector = sqlalchemy.inspect(connection)
    sqlite = connection.dialect.name == "sqlite"  # SQLAlchemy may miss an inline UNIQUE
    automatic: dict[str, Any] = {"include_auto_indexes": True} if sqlite else {}
    keys = [
        tuple(constraint["column_names"])
        for constraint in inspector.get_unique_constraints(table.name, schema=table.schema)
    ]
    partial: list[tuple[str, ...]] = []
    for index in inspector.get_indexes(table.name, schema=table.schema, **automatic):
        if index["unique"]:
            where = any(name.endswith("_where") for name in index.get("dialect_options", {}))
            (partial if where else keys).extend(_of_columns(table, _names(index)))
    if connection.dialect.name == "postgresql":
        keys += _exclusions(connection, table)
    for sql in _indexes_on_expressions(connection, table) if sqlite else ():
        where = " WHERE " in sql.upper()
        (partial if where else keys).extend(_of_columns(table, names_in_statement(sql)))
    return keys, [key for key in partial if key not in keys]


def _exclusions(connection: Connection, table: sqlalchemy.Table) -> list[tuple[str, ...]]:
    """Return the columns of exclusion constraints: what differs there, as ranges, is apart."""
    sql = (
        "SELECT array_agg(attname ORDER BY attnum) FROM pg_constraint JOIN pg_attribute "
        "ON attrelid = conrelid AND attnum = ANY (conkey) WHERE contype = 'x' "
        "AND conrelid = to_regclass(:name) AND 0 <> ALL (conkey) GROUP BY pg_constraint.oid"
    )
    name = connection.dialect.identifier_preparer.format_table(table)
    found = connection.execute(sqlalchemy.text(sql), {"name": name}).scalars()
    return [tuple(names) for names in found]


def _of_columns(table: sqlalchemy.Table, names: Iterable[str | None]) -> list[tuple[str, ...]]:
    """Return the key as a list of one; an empty list if a part of it is no column."""
    columns = {column.name.casefold(): column.name for column in table.columns}
    found = [columns.get(name.casefold(), "") if name else "" for name in names]
    return [tuple(dict.fromkeys(found))] if found and all(found) else []


def _names(index: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield the column of each part of a reflected index; None for an unknown expression."""
    columns = index["column_names"]
    for name, expression in zip(columns, index.get("expressions", columns), strict=True):
        yield name if name is not None or expression is None else name_in_expression(expression)


def name_in_expression(expression: str) -> str | None:
    """Return the column of an expression of PostgreSQL such as "lower(email)"; None for others.

    Args:
        expression: the expression in SQL.
    """
    try:
        return _column(sqlglot.parse_one(expression, read="postgres"))
    except SqlglotError:
        return None


def _indexes_on_expressions(connection: Connection, table: sqlalchemy.Table) -> list[str]:
    """Return SQLite's statements of unique indexes on expressions, which SQLAlchemy skips."""
    sql = (
        "SELECT sql FROM pragma_index_list(:name) AS listed JOIN sqlite_master USING (name) "
        'WHERE listed."unique" AND sql IS NOT NULL AND EXISTS '
        "(SELECT 1 FROM pragma_index_xinfo(listed.name) WHERE cid = -2)"
    )
    return list(connection.execute(sqlalchemy.text(sql), {"name": table.name}).scalars())


def names_in_statement(sql: str) -> list[str | None]:
    """Return the column of each part of the index that a statement of SQLite creates.

    Args:
        sql: the statement.

    Returns:
        A column for each part, None for an expression of another kind than lower(x) or upper(x);
        an empty list if the statement is not understood.
    """
    try:
        found = sqlglot.parse_one(sql, read="sqlite").find(exp.IndexParameters)
    except SqlglotError:
        return []
    return [_column(node) for node in found.args.get("columns", [])] if found else []


def _column(node: Any) -> str | None:
    while isinstance(node, _WRAPPERS):
        node = node.this
    return node.name if isinstance(node, exp.Column) else None
