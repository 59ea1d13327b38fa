"""Writes rows to a database in its fastest way, to a file as SQL, or to memory for a preview."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TextIO

import sqlalchemy
from sqlalchemy import Connection, Dialect, bindparam, delete, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from faker_neural.seeding.schema.schema import Column, ForeignKey, Table

__all__ = [
    "CopyWriter",
    "InsertWriter",
    "PreviewWriter",
    "RefusedRowError",
    "SqlWriter",
    "Writer",
    "writer_of",
]

Row = Sequence[Any]
_A_STATEMENT = 100  # rows of an INSERT in an SQL file
_MYSQL_BEGIN = """SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES');
BEGIN;
"""
_BEGIN = {
    "sqlite": "PRAGMA foreign_keys = ON;\nBEGIN;\n",
    "mysql": _MYSQL_BEGIN,
    "mariadb": _MYSQL_BEGIN,
}


class RefusedRowError(Exception):
    """The database refused a row.

    Args:
        place: the place of the row among the rows to write.
        cause: the error of the database.
    """

    def __init__(self, place: int, cause: DBAPIError) -> None:
        super().__init__(place, cause)
        self.place, self.cause = place, cause


class Writer(ABC):
    """The destination of rows."""

    dry = True
    """Whether the database stays unchanged."""

    @abstractmethod
    def insert(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write rows.

        Args:
            table: the table.
            columns: the names of the columns.
            rows: the values of each row, in the order of `columns`.
        """

    @abstractmethod
    def update(self, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Update columns of existing rows.

        Args:
            table: the table.
            key: the name of the column that identifies a row.
            columns: the names of the columns to update.
            rows: for each row the new values, in the order of `columns`, then the value of `key`.
        """

    @abstractmethod
    def defer(self) -> None:
        """Let the database check foreign keys at the end of the transaction, where it can."""

    @abstractmethod
    def suspend(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Let the database not check foreign keys that it would check row by row.

        Args:
            keys: the foreign keys, and the table of each.
        """

    @abstractmethod
    def resume(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Let the database check suspended foreign keys again.

        Args:
            keys: the foreign keys, and the table of each.
        """

    @abstractmethod
    def empty(self, table: Table, columns: Sequence[str]) -> None:
        """Set columns of all rows to NULL.

        Args:
            table: the table.
            columns: the names of the columns.
        """

    @abstractmethod
    def delete(self, table: Table) -> None:
        """Delete all rows.

        Args:
            table: the table.
        """

    @abstractmethod
    def restart(self, table: Table, column: str) -> None:
        """Let PostgreSQL's sequence of a column continue after its largest number.

        Args:
            table: the table.
            column: the name of the column.
        """


_DEFER = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET CONSTRAINTS ALL DEFERRED",
}


class _StatementWriter(Writer):
    """A writer that defers checks, empties, deletes and restarts by SQL statements."""

    _dialect: Dialect

    def defer(self) -> None:
        """Let SQLite and PostgreSQL check foreign keys at the end of the transaction."""
        if statement := _DEFER.get(self._dialect.name):
            self._run(sqlalchemy.text(statement))

    def suspend(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Let MariaDB check no foreign key, and PostgreSQL check these at the transaction's end."""
        if self._dialect.name == "postgresql":
            self._alter(keys, "DEFERRABLE INITIALLY DEFERRED")
        elif self._dialect.name in ("mysql", "mariadb"):
            self._run(sqlalchemy.text("SET FOREIGN_KEY_CHECKS = 0"))

    def resume(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Let the database check foreign keys row by row again."""
        if self._dialect.name == "postgresql":
            self._run(sqlalchemy.text("SET CONSTRAINTS ALL IMMEDIATE"))  # checks what was deferred
            self._alter(keys, "NOT DEFERRABLE")
        elif self._dialect.name in ("mysql", "mariadb"):
            self._run(sqlalchemy.text("SET FOREIGN_KEY_CHECKS = 1"))

    def _alter(self, keys: Mapping[ForeignKey, Table], how: str) -> None:
        quote = self._dialect.identifier_preparer.quote
        for key, table in keys.items():
            for one in table.sql.foreign_key_constraints:
                if tuple(one.column_keys) == key.columns:
                    name = f"{self._quoted(table)} ALTER CONSTRAINT {quote(str(one.name))}"
                    self._run(sqlalchemy.text(f"ALTER TABLE {name} {how}".replace(":", "\\:")))

    def empty(self, table: Table, columns: Sequence[str]) -> None:
        """Set columns of all rows to NULL."""
        self._run(update(table.sql).values(dict.fromkeys(columns)))

    def delete(self, table: Table) -> None:
        """Delete all rows."""
        self._run(delete(table.sql))

    def restart(self, table: Table, column: str) -> None:
        """Let PostgreSQL's sequence of a column continue after its largest number."""
        largest = sqlalchemy.select(sqlalchemy.func.max(table.sql.c[column])).scalar_subquery()
        name = sqlalchemy.func.pg_get_serial_sequence(str(self._quoted(table)), str(column))
        self._run(sqlalchemy.select(sqlalchemy.func.setval(name, largest)))

    @abstractmethod
    def _run(self, statement: Executable) -> None: ...

    @abstractmethod
    def _quoted(self, table: Table) -> str: ...


def writer_of(connection: Connection) -> Writer:
    """Return the fastest writer for a database: COPY with psycopg, else INSERT.

    Args:
        connection: a connection to the database.
    """
    copies = connection.dialect.driver == "psycopg"
    return CopyWriter(connection) if copies else InsertWriter(connection)


class InsertWriter(_StatementWriter):
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
        try:
            with self._connection.begin_nested():
                self._insert(table, columns, kept)
        except DBAPIError as error:
            if error.connection_invalidated or not self._rolls_back(table):
                raise
            for place, row in enumerate(kept):
                self._insert_one(table, columns, place, row)
            raise

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
        makers = [_COPIED.get(table.columns[name].kind) for name in columns]
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


_COPIED: Mapping[str, Callable[[Any], Any]] = {
    "json": json.dumps,
    "other": str,
    "uuid": str,
}


class SqlWriter(_StatementWriter):
    """Writes SQL statements, which the database's command-line program can run.

    Args:
        dialect: the dialect of a connection to the database.
        out: the text file to write to.
    """

    def __init__(self, dialect: Dialect, out: TextIO) -> None:
        # the paramstyle "format" would double each "%"
        kind: Any = type(dialect)
        own = kind(paramstyle="named")
        own._backslash_escapes = getattr(dialect, "_backslash_escapes", False)
        self._dialect = own
        self._out, self._begun = out, False

    def end(self) -> None:
        """Write the end of the transaction; call it after the last row."""
        self._begin()
        self._out.write("COMMIT;\n")

    def _begin(self) -> None:
        """Write the start of the transaction, once: a refused plan leaves the file empty."""
        if not self._begun:
            self._out.write(_BEGIN.get(self._dialect.name, "BEGIN;\n"))
            self._begun = True

    def insert(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write rows."""
        values = [self._row(table, columns, row) for row in rows]
        for start in range(0, len(values), _A_STATEMENT):
            text = self._text(insert(table.sql).values(values[start : start + _A_STATEMENT]))
            if any(column.identity and column.identity.always for column in table.sql.columns):
                text = text.replace(") VALUES (", ") OVERRIDING SYSTEM VALUE VALUES (", 1)
            self._write(text)

    def update(self, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Update columns of existing rows."""
        for row in rows:
            *values, of = self._row(table, (*columns, key), row).values()
            changed = dict(zip(columns, values, strict=True))
            self._run(update(table.sql).where(table.sql.c[key] == of).values(changed))

    def _row(self, table: Table, columns: Sequence[str], row: Row) -> dict[str, Any]:
        return {
            name: self._literal(table.columns[name], value)
            for name, value in zip(columns, row, strict=True)
        }

    def _literal(self, column: Column, value: Any) -> Any:
        """Return an SQL literal: bytes in hexadecimal, types unknown to SQLAlchemy as text."""
        if value is None:
            return None
        if column.kind == "bytes":
            start = r"'\x" if self._dialect.name == "postgresql" else "X'"
            return sqlalchemy.literal_column(f"{start}{value.hex()}'")
        if column.kind == "array":
            return sqlalchemy.literal_column(_array(value))
        if column.kind == "other" and isinstance(value, int):
            return sqlalchemy.literal_column(str(value))
        if column.kind in ("json", "other"):
            text = _COPIED[column.kind](value)
            if "\0" in text:  # the binary form of a shape in MariaDB
                return sqlalchemy.literal_column(f"X'{text.encode().hex()}'")
            return sqlalchemy.literal(text, sqlalchemy.String())
        return sqlalchemy.literal(value, column.type)

    def _run(self, statement: Executable) -> None:
        self._write(self._text(statement))

    def _text(self, statement: Executable) -> str:
        compiled = statement.compile(  # type: ignore[attr-defined]
            dialect=self._dialect, compile_kwargs={"literal_binds": True}
        )
        return str(compiled)

    def _write(self, text: str) -> None:
        self._begin()
        self._out.write(f"{text};\n")

    def _quoted(self, table: Table) -> str:
        return str(self._dialect.identifier_preparer.format_table(table.sql))


def _array(values: Sequence[Any]) -> str:
    """Return an array in PostgreSQL's text form, which arrays of any type accept."""
    import psycopg  # installed, because only PostgreSQL has arrays

    return psycopg.sql.Literal(list(values)).as_string(None).partition("::")[0]


class PreviewWriter(Writer):
    """Keeps the first rows of each table in memory.

    Args:
        most: the largest number of rows of each table.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def insert(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Keep rows until the table has `most` rows."""
        kept = self.rows.setdefault(table.name, [])
        wanted = islice(rows, self._most - len(kept))
        kept += [dict(zip(columns, row, strict=True)) for row in wanted]

    def update(self, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Update columns of the kept rows."""
        kept = {row[key]: row for row in self.rows.get(table.name, [])}
        for *values, of in rows:
            if of in kept:
                kept[of].update(zip(columns, values, strict=True))

    def defer(self) -> None:
        """Do nothing."""

    def suspend(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Do nothing."""

    def resume(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Do nothing."""

    def empty(self, table: Table, columns: Sequence[str]) -> None:
        """Do nothing."""

    def delete(self, table: Table) -> None:
        """Do nothing."""

    def restart(self, table: Table, column: str) -> None:
        """Do nothing."""
