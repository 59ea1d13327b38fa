"""The progress of a run in chunks, stored in the database that it fills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from faker_neural import DatabaseError
from faker_neural.seeding.journal_table import JOURNAL, has_journal

__all__ = ["Entry", "Journal"]


@dataclass
class Entry:
    """The progress of a table.

    Args:
        first: the number of its first row in this run.
        starts: the first number of each sequence, by column name.
        done: the number of rows written.
        filled: the number of rows that the second pass has filled.
    """

    first: int = 0
    starts: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    filled: int = 0


class Journal:
    """The progress of a run's tables.

    Args:
        run: the identifier of the run.
        kept: whether the entries are stored in the database.
    """

    def __init__(self, run: str, *, kept: bool) -> None:
        self.run, self.kept = run, kept
        self.entries: dict[str, Entry] = {}
        self._saved: dict[str, tuple[int, int]] = {}

    def of_other_run(self, connection: Connection) -> bool:
        """Return whether another run was stopped here; load the entries if it was this run.

        Without `kept`, every stopped run counts as another run.

        Args:
            connection: a connection to the database.
        """
        if not has_journal(connection):
            return False
        for row in connection.execute(select(JOURNAL)):
            if row.run != self.run or not self.kept:
                return True
            starts = json.loads(row.starts)
            self.entries[row.table_name] = Entry(row.first, starts, row.done, row.filled)
            self._saved[row.table_name] = (row.done, row.filled)
        return False

    def begin(self, connection: Connection, entries: Mapping[str, Entry]) -> None:
        """Set the entries of a new run, and store them for the case that the run is stopped.

        Args:
            connection: a connection to the database.
            entries: the entries by table name, with no rows done.
        """
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
        """Store the progress of a table, in the transaction of its rows.

        Args:
            connection: a connection to the database.
            table: the name of the table.

        Raises:
            DatabaseError: another run has changed the stored progress.
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
        """Create the journal's table; call it first, because MariaDB commits here.

        Args:
            connection: a connection to the database.
        """
        if self.kept:
            JOURNAL.create(connection, checkfirst=True)

    def drop(self, connection: Connection) -> None:
        """Drop the journal's table after the last row.

        Args:
            connection: a connection to the database.
        """
        if self.kept:
            JOURNAL.drop(connection, checkfirst=True)
