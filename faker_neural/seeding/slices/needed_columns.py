"""The columns that must be made together, so that some of them have the values of whole rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from faker_neural.seeding.schema.schema import ForeignKey, Table
from faker_neural.seeding.values.derived import DerivedSource, Source

__all__ = ["needed_columns"]


def needed_columns(
    table: Table,
    sources: Mapping[str, Source],
    keys: Collection[ForeignKey],
    checked: Iterable[Collection[str]],
    wanted: Collection[str],
) -> set[str]:
    """Return the wanted columns and all columns that decide their values.

    Args:
        table: the table.
        sources: the sources by column.
        keys: the foreign keys of the table that the plan fills.
        checked: the filled columns of each CHECK constraint that the database is asked about.
        wanted: the names of the columns whose values are wanted.
    """
    together = [*_groups(table, sources, keys), *map(set, checked)]
    needed = set(wanted)
    while True:
        more = set(needed)
        for group in together:
            more |= group if group & more else set()
        for name in tuple(more):
            source = sources.get(name)
            more |= set(source.inputs) if isinstance(source, DerivedSource) else set()
        if more == needed:
            return needed
        needed = more


def _groups(
    table: Table, sources: Mapping[str, Source], keys: Collection[ForeignKey]
) -> Iterator[set[str]]:
    """Yield the columns of each foreign key and of each unique key that is filled."""
    filled = set(sources)
    for key in keys:
        filled |= set(key.columns)
        yield {*key.columns, key.by[0]} if key.by else set(key.columns)
    yield from (set(key) for key in table.minimal_keys if set(key) <= filled)
