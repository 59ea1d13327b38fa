"""Writes rows to a database in its fastest way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.sql.expression import Executable

from faker_neural.seeding.schema.schema import Table

from .writer import Row, StatementWriter, Writer

__all__ = ["COPIED", "CopyWriter", "InsertWriter", "RefusedRowError", "writer_of"]


_SIGNAL = 1644  # MariaDB's code for what a trigger raises


class RefusedRowError(Exception):
    """The database refused a row.

    Args:
        place: the place of the row among the rows to write.
        cause: the error of the database.
    """

    def __init__(self, place: int, cause: DBAPIError) -> None:
        super().__init__(place, cause)
        self.place, self.cause = place, cause


def writer_of(connection: Connection) -> Writer:
    """Return the fastest writer for a database: COPY with psycopg, else INSERT.

    Args:
        connection: a connection to the database.
    """
    copies = connection.dialect.driver == "psycopg"
    return CopyWriter(connection) if copies else InsertWriter(connection)


class InsertWriter(StatementWriter):
    """Writes rows to a database by INSERT, many rows at once.

    Args:
        connection: a connection to the database.
    """

    dry = False

    def __init__(self, connection: Connection) -> None:
        self._connection, self._dialect = connection, connection.dialect

    def insert(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write rows.

        Raises:
            RefusedRowError: the database refused a row.
            DBAPIError: the connection was lost, or the rows were refused only together.
        """
        kept = list(rows)
        self._begin()
        savepoint = self._connection.begin_nested()
        try:
            self._insert(table, columns, kept)
        except DBAPIError as error:
            if not (_is_of_a_row(error) and self._rolls_back(table)):
                raise  # SQLite has lost the savepoint if the disk is full
            savepoint.rollback()
            for place, row in enumerate(kept):
                self._insert_one(table, columns, place, row)
            raise
        savepoint.commit()

    def _insert_one(self, table: Table, columns: Sequence[str], place: int, row: Row) -> None:
        try:
            self._insert(table, columns, [row])
        except DBAPIError as error:
            raise RefusedRowError(place, error) from error

    def _rolls_back(self, table: Table) -> bool:
        """Return whether rows that were written before a refused one are gone: not in MyISAM."""
        engine = table.sql.kwargs.get(f"{self._dialect.name}_engine", "InnoDB")
        return str(engine) == "InnoDB"

    def _insert(self, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        if values:
            self._connection.execute(insert(table.sql), values)

    def _begin(self) -> None:
        """Begin a transaction in SQLite, whose driver would begin it only with the first row."""
        driver: Any = self._connection.connection.driver_connection
        if self._dialect.name == "sqlite" and not driver.in_transaction:
            self._connection.exec_driver_sql("BEGIN")

    def update(self, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Update columns of existing rows."""
        names = [*(f"new_{place}" for place in range(len(columns))), "of_row"]
        statement = (
            update(table.sql)
            .where(table.sql.c[key] == bindparam("of_row"))
            .values({column: bindparam(name) for column, name in zip(columns, names, strict=False)})
        )
        values = [dict(zip(names, row, strict=True)) for row in rows]
        if values:
            self._connection.execute(statement, values)

    def defer(self) -> None:
        """Let the database check foreign keys at the end of the transaction, which this begins."""
        self._begin()
        super().defer()

    def _run(self, statement: Executable) -> None:
        self._connection.execute(statement)

    def _quoted(self, table: Table) -> str:
        return self._connection.dialect.identifier_preparer.format_table(table.sql)


class CopyWriter(InsertWriter):
    """Writes rows to PostgreSQL by COPY in text format, which every type supports.

    Args:
        connection: a connection of psycopg to the database.
    """

    def _insert(self, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        import psycopg  # installed, because this is its connection

        names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns))
        own = psycopg.sql.Identifier(*filter(None, (table.sql.schema, table.sql.name)))
        statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN")
        makers = [COPIED.get(table.columns[name].kind) for name in columns]
        driver: Any = self._connection.connection.driver_connection
        try:
            with (
                driver.cursor() as cursor,
                cursor.copy(statement.format(own, names)) as copy,
            ):
                for row in rows:
                    copy.write_row(
                        [
                            value if make is None or value is None else make(value)
                            for value, make in zip(row, makers, strict=True)
                        ]
                    )
        except psycopg.Error as error:
            gone = bool(driver.closed)
            if gone:
                self._connection.invalidate()
            raise DBAPIError(None, None, error, connection_invalidated=gone) from error


def _is_of_a_row(error: DBAPIError) -> bool:
    """Return whether an error may come from one row: not from a full disk or a lost connection."""
    if isinstance(error, OperationalError):
        return bool(error.orig and error.orig.args[0] == _SIGNAL)
    return not error.connection_invalidated


COPIED: Mapping[str, Callable[[Any], Any]] = {
    "json": json.dumps,
    "other": str,
    "uuid": str,
}
