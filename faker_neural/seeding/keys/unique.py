"""Unique keys: combinations that are dealt out, and rows that are compared and redrawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural import DatabaseError
from faker_neural._constraints.rejection import ATTEMPTS
from faker_neural._keys import attempt_keys
from faker_neural.seeding.schema.schema import Column
from faker_neural.seeding.values.counted import EnumeratedSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.drawn import RandomSource
from faker_neural.seeding.values.row_random import Rows, column_seed, permutation, row_keys_of

from .distinct import HashSet, hashes, normaliser

__all__ = [
    "Block",
    "KeyPart",
    "LinkedForeignKeys",
    "UniqueKey",
    "deal",
    "number_of_texts",
    "values_of_keys",
]

_ATTEMPTS = 8  # draws before a number is appended to a text
_STEPS = 256  # combinations made together
_MOST_REFUSED = 1_000  # values that a CHECK refuses before a row is given up
_TOGETHER = 2  # attempts drawn together for all rows of a block that repeat a key


@dataclass
class Block:
    """Some rows of a table.

    Args:
        rows: the row numbers, int64 [rows].
        columns: the values of each column, by column name.
    """

    rows: Rows
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class KeyPart:
    """Columns that are drawn together: a single column, or the columns of a foreign key.

    Args:
        columns: the names of the columns.
        seed: the seed of their values.
        source: the source of their values, which are tuples for a foreign key.
        column: the single column; None for a foreign key.
    """

    columns: tuple[str, ...]
    seed: int
    source: Source
    column: Column | None = None

    @property
    def may_be_numbered(self) -> bool:
        """Whether the values are texts to which a number may be appended."""
        column = self.column
        return column is not None and column.kind == "text" and column.domain.pattern is None

    def put(self, block: Block, place: int, value: Any) -> None:
        """Set the value of a row.

        Args:
            block: the rows.
            place: the index of the row in the block.
            value: the new value; a tuple for a foreign key.
        """
        for name, one in zip(self.columns, self._split(value), strict=True):
            block.columns[name][place] = one

    def put_all(self, block: Block, values: Sequence[Any]) -> None:
        """Set the values of all rows.

        Args:
            block: the rows.
            values: a value for each row; tuples for a foreign key.
        """
        split = [self._split(value) for value in values]
        for place, name in enumerate(self.columns):
            block.columns[name] = [one[place] for one in split]

    def _split(self, value: Any) -> tuple[Any, ...]:
        return value if self.column is None else (value,)


@dataclass(frozen=True)
class LinkedForeignKeys:
    """Foreign keys that share columns and are drawn again together.

    Args:
        relink: draws them again; takes the block, the index of the row and the attempt, 1 or more.
    """

    relink: Callable[[Block, int, int], None]

    def put(self, block: Block, place: int, value: Any) -> None:
        """Draw the foreign keys of a row again.

        Args:
            block: the rows.
            place: the index of the row in the block.
            value: the number of the attempt, 1 or more.
        """
        self.relink(block, place, value)


_Try = tuple[KeyPart | LinkedForeignKeys, Any]  # the part to set, and its value


def deal(parts: Sequence[KeyPart], seed: int, block: Block) -> None:
    """Set a combination of values in each row: row n gets the n-th of all in a shuffled order.

    Args:
        parts: the parts of the key, all with a `EnumeratedSource` source.
        seed: the seed of the order.
        block: the rows; changed in place.
    """
    sizes = [_counted(part).count for part in parts]
    chosen = permutation(seed, block.rows % math.prod(sizes), math.prod(sizes))
    for part, numbers in zip(parts, _digits(chosen, sizes), strict=True):
        part.put_all(block, _counted(part).at(numbers))


def _counted(part: KeyPart) -> EnumeratedSource:
    assert isinstance(part.source, EnumeratedSource)
    return part.source


def _digits(chosen: NDArray[np.int64], sizes: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    for size in sizes:
        yield chosen % size
        chosen = chosen // size


def number_of_texts(column: Column) -> int | None:
    """Return how many texts of digits fit a column; None for over 18 digits or no limit.

    Args:
        column: the column.
    """
    room = column.fit.guaranteed_characters("0")
    return None if room is None or room > 18 else sum(10**length for length in range(1, room + 1))


@dataclass
class UniqueKey:
    """A unique key that is enforced by comparing each row with all rows before it.

    Args:
        table: the name of the table.
        columns: the names of the key's columns.
        parts: the parts of the key that may be drawn again.
        linked: the linked foreign keys of the key, which are drawn again together.
        seed: the seed of the order in which combinations are tried.
        alike: for each column, a function from `normaliser`.
        refused: returns the places of the rows of a block whose key a CHECK constraint refuses;
            None if no constraint reads the key alone.
        seen: the hashes of the existing keys.
    """

    table: str
    columns: tuple[str, ...]
    parts: Sequence[KeyPart]
    linked: Sequence[LinkedForeignKeys]
    seed: int
    alike: Sequence[Callable[[Any], Any]]
    refused: Callable[[Block], Sequence[int]] | None = None
    seen: HashSet = field(default_factory=HashSet)

    @classmethod
    def of(
        cls,
        table: str,
        columns: Sequence[Column],
        parts: Sequence[KeyPart],
        linked: Sequence[LinkedForeignKeys],
        seed: int,
    ) -> UniqueKey:
        """Make a unique key of a table.

        Args:
            table: the name of the table.
            columns: the key's columns.
            parts: the parts of the key that may be drawn again.
            linked: the linked foreign keys of the key, which are drawn again together.
            seed: the seed of the plan.
        """
        names = tuple(column.name for column in columns)
        own = column_seed(seed, table, "unique", *names)
        return cls(table, names, parts, linked, own, [normaliser(column) for column in columns])

    def hashes(self, rows: Iterable[Sequence[Any]]) -> NDArray[np.uint64]:
        """Return a hash of each row's key, the same for generated rows and rows read back.

        Args:
            rows: the values of the key's columns in each row.

        Returns:
            uint64 [rows].
        """
        return hashes(
            [make(value) for make, value in zip(self.alike, row, strict=True)] for row in rows
        )

    def settle(self, block: Block) -> None:
        """Draw the keys that equal an earlier row's, or are refused, again, from the first row on.

        Keys that contain NULL are not compared.

        Args:
            block: the rows; changed in place.

        Raises:
            DatabaseError: no new key was found for a row.
        """
        keys = list(zip(*(block.columns[name] for name in self.columns), strict=True))
        places = [place for place, key in enumerate(keys) if None not in key]
        found = self.hashes(keys[place] for place in places)
        refused = set(self.refused(block)) if self.refused else set()
        wrong = np.array([place in refused for place in places], dtype=bool)
        again = self.seen.holds(found) | wrong | _repeated(found)
        held = {
            one: place
            for one, place, other in zip(found.tolist(), places, again.tolist(), strict=True)
            if not other
        }
        self._replace(block, [places[one] for one in np.flatnonzero(again).tolist()], held)
        self.seen.add(np.array(sorted(held), dtype=np.uint64))

    def _replace(self, block: Block, places: list[int], held: dict[int, int]) -> None:
        """Draw new keys for rows, from the first to the last.

        Args:
            block: the rows.
            places: the indices of the rows that repeat a key, ascending.
            held: the index of the row that has each hash, for all other rows.
        """
        tries = dict(zip(places, self._first_tries(block, places), strict=True))
        while places:
            place = heappop(places)
            taken = self._new(block, place, tries.get(place, ()), held)
            if taken in held:  # by a later row, which gives way, as if rows came one by one
                heappush(places, held[taken])
            held[taken] = place

    def _first_tries(self, block: Block, places: Sequence[int]) -> list[list[_Try]]:
        """Draw the first new values of all rows together, which costs little more than one row."""
        if not self._drawn or not places:
            return [[] for _ in places]
        part, count = self._drawn[0], _TOGETHER
        keys = attempt_keys(row_keys_of(part.seed, block.rows[list(places)]), range(1, count + 1))
        values = values_of_keys(part.source, keys.ravel())
        return [
            [(part, value) for value in values[start : start + count]]
            for start in range(0, len(values), count)
        ]

    def _new(
        self,
        block: Block,
        place: int,
        tries: Sequence[_Try],
        held: Mapping[int, int],
    ) -> int:
        refused = 0
        for part, value in chain(tries, self._candidates(block, place, len(tries))):
            part.put(block, place, value)
            found = self.hashes([[block.columns[name][place] for name in self.columns]])
            taken = held.get(int(found[0]), place) < place or self.seen.holds(found)[0]
            if taken:
                continue
            if not self._is_refused(block, place):
                return int(found[0])
            refused += 1
            if refused > _MOST_REFUSED:
                break
        names = ", ".join(self.columns)
        left = "that meets its CHECK constraints" if refused > _MOST_REFUSED else "left"
        raise DatabaseError(
            self.table, f"row {block.rows[place]} has no unused value {left} for {names}"
        )

    def _is_refused(self, block: Block, place: int) -> bool:
        if self.refused is None:
            return False
        columns = {name: [block.columns[name][place]] for name in self.columns}
        return bool(self.refused(Block(block.rows[place : place + 1], columns)))

    @property
    def _drawn(self) -> list[KeyPart]:
        return [part for part in self.parts if isinstance(part.source, RandomSource)]

    def _candidates(self, block: Block, place: int, tried: int) -> Iterator[_Try]:
        counted = [part for part in self.parts if isinstance(part.source, EnumeratedSource)]
        row = block.rows[place : place + 1]
        for number, part in enumerate((*self._drawn, *counted)):
            attempts = range(1 if number else tried + 1, _ATTEMPTS + 1)
            keys = attempt_keys(row_keys_of(part.seed, row), attempts)[0]
            yield from ((part, value) for value in values_of_keys(part.source, keys))
        for one in self.linked:
            yield from ((one, attempt) for attempt in range(1, ATTEMPTS + 1))
        for part in self.parts:
            if part.may_be_numbered and not isinstance(part.source, EnumeratedSource):
                yield from ((part, text) for text in _numbered(part, block, place))
        if counted:
            yield from self._walk(counted, block, place)

    def _walk(self, parts: Sequence[KeyPart], block: Block, place: int) -> Iterator[_Try]:
        """Yield all combinations, starting at the row's own."""
        sizes = [_counted(part).count for part in parts]
        total, row = math.prod(sizes), int(block.rows[place])
        *others, last = parts
        for begin in range(0, total, _STEPS):
            steps = np.arange(begin, min(begin + _STEPS, total), dtype=np.int64)
            chosen = permutation(self.seed, (row + steps) % total, total)
            digits = list(_digits(chosen, sizes))
            values = [_counted(part).at(number) for part, number in zip(parts, digits, strict=True)]
            for *those, that in zip(*values, strict=True):
                for part, value in zip(others, those, strict=True):
                    part.put(block, place, value)
                yield last, that


