"""The keys of a plan's tables that are known before the rows are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from faker_neural.seeding.plan.order import Order
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.schema.schema import ForeignKey, Schema
from faker_neural.seeding.values.counted import SequenceSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.drawn import RandomBytes
from faker_neural.seeding.values.row_random import Rows, column_seed, row_keys_of

from .children import child_key
from .validate import Problem

__all__ = ["RowKeys"]


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
        for key in (one for one in order.later if one.by is not None):
            yield Problem(key.table, key.columns, f"refers to {key.parent}, which closes a cycle")
        for key in (*filter(self.is_used, order.later), *self._own()):
            if any(set(one) <= set(key.columns) for one in self.schema.tables[key.table].unique):
                rule = "is unique and within a cycle, or refers to its own table; fill it yourself"
                yield Problem(key.table, key.columns, rule)
        yield from self._uncounted()
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

    def _uncounted(self) -> Iterator[Problem]:
        """Yield a problem for each table of children whose parents are not known by their row."""
        for name in self.plan.tables:
            counted = child_key(self.plan, self.schema, name)
            if counted is None or counted.parent not in self.plan.tables:
                continue
            if self.by_row(counted.parent, counted.parent_columns) is None:
                rule = f"per={counted.parent!r} needs a sequence or UUID key of {counted.parent}"
                yield Problem(name, counted.columns, rule)

    def _own(self) -> list[ForeignKey]:
        """Return the foreign keys of tables to themselves."""
        return [
            key
            for name in self.plan.tables
            for key in self.schema.tables[name].foreign_keys
            if key.parent == name and self.is_used(key)
        ]
