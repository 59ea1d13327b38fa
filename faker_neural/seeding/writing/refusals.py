"""Says which row of a table a database refused, and in which column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import CheckConstraint, Constraint, Index
from sqlalchemy.exc import DBAPIError

from faker_neural import DatabaseError
from faker_neural.seeding.connection import first_line
from faker_neural.seeding.schema.schema import Table

__all__ = ["refusal"]

_SHOWN, _FIRST = 40, 4  # characters of a value; columns of a row


def refusal(table: Table, number: int, row: Mapping[str, Any], error: DBAPIError) -> DatabaseError:
    """Return the error for a row that the database refused.

    Args:
        table: the table.
        number: the number of the row, from 0.
        row: the values of the row, by column name.
        error: the error of the database.
    """
    said = first_line(error.orig or error)
    found = _columns(table, said, error)
    name = f"{table.name}.{', '.join(found)}" if found else table.name
    values = {one: row[one] for one in found if one in row} or dict(islice(row.items(), _FIRST))
    shown = ", ".join(f"{one}={_shown(value)}" for one, value in values.items())
    problem = f"the database refuses row {number} ({shown}): {said}"
    return DatabaseError(name, problem)


def _columns(table: Table, said: str, error: DBAPIError) -> list[str]:
    """Return the columns that an error is about: those that it or its constraint names."""
    named = str(getattr(getattr(error.orig, "diag", None), "column_name", None))
    if named in table.columns:
        return [named]
    found = [name for name in table.columns if re.search(rf"[\"'`.(]{re.escape(name)}\b", said)]
    rules: list[Constraint | Index] = [*table.sql.constraints, *table.sql.indexes]
    for rule in rules:
        if rule.name and re.search(rf"\b{re.escape(str(rule.name))}\b", said):
            found += _read_by(table, rule)
    return list(dict.fromkeys(found))


def _read_by(table: Table, rule: Constraint | Index) -> Iterator[str]:
    """Yield the columns that a constraint or an index is about."""
    if isinstance(rule, CheckConstraint):
        text = getattr(rule.sqltext, "text", "")
        yield from (name for name in table.columns if re.search(rf"\b{re.escape(name)}\b", text))
    else:
        yield from (column.name for column in getattr(rule, "columns", ()))


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