def values_of_keys(source: Source, keys: NDArray[np.uint64]) -> list[Any]:
    """Return the value of a source for each random key.

    Args:
        source: a source that is not derived.
        keys: uint64 [rows].
    """
    if isinstance(source, RandomSource):
        return source.values(keys)
    assert isinstance(source, EnumeratedSource)
    return source.at(source.numbers(keys))


def _numbered(part: KeyPart, block: Block, place: int) -> Iterator[str]:
    """Yield the text with the row's number at its end or before @, then with the next numbers."""
    column = part.column
    assert column is not None
    text, row = str(block.columns[column.name][place]), int(block.rows[place]) + 1
    room = column.fit.guaranteed_characters("0")
    most = 10 ** min(18, room if room is not None else 18)
    for step in range(most):
        number = str((row + step) % most)
        before, at, after = text.partition("@")
        space = "" if at or not before[-1:].isalnum() or " " not in text else " "
        while before and not column.fit.holds(f"{before}{space}{number}{at}{after}"):
            before = before[:-1]
        whole = f"{before.rstrip()}{space}{number}{at}{after}"
        yield whole if column.fit.holds(whole) else number


def _repeated(found: NDArray[np.uint64]) -> NDArray[np.bool_]:
    again = np.ones(len(found), dtype=bool)
    again[np.unique(found, return_index=True)[1]] = False
    return again
