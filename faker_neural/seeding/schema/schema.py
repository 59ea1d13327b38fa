"""What a database's tables ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy import types as t

from .domain import Domain
from .text_fits import Fit

__all__ = ["Column", "ForeignKey", "Schema", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and what its values must be.

    Args:
        table: its table's name.
        name: its own.
        type: as SQLAlchemy has it; of a domain, what the domain is made of.
        kind: "text", "integer", "decimal", "float", "boolean", "date", "datetime", "time", "uuid",
            "json", "array", "bytes", "choice" (an enumerated type) or "other".
        nullable: whether it may be NULL.
        generated: whether the database computes it and takes no value.
        default: whether the database has a value where none is given.
        comment: the schema's own, "" for none.
        fit: what a text must fit into.
        domain: which values CHECK constraints, an enumerated type and the type's size allow.
        scale: digits after the point of a decimal.
    """

    table: str
    name: str
    type: t.TypeEngine[Any]
    kind: str
    nullable: bool
    generated: bool
    default: bool
    comment: str
    fit: Fit
    domain: Domain
    scale: int | None

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def of_type(self) -> str:
        """The type's name, for errors."""
        return str(self.type)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of a table that refer to a key of a table."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{', '.join(self.columns)}"


@dataclass(frozen=True)
class Table:
    """A table, its columns and keys.

    Args:
        sql: as SQLAlchemy has it.
        columns: by name, in order.
        primary_key: its columns, empty for none.
        unique: the columns of each key that no two rows share, the primary key's first.
        foreign_keys: to tables of the same database.
    """

    sql: sqlalchemy.Table
    columns: Mapping[str, Column]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.sql.name

    @cached_property
    def referring(self) -> Mapping[str, ForeignKey]:
        """The foreign key that each column is part of; of several the first."""
        found: dict[str, ForeignKey] = {}
        for key in self.foreign_keys:
            for column in key.columns:
                found.setdefault(column, key)
        return found

    def nullable(self, key: ForeignKey) -> bool:
        """Say whether a foreign key may refer to nothing."""
        return any(self.columns[column].nullable for column in key.columns)


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a database, by name; `dialect` is SQLAlchemy's name of its kind."""

    dialect: str
    tables: Mapping[str, Table] = field(default_factory=dict)
