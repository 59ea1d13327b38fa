"""Foreign keys of rows: which parent each row refers to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys, attempt_keys
from faker_neural.seeding.schema.schema import ForeignKey
from faker_neural.seeding.values.row_random import Rows, below, column_seed, null_mask, row_keys_of

from .parent_keys import Parents
from .unique import Block

__all__ = ["Reference", "ReferenceByType", "ReferencePerParent", "children_before"]

Picked = list[tuple[Any, ...] | None]
"""The key of each row's parent; None for no parent."""


@dataclass
class Reference:
    """A foreign key and the parents that it may refer to.

    Args:
        key: the foreign key.
        seed: the seed of the picks.
        null: the share of rows whose foreign key is NULL, 0 to 1.
        parents: the parents to pick from.
        shared: the columns that an earlier foreign key of the table has filled.
        own: for a self-reference in the first pass, the number of parents before the run's own
            rows, which follow in `parents`; each row refers to an earlier row. Otherwise None.
    """

    key: ForeignKey
    seed: int
    null: float
    parents: Parents
    shared: tuple[str, ...] = ()
    own: int | None = None

    def fill(self, block: Block, first: int, nullable: Collection[str], attempt: int = 0) -> None:
        """Set the key of a picked parent in each row of a block.

        Args:
            block: the rows; changed in place.
            first: the number of the run's first row.
            nullable: the columns of the foreign key that may be NULL.
            attempt: how often the parents were picked before, 0 or more.
        """
        keys = row_keys_of(self.seed, block.rows)
        if attempt:
            keys = attempt_keys(keys, [attempt])[:, 0]
        found = self.picked(keys, block, first, bool(nullable))
        for place, name in enumerate(self.key.columns):
            if name not in self.shared:
                block.columns[name] = [None if one is None else one[place] for one in found]
        self.empty(block, nullable)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the key, and the one that says which table they refer to."""
        return (*self.key.columns, self.key.by[0]) if self.key.by else self.key.columns

    @property
    def is_enumerated(self) -> bool:
        """Whether each row may have any of `parents`."""
        return self.own is None and not self.shared

    def picked(self, keys: Keys, block: Block, first: int, nullable: bool) -> Picked:
        """Return the key of a parent for each row; None for no parent.

        Args:
            keys: the random keys of the rows, uint64 [rows].
            block: the rows.
            first: the number of the run's first row.
            nullable: whether a row may have no parent.
        """
        if self.own is not None:
            return self._earlier(keys, self.own + block.rows - first, nullable)
        if self.shared:
            return self._of_same(keys, block)
        if not self.parents.count:
            return [None] * len(block.rows)
        return list(self.parents.at(self.parents.numbers(keys)))

    def empty(self, block: Block, nullable: Collection[str]) -> None:
        """Set the foreign key of some rows to NULL, by the share `null`.

        A single NULL column is enough for a foreign key to refer to nothing.

        Args:
            block: the rows; changed in place.
            nullable: the columns to set; columns in `shared` keep their values.
        """
        if not self.null:
            return
        none = null_mask(row_keys_of(self.seed, block.rows), self.null).tolist()
        for name in set(self.key.columns) & set(nullable) - set(self.shared):
            cells = block.columns[name]
            block.columns[name] = [
                None if no else cell for cell, no in zip(cells, none, strict=True)
            ]

    def only(self, allowed: Collection[tuple[Any, ...]], columns: Sequence[str]) -> None:
        """Keep the parents that agree with another foreign key; keep all if none agrees.

        Args:
            allowed: the values of the shared columns that the other foreign key allows.
            columns: the names of the shared columns.
        """
        places = [self.key.columns.index(name) for name in columns]
        keys = [key for key in self.parents.keys if tuple(key[at] for at in places) in allowed]
        if keys:
            self.parents = Parents(keys, self.parents.skew)

    def _earlier(self, keys: Keys, counts: NDArray[np.int64], nullable: bool) -> Picked:
        """Pick earlier rows of the table; the very first is NULL or, if not nullable, itself."""
        numbers = self.parents.numbers_below(keys, np.maximum(counts, 1))
        found: Picked = list(self.parents.at(numbers))
        if nullable:
            found = [one if count else None for one, count in zip(found, counts, strict=True)]
        return found

    def _of_same(self, keys: Keys, block: Block) -> Picked:
        """Pick parents that agree with an earlier foreign key in the shared columns."""
        wanted = list(zip(*(block.columns[name] for name in self.shared), strict=True))
        groups = self.groups
        sizes = np.array([max(1, len(groups.get(one, ()))) for one in wanted], dtype=np.int64)
        numbers = self.parents.numbers_below(keys, sizes).tolist()
        return [
            groups[one][number] if one in groups else None
            for one, number in zip(wanted, numbers, strict=True)
        ]

    @property
    def groups(self) -> Mapping[tuple[Any, ...], Sequence[tuple[Any, ...]]]:
        """The parent keys, grouped by their values in the shared columns."""
        if not hasattr(self, "_grouped"):
            places = [self.key.columns.index(name) for name in self.shared]
            self._grouped: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
            for key in self.parents.at(np.arange(self.parents.count)):
                self._grouped.setdefault(tuple(key[place] for place in places), []).append(key)
        return self._grouped


@dataclass
class ReferenceByType(Reference):
    """A foreign key whose parent table depends on another column of the row.

    Args:
        of_type: the parents for each value of the other column.
    """

    of_type: Mapping[Any, Parents] = field(default_factory=dict)

    @property
    def is_enumerated(self) -> bool:
        """Whether each row may have any of `parents`: no."""
        return False

    def picked(self, keys: Keys, block: Block, first: int, nullable: bool) -> Picked:
        """Return the key of a parent for each row; None for no parent."""
        assert self.key.by is not None
        found: Picked = [None] * len(block.rows)
        types = block.columns[self.key.by[0]]
        for value, parents in self.of_type.items():
            places = [place for place, one in enumerate(types) if one == value]
            if places and parents.count:
                for place, key in zip(
                    places, parents.at(parents.numbers(keys[places])), strict=True
                ):
                    found[place] = key
        return found


@dataclass
class ReferencePerParent(Reference):
    """A foreign key of children: each parent has some, and they follow one another.

    Args:
        before: the number of children before each parent and after the last one, int64
            [parents + 1].
        base: the number of children before the run's first row.
        key_of: returns the keys of parents by their numbers, int64 [rows].
    """

    before: Rows = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    base: int = 0
    key_of: Callable[[Rows], Sequence[Any]] = lambda numbers: ()

    @property
    def is_enumerated(self) -> bool:
        """Whether each row may have any of `parents`: no."""
        return False

    def picked(self, keys: Keys, block: Block, first: int, nullable: bool) -> Picked:
        """Return the key of the parent of each row."""
        numbers = np.searchsorted(self.before, block.rows - first + self.base, side="right") - 1
        return [(key,) for key in self.key_of(numbers)]


def children_before(
    seed: int, table: str, column: str, *, count: Sequence[int], parents: int
) -> Rows:
    """Return how many children come before those of each parent; the last number is of all.

    Args:
        seed: the seed of the plan.
        table: the name of the children's table.
        column: the name of its foreign key.
        count: the smallest and the largest number of children of a parent.
        parents: the number of parents, 0 or more.

    Returns:
        int64 [parents + 1]. More parents change none of the first numbers.
    """
    low, high = count
    keys = row_keys_of(column_seed(seed, table, column, "per"), np.arange(parents))
    return np.concatenate([[0], np.cumsum(low + below(keys, high - low + 1))]).astype(np.int64)
