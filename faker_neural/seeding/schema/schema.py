"""The schema of a database: tables, columns and foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy import types as t

from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.domains.row_checks import RowCheck
from faker_neural.seeding.domains.text_fits import TextLimits

__all__ = ["Column", "ForeignKey", "Schema", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column and the rules for its values.

    Args:
        table: the name of its table, as `Table.name`.
        name: the name of the column.
        type: the SQLAlchemy type; for a PostgreSQL domain, its base type.
        kind: "text", "integer", "decimal", "float", "boolean", "date", "datetime", "time", "uuid",
            "json", "array", "bytes", "choice" (an enumerated type) or "other".
        nullable: whether NULL is allowed.
        generated: whether the database computes the value and accepts none.
        default: whether the database fills in a value other than NULL if none is given.
        comment: the comment in the schema, "" for none.
        fit: the limits of text: length and character set.
        domain: the values that CHECK constraints, an enumerated type and the type's size allow.
        scale: the number of digits after the decimal point; None for kinds other than "decimal" or
            if the type sets none.
        empty_default: whether the default is an empty text or a zero date, which no row usually
            has.
    """

    table: str
    name: str
    type: t.TypeEngine[Any]
    kind: str
    nullable: bool
    generated: bool
    default: bool
    comment: str
    fit: TextLimits
    domain: Domain
    scale: int | None
    empty_default: bool = False

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def of_type(self) -> str:
        """The name of the type, for error messages."""
        return str(self.type)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key: columns of a table that refer to a key of a parent table.

    Args:
        table: the name of the table that has the foreign key.
        columns: the names of its columns.
        parent: the name of the parent table, which may be the same table.
        parent_columns: the names of the parent's columns, in the order of `columns`.
        deferrable: whether the database can check it at the end of a transaction.
        by: another column and its value in the rows in which the key refers to this parent; None
            if it does in all rows.
    """

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    deferrable: bool = False
    by: tuple[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.table}.{', '.join(self.columns)}"


@dataclass(frozen=True)
class Table:
    """A table with its columns and keys.

    Args:
        sql: the SQLAlchemy table.
        columns: the columns by name, in the table's order.
        primary_key: the names of its columns; empty if the table has none.
        unique: the column names of each unique key, the primary key first.
        foreign_keys: the foreign keys to tables of the same database.
        bookkeeping: whether a migration tool, a framework or an extension keeps its own records
            in the table, so that no plan should fill it.
        partial: the keys in `unique` that hold for some rows only, which a WHERE chooses.
        refusal: why the table takes no row at all; "" if it takes rows.
        checks: the CHECK constraints that no domain of a single column expresses.
    """

    sql: sqlalchemy.Table
    columns: Mapping[str, Column]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    bookkeeping: bool = False
    partial: frozenset[tuple[str, ...]] = frozenset()
    refusal: str = ""
    checks: tuple[RowCheck, ...] = ()

    @property
    def name(self) -> str:
        """The table's name, after its schema and a dot if that is not the current schema."""
        return self.sql.fullname

    @cached_property
    def referring(self) -> Mapping[str, ForeignKey]:
        """The foreign key that each column belongs to, by column name; the first of several."""
        found: dict[str, ForeignKey] = {}
        for key in self.foreign_keys:
            for column in key.columns:
                found.setdefault(column, key)
        return found

    @cached_property
    def minimal_keys(self) -> tuple[tuple[str, ...], ...]:
        """The unique keys that contain no other unique key."""
        keys = self.unique
        return tuple(key for key in keys if not any(set(one) < set(key) for one in keys))

    def nullable(self, key: ForeignKey) -> bool:
        """Return whether a foreign key may be NULL.

        Args:
            key: a foreign key of this table.
        """
        return any(self.columns[column].nullable for column in key.columns)


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a database.

    Args:
        dialect: SQLAlchemy's name of the kind of database, such as "sqlite".
        tables: the tables by name.
    """

    dialect: str
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def fillable(self) -> Mapping[str, Table]:
        """The tables that a plan should fill, by name.

        They are the tables of the current schema, or of all schemas if it has none, without
        bookkeeping tables.
        """
        kept = {name: table for name, table in self.tables.items() if not table.bookkeeping}
        own = {name: table for name, table in kept.items() if table.sql.schema is None}
        return own or kept
