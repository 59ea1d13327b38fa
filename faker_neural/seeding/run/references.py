"""The parents of a plan's foreign keys, and the foreign keys that a second pass fills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from faker_neural.seeding.plan.order import Order
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.run.journal import Journal
from faker_neural.seeding.run.table_rows import Reference
from faker_neural.seeding.run.validate import Problem
from faker_neural.seeding.schema.schema import ForeignKey, Schema, Table
from faker_neural.seeding.values.counted import SequenceSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.drawn import RandomBytes
from faker_neural.seeding.values.parent_keys import KeyStore, OwnKeys, Parents
from faker_neural.seeding.values.row_random import Rows, column_seed, row_keys_of

__all__ = ["References", "RowKeys"]


@dataclass(frozen=True)
class RowKeys:
    """The keys of a plan's tables that follow from row numbers alone: sequences and UUIDs.

    Args:
        schema: the schema of the database.
        plan: the plan.
        sources: the sources by table and column.
    """

    schema: Schema
    plan: Plan
    sources: Mapping[str, Mapping[str, Source]]

    def of_table(self, name: str) -> str | None:
        """Return a unique column whose values follow from row numbers; None if there is none.

        Args:
            name: the name of the table.
        """
        keys = self.schema.tables[name].unique
        return next((key[0] for key in keys if self.by_row(name, key) is not None), None)

    def by_row(self, name: str, columns: Sequence[str]) -> Callable[[Rows], list[Any]] | None:
        """Return a function from row numbers to a key's values; None if more is needed.

        Args:
            name: the name of the table.
            columns: the names of the key's columns; for several columns the result is None.
        """
        source = self.sources[name].get(columns[0]) if len(columns) == 1 else None
        if source is None or self.plan.tables[name].columns[columns[0]].null:
            return None
        if isinstance(source, SequenceSource):
            return source.of_rows
        if isinstance(source, RandomBytes):
            seed = column_seed(self.plan.seed, name, columns[0])
            return lambda rows: source.values(row_keys_of(seed, rows))
        return None

    def is_used(self, key: ForeignKey) -> bool:
        """Return whether the plan fills a foreign key.

        Args:
            key: a foreign key of a table of the plan.
        """
        plans = self.plan.tables[key.table].columns
        return all(name in plans and plans[name].source == "fk" for name in key.columns)

    def later(self, order: Order) -> list[ForeignKey]:
        """Return the foreign keys of a second pass.

        They are the broken keys of cycles, and self-references to keys not known beforehand.

        Args:
            order: the order of the tables.
        """
        own = [key for key in self._own() if self.by_row(key.table, key.parent_columns) is None]
        return [*(key for key in order.later if self.is_used(key)), *own]

    def problems(self, order: Order) -> Iterator[Problem]:
        """Yield a problem for each foreign key within a cycle that cannot be filled.

        Args:
            order: the order of the tables.
        """
        for key in (*filter(self.is_used, order.later), *self._own()):
            if any(set(one) <= set(key.columns) for one in self.schema.tables[key.table].unique):
                rule = "is unique and within a cycle, or refers to its own table; fill it yourself"
                yield Problem(key.table, key.columns, rule)
        for key in filter(self.is_used, order.deferred):
            if self.by_row(key.parent, key.parent_columns) is None:
                rule = f"is within a cycle, so {key.parent} needs a sequence or UUID key"
                yield Problem(key.table, key.columns, rule)
        for key in self.later(order):
            nullable = self.schema.tables[key.table].nullable(key)
            if self.of_table(key.table) is None or not nullable:
                rule = (
                    f"is filled in a second pass, so it must be nullable and {key.table} needs a "
                    "sequence or UUID key; otherwise set its source to skip"
                )
                yield Problem(key.table, key.columns, rule)

    def _own(self) -> list[ForeignKey]:
        """Return the foreign keys of tables to themselves."""
        return [
            key
            for name in self.plan.tables
            for key in self.schema.tables[name].foreign_keys
            if key.parent == name and self.is_used(key)
        ]


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
        return any(name == table for name, _ in self._keys.wanted)

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
        for key in table.foreign_keys:
            shared = tuple(name for name in key.columns if name in taken)
            filled = len(shared) == len(key.columns) or key in self.later
            if filled or not self._row_keys.is_used(key):
                continue
            taken |= set(key.columns)
            keys, own = self._parents(table, key)
            yield self._reference(key, keys, shared, own)

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
        keys = OwnKeys(earlier, rows, lambda place: by_row(np.array([entry.first + place]))[0])
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
        return OwnKeys(there, rows, lambda place: by_row(np.array([entry.first + place]))[0])

    def _keys_of(self, key: ForeignKey) -> Sequence[tuple[Any, ...]]:
        """Return the keys of a filled parent table; in a dry run, the keys that it would have."""
        table, entry = self._schema.tables[key.parent], self._journal.entries.get(key.parent)
        source = self._sequence(key.parent, key.parent_columns)
        if not self._dry or source is None or entry is None:
            return self._keys.of(table, key.parent_columns)
        start, rows = entry.starts[key.parent_columns[0]], self._plan.rows_of(key.parent)
        whole = table.columns[key.parent_columns[0]].kind != "text"
        before = self._keys.before(table, key.parent_columns, start if whole else None)
        return OwnKeys(before, rows, lambda place: source.at(np.array([place]))[0])

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
