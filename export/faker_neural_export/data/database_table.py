"""A database table as a source of training values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from faker_neural import ColumnError

from .files.names import hint
from .files.notes import Notes
from .files.tidying import tidy_cells
from .sampling import blocks_of, sampled_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table

__all__ = ["DatabaseTable"]

_BLOCK = 10_000  # rows fetched together
_STREAMED = {"stream_results": True, "max_row_buffer": _BLOCK}


class DatabaseTable(os.PathLike[str]):
    """A table or view of a database, used in the place of a file.

    Args:
        url: the URL of a SQLite, PostgreSQL, MariaDB or MySQL database.
        table: the name of the table or view.
        as_is: whether HTML entities and cells such as "NULL" are left as they are.
        told: receives one line that says what was changed in the cells, if anything was.
        sample: how many rows are read, 1 or more, drawn at random; None for all rows. The rows of
            the table are streamed.
        sample_seed: another seed draws other rows.
    """

    is_plain = False

    def __init__(
        self,
        url: str,
        table: str,
        *,
        as_is: bool = False,
        told: Callable[[str], object] | None = None,
        sample: int | None = None,
        sample_seed: int = 0,
    ) -> None:
        self.url, self.name = url, table
        self._as_is, self._told = as_is, told
        self._sample, self._sample_seed = sample, sample_seed

    def __fspath__(self) -> str:
        from faker_neural.seeding import printable_url

        return f"{printable_url(self.url)} {self.name}"

    def values(self, columns: Sequence[str | None], *, cells: bool) -> list[list[str]]:
        """Return the values of columns as text, in the order of the primary key; NULL becomes "".

        Args:
            columns: the names of the columns. None raises an error that lists the columns.
            cells: whether the values are cells and not running text; see `ColumnFile.values`.

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
            known = {column.name: column for column in table.columns}
            picked = [known[self._pick(known, "column", column)] for column in columns]
            query = select(*picked).order_by(*(table.primary_key or ()))
            rows = list(self._rows(connection, table, query))
        notes, as_is = Notes(), self._as_is or not cells
        found = [
            tidy_cells(("" if row[i] is None else str(row[i]) for row in rows), notes, as_is=as_is)
            for i in range(len(picked))
        ]
        if notes.text:
            self.tell(notes.text)
        return found

    def tell(self, note: str) -> None:
        """Pass a line about the values, after the name of their source, to `told`.

        Args:
            note: the line.
        """
        if self._told is not None:
            self._told(f"{os.fspath(self)}: {note}")

    def _rows(
        self, connection: Connection, table: Table, query: Select[Any]
    ) -> Iterator[Sequence[Any]]:
        """Yield the rows of a query on the whole table, or those of the sample."""
        from sqlalchemy import func, select

        if self._sample is None:
            yield from connection.execute(query)
            return
        total = connection.execute(select(func.count()).select_from(table)).scalar_one()
        rows = sampled_rows(total, self._sample, self._sample_seed)
        found = connection.execute(query, execution_options=_STREAMED).partitions(_BLOCK)
        for number, block in enumerate(found):
            for _, places in blocks_of(rows, number * _BLOCK, number * _BLOCK + len(block), _BLOCK):
                yield from (block[place] for place in places.tolist())

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
        asked = f"has no {kind} {name!r}" if name is not None else f"needs the name of a {kind}"
        raise ColumnError(self, f"{asked}; {hint(name or '', known)}")
