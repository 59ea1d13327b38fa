"""Finds the CHECK constraints that only whole rows can meet, for the run to ask the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy

from .checks import check_texts, domains_of

__all__ = ["RowCheck", "row_checks"]


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A CHECK constraint that no domain of a single column expresses.

    Args:
        sql: its expression in the database's SQL.
        columns: the names of the columns that it reads, in the table's order.
    """

    sql: str
    columns: tuple[str, ...]


def row_checks(table: sqlalchemy.Table, dialect: str) -> tuple[RowCheck, ...]:
    """Return the CHECKs of a table that relate columns, or that `domains` does not understand.

    Args:
        table: the reflected table.
        dialect: "sqlite", "postgresql", "mysql" or "mariadb".
    """
    return tuple(_row_checks(table, dialect))


def _row_checks(table: sqlalchemy.Table, dialect: str) -> Iterator[RowCheck]:
    for text in check_texts(table):
        columns = _named(text, table.columns.keys())
        if len(columns) > 1 or (columns and not domains_of(table, dialect, text)):
            yield RowCheck(text, columns)


def _named(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns whose names stand in an SQL text, outside of its string literals."""
    code = re.sub(r"'(?:[^']|'')*'", "''", text).casefold()
    return tuple(
        name
        for name in columns
        if re.search(rf"(?<![\w$]){re.escape(name.casefold())}(?![\w$])", code)
    )
