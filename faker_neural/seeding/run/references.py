"""The parents of a plan's foreign keys, and the foreign keys that a second pass fills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from faker_neural.seeding.keys.parent_keys import KeyStore, OwnKeys, Parents
from faker_neural.seeding.keys.reference import (
    Reference,
    ReferenceByType,
    ReferencePerParent,
    children_before,
)
from faker_neural.seeding.plan.order import Order
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.schema.schema import ForeignKey, Schema, Table
from faker_neural.seeding.validation.children import child_key
from faker_neural.seeding.validation.row_keys import RowKeys
from faker_neural.seeding.values.counted import SequenceSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.row_random import Rows, column_seed

from .journal import Journal

__all__ = ["References"]


class References:
    """The foreign keys of a plan's tables.

    Args:
        connection: a connection to the database.
        dry: whether nothing is written, so that the keys of the rows must be kept in memory.
        schema: the schema of the database.
        plan: the plan of the run.
        order: the order of the tables, and the foreign keys at which cycles are broken.
        journal: the progress of each table.
        sources: the sources by table and column; the caller may later replace sequences by
            sequences with another start.
        truncated: the tables that a dry run treats as empty.

    Attributes:
        listed: the tables and columns whose keys are listed, because they are no sequence.
        later: the foreign keys that a second pass fills.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        dry: bool,
        schema: Schema,
        plan: Plan,
        order: Order,
        journal: Journal,
        sources: Mapping[str, Mapping[str, Source]],
        truncated: Sequence[str],
    ) -> None:
        self._dry, self._schema, self._plan = dry, schema, plan
        self._journal, self._deferred, self._sources = journal, order.deferred, sources
        self._row_keys = RowKeys(schema, plan, sources)
        wanted = {
            (key.parent, key.parent_columns)
            for name in plan.tables
            for key in schema.tables[name].foreign_keys
            if key.parent in plan.tables and self._sequence(key.parent, key.parent_columns) is None
        }
        self.listed = wanted
        self._keys = KeyStore(connection, dry=dry, wanted=wanted, truncated=truncated)
        self.later = self._row_keys.later(order)

    def add(self, table: str, columns: dict[str, list[Any]]) -> None:
        """Keep the keys of a block that a dry run has made; do nothing in other runs.

        Args:
            table: the name of the table.
            columns: the values of the block, by column name.
        """
        self._keys.add(table, columns)

    def kept(self, table: str) -> bool:
        """Return whether a foreign key needs a table's rows, because their key is no sequence.

        Args:
            table: the name of the table.
        """
        return any(name == table for name, _ in self.listed)

    def fills(self, key: ForeignKey) -> bool:
        """Return whether the plan fills a foreign key.

        Args:
            key: a foreign key of a table of the plan.
        """
        return self._row_keys.is_used(key)

    def row_key(self, name: str) -> tuple[str, Callable[[Rows], list[Any]]]:
        """Return a unique column of a table, and its values by row number.

        Args:
            name: the name of a table with a foreign key in `later`.
        """
        column = self._row_keys.of_table(name)
        by_row = self._row_keys.by_row(name, [column]) if column else None
        assert column is not None
        assert by_row is not None
        return column, by_row

    def of(self, table: Table) -> list[Reference]:
        """Return the references of a table's first pass.

        References that share columns are limited to parents that agree in these columns.

        Args:
            table: the table.
        """
        references = list(self._first(table))
        for place, later in enumerate(references):
            for earlier in references[:place]:
                if later.shared and set(later.shared) <= set(earlier.key.columns):
                    earlier.only(later.groups, later.shared)
        return references

    def of_later(self, key: ForeignKey) -> Reference:
        """Return the reference of a foreign key in the second pass, after all rows are written.

        Args:
            key: one of the foreign keys in `later`.
        """
        return self._reference(key, self._keys_of(key))

    def _first(self, table: Table) -> Iterator[Reference]:
        taken: set[str] = set()
        counted = child_key(self._plan, self._schema, table.name)
        for key in sorted(table.foreign_keys, key=lambda key: key != counted):
            shared = tuple(name for name in key.columns if name in taken)
            filled = len(shared) == len(key.columns) or key in self.later
            if filled or not self._row_keys.is_used(key):
                continue
            taken |= set(key.columns)
            if key == counted:
                yield self._of_each_parent(key)
            elif key.by is not None:
                yield self._by_type(table, key)
            else:
                keys, own = self._parents(table, key)
                yield self._reference(key, keys, shared, own)

    def _by_type(self, table: Table, key: ForeignKey) -> Reference:
        fellows = [one for one in table.foreign_keys if one.columns == key.columns and one.by]
        one = self._reference(key, ())
        skew = one.parents.skew
        of_type = {
            fellow.by[1]: Parents(self._keys_of(fellow), skew) for fellow in fellows if fellow.by
        }
        return ReferenceByType(key, one.seed, one.null, one.parents, of_type=of_type)

    def _of_each_parent(self, key: ForeignKey) -> Reference:
        """Return the foreign key of children, of which each parent has some."""
        entry, parent = self._journal.entries[key.table], self._journal.entries.get(key.parent)
        by_row: Callable[[Rows], Sequence[Any]] | None = None
        if parent is not None:
            parents = parent.first + self._plan.rows_of(key.parent)
            by_row = self._row_keys.by_row(key.parent, key.parent_columns)
            assert by_row is not None  # see `RowKeys.problems`
        else:
            keys = self._keys_of(key)
            parents = len(keys)
            by_row = lambda numbers: [keys[number][0] for number in numbers.tolist()]  # noqa: E731
        count = self._plan.tables[key.table].children
        before = children_before(
            self._plan.seed, key.table, key.columns[0], count=count, parents=parents
        )
        base = entry.first if parent is None else int(before[parent.first])
        one = self._reference(key, ())
        return ReferencePerParent(
            key, one.seed, 0.0, one.parents, before=before, base=base, key_of=by_row
        )

    def _parents(
        self, table: Table, key: ForeignKey
    ) -> tuple[Sequence[tuple[Any, ...]], int | None]:
        """Return the parent keys and, in a self-reference, how many of them are earlier rows."""
        if key in self._deferred:
            return self._coming_keys(key), None
        if key.parent != table.name:
            return self._keys_of(key), None
        by_row = self._row_keys.by_row(table.name, key.parent_columns)
        if by_row is None:
            return self._keys_of(key), None
        entry, rows = self._journal.entries[table.name], self._plan.rows_of(table.name)
        whole = table.columns[key.parent_columns[0]].kind != "text"
        start = entry.starts.get(key.parent_columns[0]) if whole else None
        earlier = self._keys.before(table, key.parent_columns, start)
        if start is None and entry.done:  # a continued run: its own rows are not earlier rows
            own = set(by_row(np.arange(entry.first, entry.first + entry.done)))
            earlier = [one for one in earlier if one[0] not in own]
        keys = OwnKeys(earlier, rows, lambda places: by_row(entry.first + places))
        return keys, len(earlier)

    def _coming_keys(self, key: ForeignKey) -> Sequence[tuple[Any, ...]]:
        """Return the keys that a parent table has, and those that its planned rows will have."""
        parent, entry = self._schema.tables[key.parent], self._journal.entries[key.parent]
        by_row = self._row_keys.by_row(key.parent, key.parent_columns)
        assert by_row is not None  # see `RowKeys.problems`
        whole = parent.columns[key.parent_columns[0]].kind != "text"
        start = entry.starts.get(key.parent_columns[0]) if whole else None
        there = self._keys.before(parent, key.parent_columns, start)
        rows = self._plan.rows_of(key.parent)
        return OwnKeys(there, rows, lambda places: by_row(entry.first + places))

    def _keys_of(self, key: ForeignKey) -> Sequence[tuple[Any, ...]]:
        """Return the keys of a filled parent table; in a dry run, the keys that it would have."""
        table, entry = self._schema.tables[key.parent], self._journal.entries.get(key.parent)
        source = self._sequence(key.parent, key.parent_columns)
        if not self._dry or source is None or entry is None:
            return self._keys.of(table, key.parent_columns)
        start, rows = entry.starts[key.parent_columns[0]], self._plan.rows_of(key.parent)
        whole = table.columns[key.parent_columns[0]].kind != "text"
        before = self._keys.before(table, key.parent_columns, start if whole else None)
        return OwnKeys(before, rows, source.at)

    def _sequence(self, name: str, columns: Sequence[str]) -> SequenceSource | None:
        source = self._sources.get(name, {}).get(columns[0]) if len(columns) == 1 else None
        return source if isinstance(source, SequenceSource) else None

    def _reference(
        self,
        key: ForeignKey,
        keys: Sequence[tuple[Any, ...]],
        shared: tuple[str, ...] = (),
        own: int | None = None,
    ) -> Reference:
        plans = self._plan.tables[key.table].columns
        wanted = [plans[name] for name in key.columns if name in plans]
        skew = max(float(plan.options.get("skew", 0)) for plan in wanted)
        null = max(plan.null for plan in wanted)
        seed = column_seed(self._plan.seed, key.table, *key.columns)
        return Reference(key, seed, null, Parents(keys, skew), shared, own)
