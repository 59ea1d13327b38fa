"""Makes the rows of a table block by block from the sources of its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any, Protocol

from faker_neural import DatabaseError
from faker_neural._keys import Keys, attempt_keys
from faker_neural.seeding.keys.parent_keys import Parents
from faker_neural.seeding.keys.reference import Reference
from faker_neural.seeding.keys.unique import (
    Block,
    KeyPart,
    LinkedForeignKeys,
    UniqueKey,
    deal,
    values_of_keys,
)
from faker_neural.seeding.plan.plan import TablePlan
from faker_neural.seeding.schema.schema import Table
from faker_neural.seeding.values.counted import Choice, EnumeratedSource, SequenceSource
from faker_neural.seeding.values.derived import DerivedSource, Source
from faker_neural.seeding.values.drawn import RandomBytes, RowSource
from faker_neural.seeding.values.row_random import Rows, column_seed, null_mask, row_keys_of

from .checked_rows import CheckedRows, RowChecks

__all__ = ["SettledKey", "TableBlocks"]


class SettledKey(Protocol):
    """A unique key of a table."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the key's columns."""

    def settle(self, block: Block) -> None:
        """Change the rows of a block whose key equals an earlier row's.

        Args:
            block: the rows; changed in place.
        """


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
        checks: asks the database about CHECK constraints of whole rows.
        dealt: the unique keys that are dealt out: their parts and seeds; set by `settle_keys`.
        compared: the unique keys that are compared; set by `settle_keys`.
        settling: what settles the compared keys in each block; set by `settle_keys` to these keys.
    """

    table: Table
    plan: TablePlan
    seed: int
    sources: Mapping[str, Source]
    references: Sequence[Reference] = ()
    first: int = 0
    checks: RowChecks | None = None
    dealt: list[tuple[Sequence[KeyPart], int]] = field(default_factory=list)
    compared: list[UniqueKey] = field(default_factory=list)
    settling: Sequence[SettledKey] = ()

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
        for key in self.table.minimal_keys:
            if not set(key) <= set(self.columns) or self._never_repeats(key, empty):
                continue
            parts = [part for part in self._parts(key) if not taken & set(part.columns)]
            checks = self.checks and self.checks.within(key)
            refused = checks.broken if checks and checks.checks else None
            dealt = refused is None and self._may_deal(key, parts)
            if dealt:
                seed = column_seed(self.seed, self.table.name, "unique", *key)
                self.dealt.append((parts, seed))
            linked = set(key) & {name for one in self._linked for name in one.names}
            if not dealt or not empty or linked:
                free = [part for part in parts if not linked & set(part.columns)]
                again = [LinkedForeignKeys(self._relink)] if linked else []
                kinds = [self.table.columns[name] for name in key]
                found = UniqueKey.of(self.table.name, kinds, free, again, self.seed)
                self.compared.append(replace(found, refused=refused))
            taken |= set(key)
        self.settling = self.compared

    @property
    def _linked(self) -> list[Reference]:
        """The foreign keys that share columns and are therefore drawn together."""
        shared = {name for one in self.references for name in one.shared}
        return [
            one
            for one in self.references
            if shared & set(one.key.columns) or one.key.by is not None
        ]

    def _relink(self, block: Block, place: int, attempt: int) -> None:
        one = Block(
            block.rows[place : place + 1],
            {name: [cells[place]] for name, cells in block.columns.items()},
        )
        for reference in self._linked:
            if reference.key.by is not None:
                kind = reference.key.by[0]
                keys = attempt_keys(row_keys_of(self._seed(kind), one.rows), [attempt])[:, 0]
                one.columns[kind] = values_of_keys(self.sources[kind], keys)
            reference.fill(one, self.first, self._nullable(reference), attempt)
            for name in reference.names:
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
        for key in (key for key in self.settling if not derived & set(key.columns)):
            key.settle(block)
        for name in self._derived:
            self._derive(block, name)
        for key in (key for key in self.settling if derived & set(key.columns)):
            key.settle(block)
        if self._checked is not None:
            self._checked.settle(block)
        return block

    @cached_property
    def _checked(self) -> CheckedRows | None:
        """Changes the rows that a CHECK constraint refuses; None if the table has none."""
        if self.checks is None or not self.checks.checks:
            return None
        shared = {name for one in self.references for name in one.shared}
        read = [name for name in self.checks.columns if name not in shared]
        return CheckedRows(
            self.table,
            self.checks,
            {name: self.sources[name] for name in read if self._is_free(name)},
            [name for name in read if self.table.columns[name].nullable],
            self._draw_again,
            self._derive_again,
        )

    def _is_free(self, name: str) -> bool:
        """Return whether a column may be drawn again by itself."""
        source = self.sources.get(name)
        fixed = isinstance(source, SequenceSource | DerivedSource | RowSource)
        fixed = fixed or any(one.key.by and one.key.by[0] == name for one in self.references)
        return source is not None and not fixed and name not in self._keyed

    def _draw_again(self, block: Block, attempt: int) -> None:
        """Draw the columns that CHECK constraints read again, and derive what is made from others.

        Args:
            block: the rows; changed in place.
            attempt: the number of the attempt, 1 or more.
        """
        assert self._checked is not None
        for name in self._checked.free:
            keys = self._attempt_keys(name, block, attempt)
            values = values_of_keys(self.sources[name], keys)
            block.columns[name] = _with_null(values, keys, self.plan.columns[name].null)
        for one in self._free_references(self._keyed):
            one.fill(block, self.first, (), attempt)
        self._derive_again(block, attempt)

    def _derive_again(self, block: Block, attempt: int) -> None:
        """Derive again what is made from other columns.

        Args:
            block: the rows; changed in place.
            attempt: the number of the attempt; 0 for the values of the first.
        """
        for name in self._derived:
            if name not in self._keyed:
                self._derive(block, name, attempt)

    @cached_property
    def _keyed(self) -> set[str]:
        """The columns of unique keys."""
        return {name for key in self.table.minimal_keys for name in key}

    def _attempt_keys(self, name: str, block: Block, attempt: int) -> Keys:
        keys = row_keys_of(self._seed(name), block.rows)
        return attempt_keys(keys, [attempt])[:, 0] if attempt else keys

    def _free_references(self, keyed: Collection[str]) -> Iterator[Reference]:
        """Yield the foreign keys that CHECK constraints read and that may be drawn again."""
        read = set(self.checks.columns) if self.checks else set()
        for one in self.references:
            columns = set(one.key.columns)
            if columns & read and not columns & set(keyed) and one.is_enumerated:
                yield replace(one, null=0.0)

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

    def _derive(self, block: Block, name: str, attempt: int = 0) -> None:
        source = self.sources[name]
        assert isinstance(source, DerivedSource)
        keys = self._attempt_keys(name, block, attempt)
        rows = list(zip(*(block.columns[one] for one in source.inputs), strict=True))
        try:
            values = source.values(rows, keys)
        except ValueError as error:
            raise DatabaseError(str(source.column), f"as={source.how!r}: {error}") from None
        block.columns[name] = _with_null(values, keys, self.plan.columns[name].null)

    def _check_parents(self, reference: Reference, block: Block) -> None:
        for name in reference.key.columns:
            if None in block.columns[name] and not self.table.columns[name].nullable:
                raise DatabaseError(
                    str(reference.key), f"has no fitting row of {reference.key.parent} to refer to"
                )

    def _empty_some(self, block: Block) -> None:
        for name, column in self.plan.columns.items():
            if column.null and name in self.sources and name not in self._derived:
                keys = row_keys_of(self._seed(name), block.rows)
                block.columns[name] = _with_null(block.columns[name], keys, column.null)

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
            if set(one.key.columns) & set(key) and one.is_enumerated
        ]
        return parts

    def _may_deal(self, key: tuple[str, ...], parts: Sequence[KeyPart]) -> bool:
        """Return whether the parts cover the key and all combinations are equally likely."""
        covered = [name for part in parts for name in part.columns]
        return sorted(covered) == sorted(key) and all(map(_even, parts))


def _with_null(values: list[Any], keys: Keys, share: float) -> list[Any]:
    """Return values of which a share is NULL."""
    if not share:
        return values
    empty = null_mask(keys, share).tolist()
    return [None if none else one for one, none in zip(values, empty, strict=True)]


def _even(part: KeyPart) -> bool:
    source = part.source
    if isinstance(source, Choice):
        return not source.weighted
    if isinstance(source, Parents):
        return not source.skew
    return isinstance(source, EnumeratedSource)
