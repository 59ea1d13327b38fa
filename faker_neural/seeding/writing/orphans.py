"""Checks that every foreign key refers to a row, where the database was told not to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, func, select

from faker_neural import DatabaseError
from faker_neural.seeding.schema.schema import Schema, Table

__all__ = ["check_references"]


def check_references(connection: Connection, schema: Schema, tables: Iterable[Table]) -> None:
    """Check the foreign keys of tables by queries.

    Args:
        connection: a connection to the database.
        schema: the schema of the database.
        tables: the tables whose foreign keys are checked.

    Raises:
        DatabaseError: a row refers to no row.
    """
    for table in tables:
        for key in table.foreign_keys:
            child, parent = table.sql.alias(), schema.tables[key.parent].sql.alias()
            pairs = list(zip(key.columns, key.parent_columns, strict=True))
            matched = and_(*(child.c[one] == parent.c[other] for one, other in pairs))
            wanted = [child.c[one].is_not(None) for one, _ in pairs]
            lost = parent.c[pairs[0][1]].is_(None)
            query = select(func.count()).select_from(child.outerjoin(parent, matched))
            count = connection.execute(query.where(*wanted, lost)).scalar_one()
            if count and key.by is None:
                problem = f"{count:,} rows refer to no row of {key.parent}"
                raise DatabaseError(str(key), problem)
