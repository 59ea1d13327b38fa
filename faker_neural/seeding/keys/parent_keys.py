"""The parent keys that a foreign key may refer to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from faker_neural._keys import Keys
from faker_neural.seeding.schema.schema import Table
from faker_neural.seeding.values.counted import EnumeratedSource
from faker_neural.seeding.values.row_random import pick_parent

__all__ = ["KeyStore", "OwnKeys", "Parents"]


STREAMED = {"stream_results": True}
"""Execution options with which a driver does not fetch all rows at once."""


def _read(
    connection: Connection, table: sqlalchemy.Table, columns: Sequence[str]
) -> Sequence[tuple[Any, ...]]:
    """Return the distinct keys of a table, sorted, without keys that contain NULL."""
    wanted = [table.c[name] for name in columns]
    # whole numbers without a gap become a range, which takes no memory
    if len(wanted) == 1 and isinstance(wanted[0].type, sqlalchemy.Integer):
        column = wanted[0]
        count, low, high = connection.execute(
            select(func.count(column.distinct()), func.min(column), func.max(column))
        ).one()
        if count and high - low + 1 == count:
            return _Numbers(range(low, high + 1))
    query = select(*wanted).where(*(column.is_not(None) for column in wanted)).distinct()
    return sorted(
        (tuple(row) for row in connection.execute(query, execution_options=STREAMED)), key=_order
    )


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value if isinstance(value, int | float | Decimal | str) else str(value) for value in key
    )


class _Numbers(Sequence[tuple[int]]):
    def __init__(self, numbers: range) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        return (self._numbers[place],)

    def before(self, start: int) -> _Numbers:
        """Return the numbers below `start`."""
        low, high = self._numbers.start, self._numbers.stop
        return _Numbers(range(low, min(high, max(low, start))))


class Parents(EnumeratedSource):
    """The parents that a foreign key may refer to, numbered from 0.

    Args:
        keys: the keys of the parents.
        skew: the exponent s of Zipf's law, 0 or more: the n-th parent is picked with a weight of
            1 / n**s; with 0 all parents are equally likely.
    """

    def __init__(self, keys: Sequence[tuple[Any, ...]], skew: float = 0.0) -> None:
        self.keys, self.count, self.skew = keys, len(keys), skew

    def at(self, numbers: NDArray[np.int64]) -> list[tuple[Any, ...]]:
        """Return the keys of the parents with these numbers.

        Args:
            numbers: int64 [rows], each below `count`.
        """
        if isinstance(self.keys, OwnKeys):
            return self.keys.at(numbers)
        return [self.keys[number] for number in numbers.tolist()]

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        """Pick a parent for each random key.

        Args:
            keys: uint64 [rows].

        Returns:
            The numbers of the parents, int64 [rows].
        """
        return self.numbers_below(keys, np.full(len(keys), self.count, dtype=np.int64))

    def numbers_below(self, keys: Keys, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pick one of the first parents for each random key.

        Args:
            keys: uint64 [rows].
            counts: how many of the first parents each row may refer to, int64 [rows], 1 or more.

        Returns:
            The numbers of the parents, int64 [rows], each below its count.
        """
        return pick_parent(keys, counts, self._cumulated if self.skew else None)

    @cached_property
    def _cumulated(self) -> NDArray[np.float64]:
        """The cumulative weights of the parents in units of 2**-32, float64 [parents]."""
        # Rounded, because the last digit of a power may differ between machines. The first n sums
        # depend on the first n parents alone.
        weights = np.arange(1, self.count + 1, dtype=np.float64) ** -self.skew
        return np.cumsum(np.maximum(np.rint(weights * 2**32), 1))


class OwnKeys(Sequence[tuple[Any]]):
    """The keys of a table's earlier rows, followed by the keys of the run's own rows.

    Args:
        earlier: the keys of the rows before the run.
        rows: the number of rows of the run.
        keys_of: returns the key values of the run's rows with some indices, int64 [rows], counted
            from 0.
    """

    def __init__(
        self,
        earlier: Sequence[tuple[Any, ...]],
        rows: int,
        keys_of: Callable[[NDArray[np.int64]], Sequence[Any]],
    ) -> None:
        self._earlier, self._rows, self._keys_of = earlier, rows, keys_of

    def __len__(self) -> int:
        return len(self._earlier) + self._rows

    def __getitem__(self, place: Any) -> Any:
        if place >= len(self):
            raise IndexError(place)  # ends an iteration
        if place < len(self._earlier):
            return self._earlier[place]
        return (self._keys_of(np.array([place - len(self._earlier)]))[0],)

    def at(self, numbers: NDArray[np.int64]) -> list[tuple[Any, ...]]:
        """Return many keys at once.

        Args:
            numbers: the places of the keys, int64 [keys], each 0 or more and below the length.
        """
        there = len(self._earlier)
        own = iter(self._keys_of(numbers[numbers >= there] - there))
        return [
            self._earlier[place] if place < there else (next(own),) for place in numbers.tolist()
        ]


class KeyStore:
    """The keys of parent tables: those in the database and, in a dry run, those of its rows.

    Args:
        connection: a connection to the database.
        dry: whether the run writes nothing to the database.
        wanted: the tables and columns that foreign keys refer to.
        truncated: the tables that a dry run treats as empty.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        dry: bool,
        wanted: Collection[tuple[str, tuple[str, ...]]],
        truncated: Collection[str],
    ) -> None:
        self._connection, self._dry, self._emptied = connection, dry, truncated
        self._made: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {
            one: [] for one in wanted
        }

    def add(self, table: str, columns: dict[str, list[Any]]) -> None:
        """Keep the keys of rows that a dry run has made; do nothing in other runs.

        Args:
            table: the name of the table.
            columns: the values of the rows, by column name.
        """
        if self._dry:
            for (name, key), made in self._made.items():
                if name == table and set(key) <= set(columns):
                    made += zip(*(columns[column] for column in key), strict=True)

    def of(self, table: Table, columns: tuple[str, ...]) -> Sequence[tuple[Any, ...]]:
        """Return the keys that a table has now, sorted.

        Args:
            table: the parent table.
            columns: the names of the key's columns.
        """
        there = self.before(table, columns)
        made = self._made.get((table.name, columns)) if self._dry else None
        return sorted([*there, *made], key=_order) if made else there

    def before(
        self, table: Table, columns: tuple[str, ...], start: int | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """Return the keys in the database, sorted.

        Args:
            table: the parent table.
            columns: the names of the key's columns.
            start: the number below which keys are returned; None for all keys.
        """
        if self._dry and table.name in self._emptied:
            return []
        there = _read(self._connection, table.sql, columns)
        if start is None:
            return there
        if isinstance(there, _Numbers):
            return there.before(start)
        return [key for key in there if key[0] < start]
