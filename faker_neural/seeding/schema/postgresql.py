"""Reads from PostgreSQL's catalog what SQLAlchemy does not reflect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import CheckConstraint, Connection, MetaData
from sqlalchemy import types as t
from sqlalchemy.dialects import postgresql

from .named_type import NamedType
from .partitions import Partition, limits

__all__ = ["VISIBLE_NAME", "add_catalog", "user_schemas"]

VISIBLE_NAME = (
    "CASE WHEN pg_table_is_visible(pg_class.oid) THEN relname::text "
    "ELSE nspname || '.' || relname END"
)
"""The name of a table in SQL, as in `sqlalchemy.Table.fullname`: without a visible schema."""
_OF_USERS = "nspname !~ '^pg_' AND nspname <> 'information_schema'"

# Each column with its innermost type: domains are followed to their base types.
_TYPES = f"""
WITH RECURSIVE base AS (
    SELECT attrelid, attname, atttypid AS type, atttypmod AS modifier, false AS not_null
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
    SELECT attrelid, attname, typbasetype,
        CASE WHEN typtypmod < 0 THEN modifier ELSE typtypmod END, not_null OR typnotnull
    FROM base JOIN pg_type ON pg_type.oid = type WHERE typtype = 'd'
)
SELECT {VISIBLE_NAME}, attname, format_type(type, modifier), not_null, typtype::text, (
    SELECT count(*) FROM pg_attribute part
    WHERE part.attrelid = typrelid AND part.attnum > 0 AND NOT part.attisdropped
)
FROM base JOIN pg_type ON pg_type.oid = type JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE typtype <> 'd' AND relkind IN ('r', 'p') AND {_OF_USERS}
"""
_DOMAIN_CHECKS = f"""
WITH RECURSIVE chain AS (
    SELECT attrelid, attname, atttypid AS type
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
    SELECT attrelid, attname, typbasetype
    FROM chain JOIN pg_type ON pg_type.oid = type WHERE typtype = 'd'
)
SELECT {VISIBLE_NAME}, attname, pg_get_constraintdef(pg_constraint.oid, true)
FROM chain JOIN pg_constraint ON contypid = type AND contype = 'c'
JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p') AND {_OF_USERS}
"""
_PARTITIONS = f"""
SELECT {VISIBLE_NAME}, inhparent, pg_class.oid, pg_get_partkeydef(pg_class.oid),
    pg_get_expr(relpartbound, pg_class.oid)
FROM pg_class LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relispartition OR relkind = 'p'
"""
_LITERALS = {"r": "empty", "m": "{}"}  # of ranges and multiranges


def user_schemas(connection: Connection) -> list[str]:
    """Return the names of the schemas with tables that are not the system's.

    Args:
        connection: a connection to the database.
    """
    sql = (
        "SELECT DISTINCT nspname FROM pg_class "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        f"WHERE relkind IN ('r', 'p') AND {_OF_USERS} ORDER BY nspname"
    )
    return list(connection.execute(sqlalchemy.text(sql)).scalars())


def add_catalog(connection: Connection, metadata: MetaData) -> set[str]:
    """Add base types and CHECKs of domains, unknown types and bounds of partitions to metadata.

    Args:
        connection: a connection to the database.
        metadata: the reflected tables.

    Returns:
        The names of the partitions, whose rows belong to a partitioned table.
    """
    columns = {
        (table.fullname, column.name): column
        for table in metadata.tables.values()
        for column in table.columns
    }
    for name, of, type_, not_null, class_, parts in _all(connection, _TYPES):
        if (column := columns.get((name, of))) is not None:
            column.nullable = bool(column.nullable) and not not_null
            column.type = _type(column.type, type_, _literal(class_, parts))
    for name, of, check in _all(connection, _DOMAIN_CHECKS):
        if (name, of) in columns:
            text = check.removeprefix("CHECK (").removesuffix(" NOT VALID").removesuffix(")")
            columns[name, of].info.setdefault("value_checks", []).append(text)
    partitions = [Partition(*row) for row in _all(connection, _PARTITIONS)]
    _add_limits(metadata, columns, partitions)
    return {partition.name for partition in partitions if partition.bound is not None}


def _add_limits(
    metadata: MetaData,
    columns: Mapping[tuple[str, str], sqlalchemy.Column[Any]],
    partitions: Sequence[Partition],
) -> None:
    parents = {partition.parent for partition in partitions}
    for one in partitions:
        if one.key and one.oid not in parents and one.name in metadata.tables:
            metadata.tables[one.name].info["refusal"] = "is partitioned and has no partition yet"
    for limit in limits(partitions):
        if (column := columns.get((limit.table, limit.column))) is not None:
            column.nullable = bool(column.nullable) and limit.nullable
            if limit.condition:
                column.table.append_constraint(CheckConstraint(limit.condition))


def _all(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(sqlalchemy.text(sql))]


def _literal(class_: str, parts: int) -> str | None:
    """Return a literal for a composite type, all NULL, or for a range; None for other types."""
    return f"({',' * (parts - 1)})" if class_ == "c" else _LITERALS.get(class_)


def _type(type_: t.TypeEngine[Any], name: str, literal: str | None) -> t.TypeEngine[Any]:
    if isinstance(type_, t.NullType):
        return NamedType(name, literal)
    if not isinstance(type_, postgresql.DOMAIN):
        return type_
    while isinstance(type_, postgresql.DOMAIN):
        type_ = type_.data_type
    if isinstance(type_, t.NullType):
        return NamedType(name, literal)
    sizes = [int(size) for size in re.findall(r"\d+", name.partition("(")[2])]
    if sizes and isinstance(type_, t.String | t.Numeric | postgresql.BIT):
        sized: Any = type(type_)  # SQLAlchemy drops the sizes of a domain's type
        return sized(*sizes)  # type: ignore[no-any-return]
    return type_
