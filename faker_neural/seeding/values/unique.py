"""Keys that no two rows share, held by construction."""

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

from .distinct import Seen, hashes, made_alike
from .row_random import Rows, column_seed, permuted, row_keys_of
from .sources import Counted, Drawn

__all__ = ["Block", "Linked", "Part", "UniqueKey", "deal", "number_of_texts"]

_ATTEMPTS = 8  # until a text gets a number
_STEPS = 256  # combinations that are made together
_TOGETHER = 2  # of these, drawn for all rows of a block that need them


@dataclass
class Block:
    """Some rows of a table: their numbers, int64 [rows], and the values of each column."""

    rows: Rows
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class Part:
    """What is drawn together: a column, or the columns of a foreign key.

    Args:
        columns: their names.
        seed: of their values.
        source: of their values; a foreign key's gives tuples.
        column: of a single one.
    """

    columns: tuple[str, ...]
    seed: int
    source: Drawn | Counted
    column: Column | None = None

    @property
    def may_be_numbered(self) -> bool:
        """Whether a number may follow its text."""
        column = self.column
        return column is not None and column.kind == "text" and column.domain.pattern is None

    def put(self, block: Block, place: int, value: Any) -> None:
        """Return a row another value."""
        for name, one in zip(self.columns, self._split(value), strict=True):
            block.columns[name][place] = one

    def put_all(self, block: Block, values: Sequence[Any]) -> None:
        """Return all rows their values."""
        split = [self._split(value) for value in values]
        for place, name in enumerate(self.columns):
            block.columns[name] = [one[place] for one in split]

    def _split(self, value: Any) -> tuple[Any, ...]:
        return value if self.column is None else (value,)


@dataclass(frozen=True)
class Linked:
    """Foreign keys that share columns, drawn again together: `relink(block, place, attempt)`."""

    relink: Callable[[Block, int, int], None]

    def put(self, block: Block, place: int, value: Any) -> None:
        """Draw them again for a row, at the attempt that the value is."""
        self.relink(block, place, value)


_Try = tuple[Part | Linked, Any]  # what is put, and the value


def deal(parts: Sequence[Part], seed: int, block: Block) -> None:
    """Return each row a combination of its own: row n the n-th of all, in a shuffled order."""
    sizes = [_counted(part).count for part in parts]
    chosen = permuted(seed, block.rows % math.prod(sizes), math.prod(sizes))
    for part, numbers in zip(parts, _digits(chosen, sizes), strict=True):
        part.put_all(block, _counted(part).at(numbers))


def _counted(part: Part) -> Counted:
    assert isinstance(part.source, Counted)
    return part.source


