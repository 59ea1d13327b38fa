"""Schemas made statement by statement: what is read, proposed and filled."""

from __future__ import annotations

from typing import Any

import schemas
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, propose, seed
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Column, Schema


def read(url: URL, *statements: str) -> Schema:
    """Make a schema, statement by statement, and read it."""
    with schemas.connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        return reflect(connection)


def columns(url: URL, *statements: str) -> dict[str, Column]:
    """The columns of the table t."""
    return dict(read(url, *statements).tables["t"].columns)


def proposed(url: URL, table: str = "t") -> dict[str, ColumnPlan]:
    return dict(propose(url).tables[table].columns)


def filled(url: URL, table: str = "t") -> list[tuple[Any, ...]]:
    """The rows of a table, after a run of what is proposed."""
    seed(url, propose(url))
    return schemas.rows(url, f"SELECT * FROM {table}")
