"""What every writer of rows can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import Dialect, delete, update
from sqlalchemy.sql.expression import Executable

from faker_neural.seeding.schema.schema import ForeignKey, Table

__all__ = ["Row", "StatementWriter", "Writer"]

Row = Sequence[Any]
"""The values of a row."""


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


class StatementWriter(Writer):
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
