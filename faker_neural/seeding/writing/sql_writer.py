"""Writes rows as SQL statements to a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import sqlalchemy
from sqlalchemy import Dialect, insert, update
from sqlalchemy.sql.expression import Executable

from faker_neural.seeding.schema.schema import Column, Table

from .database_writers import COPIED
from .writer import Row, StatementWriter

__all__ = ["SqlWriter"]

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


class SqlWriter(StatementWriter):
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
            text = COPIED[column.kind](value)
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
