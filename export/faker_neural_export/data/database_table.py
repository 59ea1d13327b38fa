"""A database table as a source of training values."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from faker_neural import ColumnError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["DatabaseTable"]


class DatabaseTable(os.PathLike[str]):
    """A table or view of a database, used in the place of a file.

    Args:
        url: the URL of a SQLite, PostgreSQL, MariaDB or MySQL database.
        table: the name of the table or view.
    """

    suffix = ".table"

    def __init__(self, url: str, table: str) -> None:
        self.url, self.name = url, table

    def __fspath__(self) -> str:
        from faker_neural.seeding import printable_url

        return f"{printable_url(self.url)} {self.name}"

    def values(self, columns: Sequence[str | None]) -> list[list[str]]:
        """Return the values of columns as text, in the order of the primary key; NULL becomes "".

        Args:
            columns: the names of the columns. None raises an error that lists the columns.

        Returns:
            The values of each column, from one query, so that rows stay together.

        Raises:
            DatabaseError: the database cannot be read.
            MissingExtraError: SQLAlchemy or the driver is not installed.
            ColumnError: the table or a column does not exist, or a name is None.
        """
        from sqlalchemy import select

        from faker_neural.seeding import read_connection

        with read_connection(self.url) as connection:
            table = self._table(connection)
            cells = {cell.name: cell for cell in table.columns}
            picked = [cells[self._pick(cells, "column", column)] for column in columns]
            query = select(*picked).order_by(*(table.primary_key or ()))
            rows = connection.execute(query).all()
        return [["" if row[i] is None else str(row[i]) for row in rows] for i in range(len(picked))]

    def _table(self, connection: Connection) -> Table:
        from sqlalchemy import MetaData, inspect

        inspector = inspect(connection)
        names = dict.fromkeys([*inspector.get_table_names(), *inspector.get_view_names()])
        metadata = MetaData()
        wanted = self._pick(names, "table", self.name)
        metadata.reflect(connection, only=[wanted], views=True, resolve_fks=False)
        return metadata.tables[wanted]

    def _pick(self, known: Mapping[str, object], kind: str, name: str | None) -> str:
        if name is not None and name in known:
            return name
        near = get_close_matches(name or "", known)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        asked = f"has no {kind} {name!r}" if name is not None else f"needs the name of a {kind}"
        raise ColumnError(self, f"{asked}; {hint}")
