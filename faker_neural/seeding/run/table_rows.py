"""Makes the rows of a table block by block from the sources of its columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural import DatabaseError
from faker_neural._keys import Keys, attempt_keys
from faker_neural.seeding.plan.plan import TablePlan
from faker_neural.seeding.schema.schema import ForeignKey, Table
from faker_neural.seeding.values.counted import Choice, EnumeratedSource, SequenceSource
from faker_neural.seeding.values.derived import DerivedSource, Source
from faker_neural.seeding.values.drawn import RandomBytes
from faker_neural.seeding.values.parent_keys import Parents
from faker_neural.seeding.values.row_random import Rows, column_seed, null_mask, row_keys_of
from faker_neural.seeding.values.unique import Block, KeyPart, LinkedForeignKeys, UniqueKey, deal

__all__ = ["Reference", "TableBlocks", "minimal_keys"]


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
        if self.own is not None:
            found = self._earlier(keys, self.own + block.rows - first, bool(nullable))
        elif self.shared:
            found = self._of_same(keys, block)
        elif not self.parents.count:
            found = [None] * len(block.rows)
        else:
            found = list(self.parents.at(self.parents.numbers(keys)))
        for place, name in enumerate(self.key.columns):
            if name not in self.shared:
                block.columns[name] = [None if one is None else one[place] for one in found]
        self.empty(block, nullable)

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

    def _earlier(
        self, keys: Keys, counts: NDArray[np.int64], nullable: bool
    ) -> list[tuple[Any, ...] | None]:
        """Pick earlier rows of the table; the very first is NULL or, if not nullable, itself."""
        numbers = self.parents.numbers_below(keys, np.maximum(counts, 1))
        found: list[tuple[Any, ...] | None] = list(self.parents.at(numbers))
        if nullable:
            found = [one if count else None for one, count in zip(found, counts, strict=True)]
        return found

    def _of_same(self, keys: Keys, block: Block) -> list[tuple[Any, ...] | None]:
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


def minimal_keys(table: Table) -> list[tuple[str, ...]]:
    """Return the unique keys that contain no other unique key.

    Args:
        table: the table.
    """
    return [key for key in table.unique if not any(set(other) < set(key) for other in table.unique)]


@dataclass
class TableBlocks:
    """Makes the blocks of a table.

    Args:
        table: the table.
        plan: the plan of the table.
        seed: the seed of the plan.
        sources: the sources by column, without columns that a foreign key or a default fills.
        references: the references of its foreign keys.
        first: the number of the run's first row.
        dealt: the unique keys that are dealt out: their parts and seeds; set by `settle_keys`.
        compared: the unique keys that are compared; set by `settle_keys`.
    """

    table: Table
    plan: TablePlan
    seed: int
    sources: Mapping[str, Source]
    references: Sequence[Reference] = ()
    first: int = 0
    dealt: list[tuple[Sequence[KeyPart], int]] = field(default_factory=list)
    compared: list[UniqueKey] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The columns that get values, in the table's order."""
        referring = {name for one in self.references for name in one.key.columns}
        return [name for name in self.table.columns if name in self.sources or name in referring]

    def settle_keys(self, empty: bool) -> None:
        """Decide whether each unique key is dealt out as combinations, compared, or both.

        Args:
            empty: whether the table had no rows before this run.
        """
        self.dealt, self.compared = [], []
        taken: set[str] = set()
        for key in minimal_keys(self.table):
            if not set(key) <= set(self.columns) or self._never_repeats(key, empty):
                continue
            parts = [part for part in self._parts(key) if not taken & set(part.columns)]
            dealt = self._may_deal(key, parts)
            if dealt:
                seed = column_seed(self.seed, self.table.name, "unique", *key)
                self.dealt.append((parts, seed))
            linked = set(key) & {name for one in self._linked for name in one.key.columns}
            if not dealt or not empty or linked:
                free = [part for part in parts if not linked & set(part.columns)]
                again = [LinkedForeignKeys(self._relink)] if linked else []
                kinds = [self.table.columns[name] for name in key]
                self.compared.append(UniqueKey.of(self.table.name, kinds, free, again, self.seed))
            taken |= set(key)

    @property
    def _linked(self) -> list[Reference]:
        """The foreign keys that share columns and are therefore drawn together."""
        shared = {name for one in self.references for name in one.shared}
        return [one for one in self.references if shared & set(one.key.columns)]

    def _relink(self, block: Block, place: int, attempt: int) -> None:
        one = Block(
            block.rows[place : place + 1],
            {name: [cells[place]] for name, cells in block.columns.items()},
        )
        for reference in self._linked:
            reference.fill(one, self.first, self._nullable(reference), attempt)
            for name in reference.key.columns:
                block.columns[name][place] = one.columns[name][0]

    def _nullable(self, reference: Reference) -> list[str]:
        return [name for name in reference.key.columns if self.table.columns[name].nullable]

    def block(self, rows: Rows, drawn: Mapping[str, list[Any]]) -> Block:
        """Return a block of rows with the values of all columns.

        Args:
            rows: the row numbers, int64 [rows].
            drawn: the values of the columns with a `RandomSource` source, by column name.

        Raises:
            DatabaseError: a row has no parent to refer to, or no new value of a unique key.
        """
        block = Block(rows, dict(drawn))
        dealt = {name for parts, _ in self.dealt for part in parts for name in part.columns}
        self._enumerate(block, dealt)
        for parts, seed in self.dealt:
            deal(parts, seed, block)
        for reference in self.references:
            if set(reference.key.columns) <= dealt and not reference.shared:
                reference.empty(block, self._nullable(reference))
            else:
                reference.fill(block, self.first, self._nullable(reference))
                self._check_parents(reference, block)
        self._empty_some(block)
        derived = set(self._derived)
        for key in (key for key in self.compared if not derived & set(key.columns)):
            key.settle(block)
        for name in self._derived:
            self._derive(block, name)
        for key in (key for key in self.compared if derived & set(key.columns)):
            key.settle(block)
        return block

    def _enumerate(self, block: Block, dealt: Collection[str]) -> None:
        for name, source in self.sources.items():
            if isinstance(source, SequenceSource):
                block.columns[name] = source.of_rows(block.rows)
            elif isinstance(source, EnumeratedSource) and name not in dealt:
                keys = row_keys_of(self._seed(name), block.rows)
                block.columns[name] = source.at(source.numbers(keys))

    @cached_property
    def _derived(self) -> tuple[str, ...]:
        """The derived columns, each after those that it is made from."""
        inputs = {
            name: source.inputs
            for name, source in self.sources.items()
            if isinstance(source, DerivedSource)
        }
        return tuple(name for name in TopologicalSorter(inputs).static_order() if name in inputs)

    def _derive(self, block: Block, name: str) -> None:
        source, share = self.sources[name], self.plan.columns[name].null
        assert isinstance(source, DerivedSource)
        keys = row_keys_of(self._seed(name), block.rows)
        rows = list(zip(*(block.columns[one] for one in source.inputs), strict=True))
        try:
            values = source.values(rows, keys)
        except ValueError as error:
            raise DatabaseError(str(source.column), f"as={source.how!r}: {error}") from None
        if share:
            empty = null_mask(keys, share).tolist()
            values = [None if none else one for one, none in zip(values, empty, strict=True)]
        block.columns[name] = values

    def _check_parents(self, reference: Reference, block: Block) -> None:
        for name in reference.key.columns:
            if None in block.columns[name] and not self.table.columns[name].nullable:
                raise DatabaseError(
                    str(reference.key), f"has no fitting row of {reference.key.parent} to refer to"
                )

    def _empty_some(self, block: Block) -> None:
        for name, column in self.plan.columns.items():
            if column.null and name in self.sources and name not in self._derived:
                empty = null_mask(row_keys_of(self._seed(name), block.rows), column.null)
                block.columns[name] = [
                    None if none else value
                    for value, none in zip(block.columns[name], empty.tolist(), strict=True)
                ]

    def _seed(self, *columns: str) -> int:
        return column_seed(self.seed, self.table.name, *columns)

    def _never_repeats(self, key: tuple[str, ...], empty: bool) -> bool:
        sources = [self.sources.get(name) for name in key]
        return any(isinstance(source, SequenceSource) for source in sources) or (
            empty and any(isinstance(one, RandomBytes) and one.length >= 16 for one in sources)
        )

    def _parts(self, key: tuple[str, ...]) -> list[KeyPart]:
        """Return the parts that draw a key's columns."""
        parts = [
            KeyPart((name,), self._seed(name), self.sources[name], self.table.columns[name])
            for name in key
            if name in self.sources
        ]
        parts += [
            KeyPart(one.key.columns, one.seed, one.parents)
            for one in self.references
            if set(one.key.columns) & set(key) and one.own is None and not one.shared
        ]
        return parts

    def _may_deal(self, key: tuple[str, ...], parts: Sequence[KeyPart]) -> bool:
        """Return whether the parts cover the key and all combinations are equally likely."""
        covered = [name for part in parts for name in part.columns]
        return sorted(covered) == sorted(key) and all(map(_even, parts))


def _even(part: KeyPart) -> bool:
    source = part.source
    if isinstance(source, Choice):
        return not source.weighted
    if isinstance(source, Parents):
        return not source.skew
    return isinstance(source, EnumeratedSource)
