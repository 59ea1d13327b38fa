"""The table in which a run in chunks records its progress; no plan fills it."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Text

from faker_neural import DatabaseError

__all__ = ["JOURNAL", "has_journal"]

JOURNAL = sqlalchemy.Table(
    "faker_neural_journal",
    MetaData(),
    Column("table_name", String(255), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("starts", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("filled", BigInteger, nullable=False),
)


def has_journal(connection: Connection) -> bool:
    """Return whether a database has the journal of a run that was stopped.

    Args:
        connection: a connection to the database.

    Raises:
        DatabaseError: a table has the journal's name and other columns, so it is another's.
    """
    inspector = sqlalchemy.inspect(connection)
    if not inspector.has_table(JOURNAL.name):
        return False
    found = {column["name"] for column in inspector.get_columns(JOURNAL.name)}
    if found != set(JOURNAL.columns.keys()):
        problem = "is the name of the journal of runs, and this table is none; rename it"
        raise DatabaseError(JOURNAL.name, problem)
    return True
