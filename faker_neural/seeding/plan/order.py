"""The order in which tables are filled, and the foreign keys that a second pass fills."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from faker_neural import PlanError
from faker_neural.seeding.schema.schema import ForeignKey, Table

__all__ = ["Order", "UnbreakableCycleError", "insertion_order"]


class UnbreakableCycleError(PlanError):
    """Tables refer to one another, and none of the foreign keys may be NULL.

    Args:
        name: the name of the plan.
        problem: what is wrong.
        tables: the names of the tables.
    """

    def __init__(self, name: str, problem: str, tables: Sequence[str]) -> None:
        super().__init__(name, [problem])
        self.tables = tuple(tables)


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which tables are filled.

    Args:
        tables: the names of the tables, parents before children.
        later: the foreign keys that a second pass fills, because they close a cycle.
        deferred: the foreign keys that close a cycle and are checked at the end of the transaction.
    """

    tables: tuple[str, ...]
    later: tuple[ForeignKey, ...]
    deferred: tuple[ForeignKey, ...] = ()

    @property
    def suspended(self) -> tuple[ForeignKey, ...]:
        """The deferred foreign keys that the database checks at once unless told otherwise."""
        return tuple(key for key in self.deferred if not key.deferrable)


def insertion_order(
    tables: Mapping[str, Table], name: str = "plan", *, defer: bool = False
) -> Order:
    """Order tables so that parents come before children.

    A cycle of foreign keys is broken at a nullable foreign key, or else at a deferrable one. Of
    several, the last by table name and columns is taken. A table that refers to itself is no cycle.

    Args:
        tables: the tables by name; foreign keys to other tables are ignored.
        name: the name of the plan, which errors show.
        defer: whether any foreign key may be checked at the end of the transaction.

    Returns:
        The order of the tables and the foreign keys at which cycles are broken.

    Raises:
        UnbreakableCycleError: no foreign key of a cycle is nullable or deferrable.
    """
    broken: list[ForeignKey] = []
    while True:
        try:
            order = tuple(TopologicalSorter(_graph(tables, broken)).static_order())
        except CycleError as error:
            broken.append(_breaking(tables, list(reversed(error.args[1])), broken, name, defer))
        else:
            later = tuple(key for key in broken if tables[key.table].nullable(key))
            deferred = tuple(key for key in broken if key not in later)
            return Order(tuple(table for table in order if table in tables), later, deferred)


def _graph(tables: Mapping[str, Table], broken: Collection[ForeignKey]) -> dict[str, list[str]]:
    return {
        name: sorted(
            key.parent
            for key in tables[name].foreign_keys
            if key not in broken and key.parent != name and key.parent in tables
        )
        for name in sorted(tables)
    }


def _breaking(
    tables: Mapping[str, Table],
    cycle: Sequence[str],
    broken: Collection[ForeignKey],
    name: str,
    defer: bool,
) -> ForeignKey:
    pairs = set(pairwise(cycle))
    closing = [
        key
        for child in cycle
        for key in tables[child].foreign_keys
        if (child, key.parent) in pairs and key not in broken
    ]
    nullable = [key for key in closing if tables[key.table].nullable(key)]
    found = nullable or [key for key in closing if key.deferrable] or (closing if defer else [])
    if not found:
        raise UnbreakableCycleError(
            name,
            f"{' -> '.join(cycle)} refer to one another and none of these columns may be NULL: "
            f"{', '.join(_columns(tables, cycle))}; --defer-constraints checks them when all rows "
            "are there; or leave a table out of the plan",
            cycle,
        )
    return max(found, key=lambda key: (key.table, key.columns))


def _columns(tables: Mapping[str, Table], cycle: Iterable[str]) -> list[str]:
    within = set(cycle)
    return [
        str(key)
        for child in sorted(within)
        for key in tables[child].foreign_keys
        if key.parent in within and key.parent != child
    ]