def _digits(chosen: NDArray[np.int64], sizes: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    for size in sizes:
        yield chosen % size
        chosen = chosen // size


def number_of_texts(column: Column) -> int | None:
    """Return how many texts a column surely holds, those of digits; None for more than enough."""
    room = column.fit.guaranteed_characters("0")
    return None if room is None or room > 18 else sum(10**length for length in range(1, room + 1))


@dataclass
class UniqueKey:
    """A key whose rows are compared with all rows before.

    Args:
        table: the table's name.
        columns: the key's.
        parts: those of them that may be drawn again.
        linked: what draws others of them again together.
        seed: of the order in which combinations are tried.
        alike: makes of each column's value one that does not tell how it came here.
        seen: the keys there are.
    """

    table: str
    columns: tuple[str, ...]
    parts: Sequence[Part]
    linked: Sequence[Linked]
    seed: int
    alike: Sequence[Callable[[Any], Any]]
    seen: Seen = field(default_factory=Seen)

    @classmethod
    def of(
        cls,
        table: str,
        columns: Sequence[Column],
        parts: Sequence[Part],
        linked: Sequence[Linked],
        seed: int,
    ) -> UniqueKey:
        """Make a key of a table that the plan's seed fills."""
        names = tuple(column.name for column in columns)
        own = column_seed(seed, table, "unique", *names)
        return cls(table, names, parts, linked, own, [made_alike(column) for column in columns])

    def hashes(self, rows: Iterable[Sequence[Any]]) -> NDArray[np.uint64]:
        """Return a hash of each row's key, made here or read back, uint64 [rows]."""
        return hashes(
            [make(value) for make, value in zip(self.alike, row, strict=True)] for row in rows
        )

    def settle(self, block: Block) -> None:
        """Draw again, from the first row to the last, what equals an earlier row's key.

        Raises:
            DatabaseError: nothing new was found.
        """
        keys = list(zip(*(block.columns[name] for name in self.columns), strict=True))
        places = [place for place, key in enumerate(keys) if None not in key]
        found = self.hashes(keys[place] for place in places)
        again = self.seen.holds(found) | _repeated(found)
        held = {
            one: place
            for one, place, other in zip(found.tolist(), places, again.tolist(), strict=True)
            if not other
        }
        self._replace(block, [places[one] for one in np.flatnonzero(again).tolist()], held)
        self.seen.add(np.array(sorted(held), dtype=np.uint64))

    def _replace(self, block: Block, places: list[int], held: dict[int, int]) -> None:
        """Return these rows other keys, from the first to the last.

        Args:
            block: the rows.
            places: of those that equal an earlier row, ascending.
            held: the place of each hash that the others have; a later row that has what an earlier
                one takes is replaced in its turn, as if rows came one by one.
        """
        tries = dict(zip(places, self._first_tries(block, places), strict=True))
        while places:
            place = heappop(places)
            taken = self._new(block, place, tries.get(place, ()), held)
            if taken in held:
                heappush(places, held[taken])
            held[taken] = place

    def _first_tries(self, block: Block, places: Sequence[int]) -> list[list[_Try]]:
        """Draw the first other values of all rows together, which costs little more than one's."""
        if not self._drawn or not places:
            return [[] for _ in places]
        part, count = self._drawn[0], _TOGETHER
        keys = attempt_keys(row_keys_of(part.seed, block.rows[list(places)]), range(1, count + 1))
        values = _of_keys(part, keys.ravel())
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
        for part, value in chain(tries, self._candidates(block, place, len(tries))):
            part.put(block, place, value)
            found = self.hashes([[block.columns[name][place] for name in self.columns]])
            if held.get(int(found[0]), place) >= place and not self.seen.holds(found)[0]:
                return int(found[0])
        raise DatabaseError(
            self.table, f"row {block.rows[place]} has no new value of {', '.join(self.columns)}"
        )

    @property
    def _drawn(self) -> list[Part]:
        return [part for part in self.parts if isinstance(part.source, Drawn)]

    def _candidates(self, block: Block, place: int, tried: int) -> Iterator[_Try]:
        counted = [part for part in self.parts if isinstance(part.source, Counted)]
        row = block.rows[place : place + 1]
        for number, part in enumerate((*self._drawn, *counted)):
            attempts = range(1 if number else tried + 1, _ATTEMPTS + 1)
            keys = attempt_keys(row_keys_of(part.seed, row), attempts)[0]
            yield from ((part, value) for value in _of_keys(part, keys))
        for one in self.linked:
            yield from ((one, attempt) for attempt in range(1, ATTEMPTS + 1))
        for part in self._drawn:
            if part.may_be_numbered:
                yield from ((part, text) for text in _numbered(part, block, place))
        if counted:
            yield from self._walk(counted, block, place)

    def _walk(self, parts: Sequence[Part], block: Block, place: int) -> Iterator[_Try]:
        """Try all combinations, from the row's own on."""
        sizes = [_counted(part).count for part in parts]
        total, row = math.prod(sizes), int(block.rows[place])
        *others, last = parts
        for begin in range(0, total, _STEPS):
            steps = np.arange(begin, min(begin + _STEPS, total), dtype=np.int64)
            chosen = permuted(self.seed, (row + steps) % total, total)
            digits = list(_digits(chosen, sizes))
            values = [_counted(part).at(number) for part, number in zip(parts, digits, strict=True)]
            for *those, that in zip(*values, strict=True):
                for part, value in zip(others, those, strict=True):
                    part.put(block, place, value)
                yield last, that


def _of_keys(part: Part, keys: NDArray[np.uint64]) -> list[Any]:
    if isinstance(part.source, Drawn):
        return part.source.values(keys)
    return part.source.at(part.source.numbers(keys))


def _numbered(part: Part, block: Block, place: int) -> Iterator[str]:
    """Return a text with the row's number after it, then with further ones."""
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
