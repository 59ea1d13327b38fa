"""What a run in chunks has written so far, kept in the database beside the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy
from sqlalchemy import Connection, insert, select, update

from faker_neural import DatabaseError
from faker_neural.seeding.schema.journal_table import JOURNAL

__all__ = ["Entry", "Journal"]


@dataclass
class Entry:
    """How far a table is.

    Args:
        first: the number of its first row in this run.
        starts: where each sequence starts, by column.
        done: rows written.
        filled: rows that the second pass has filled.
    """

    first: int = 0
    starts: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    filled: int = 0


class Journal:
    """The entries of a run's tables.

    Args:
        run: tells this run from others.
        kept: whether they are written to the database.
    """

    def __init__(self, run: str, *, kept: bool) -> None:
        self.run, self.kept = run, kept
        self.entries: dict[str, Entry] = {}
        self._saved: dict[str, tuple[int, int]] = {}

    def of_other_run(self, connection: Connection) -> bool:
        """Say whether another run was stopped; read the entries where it was this one."""
        if not sqlalchemy.inspect(connection).has_table(JOURNAL.name):
            return False
        for row in connection.execute(select(JOURNAL)):
            if row.run != self.run or not self.kept:
                return True
            starts = json.loads(row.starts)
            self.entries[row.table_name] = Entry(row.first, starts, row.done, row.filled)
            self._saved[row.table_name] = (row.done, row.filled)
        return False

    def begin(self, connection: Connection, entries: Mapping[str, Entry]) -> None:
        """Take entries for a run that begins, which may be read again after it was stopped."""
        self.entries = dict(entries)
        if self.kept:
            connection.execute(
                insert(JOURNAL),
                [
                    {
                        "table_name": name,
                        "run": self.run,
                        "first": entry.first,
                        "starts": json.dumps(entry.starts),
                        "done": 0,
                        "filled": 0,
                    }
                    for name, entry in entries.items()
                ],
            )

    def save(self, connection: Connection, table: str) -> None:
        """Write how far a table is, in the transaction of its rows.

        Raises:
            DatabaseError: it is not as this run has left it.
        """
        if not self.kept:
            return
        entry, (done, filled) = self.entries[table], self._saved.get(table, (0, 0))
        as_left = (
            JOURNAL.c.table_name == table,
            JOURNAL.c.done == done,
            JOURNAL.c.filled == filled,
        )
        changed = connection.execute(
            update(JOURNAL).where(*as_left).values(done=entry.done, filled=entry.filled)
        )
        if not changed.rowcount:
            raise DatabaseError(table, "another run is filling it at the same time")
        self._saved[table] = (entry.done, entry.filled)

    def create(self, connection: Connection) -> None:
        """Make the table; on MariaDB that ends a transaction, so it comes before all else."""
        if self.kept:
            JOURNAL.create(connection, checkfirst=True)

    def drop(self, connection: Connection) -> None:
        """Remove the table after the last row."""
        if self.kept:
            JOURNAL.drop(connection, checkfirst=True)
