"""Finds the problems of a plan with a database before anything is written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from faker_neural.seeding.plan.plan import ColumnPlan, Plan, name_hint
from faker_neural.seeding.plan.source_factory import KINDS, make_source
from faker_neural.seeding.run.table_rows import minimal_keys
from faker_neural.seeding.schema.schema import Column, Schema, Table
from faker_neural.seeding.values.sources import (
    Choice,
    EnumeratedSource,
    FakerSource,
    RandomBytes,
    RandomSource,
    Range,
    SequenceSource,
)
from faker_neural.seeding.values.unique import number_of_texts

__all__ = ["Sources", "check_plan", "with_defaults"]

Sources = dict[str, dict[str, RandomSource | EnumeratedSource]]
"""The sources by table and column."""


def check_plan(plan: Plan, schema: Schema, counts: Mapping[str, int]) -> tuple[Sources, list[str]]:
    """Make the sources of all columns, and check that the plan fits the database.

    Args:
        plan: the plan.
        schema: the schema of the database.
        counts: the number of rows in each table before the run.

    Returns:
        The sources by table and column, and a message for each problem.
    """
    problems: list[str] = []
    sources: Sources = {}
    for name, table in plan.tables.items():
        if name not in schema.tables:
            problems.append(f"{name}: there is no such table{name_hint(name, schema.tables)}")
            continue
        if plan.rows_of(name) < 0:
            problems.append(f"{name}: rows={plan.rows_of(name)} must be 0 or more")
        found = schema.tables[name]
        sources[name] = _sources(found, table.columns, problems)
        if plan.rows_of(name):
            problems += _missing(found, table.columns)
            problems += _orphans(plan, found, table.columns, counts)
            problems += _full_keys(plan, found, sources[name], counts)
            problems += _outgrown(plan, found, sources[name], counts)
    return sources, problems


def with_defaults(table: Table, columns: Mapping[str, ColumnPlan]) -> dict[str, ColumnPlan]:
    """Return the columns of a plan, with the omitted foreign keys that may not be NULL.

    Args:
        table: the table.
        columns: the plans of its columns, by name.
    """
    left = {name: ColumnPlan("fk") for name in table.referring if name not in columns}
    needed = {name: one for name, one in left.items() if not table.columns[name].nullable}
    return {**columns, **needed}


def _sources(
    table: Table, columns: Mapping[str, ColumnPlan], problems: list[str]
) -> dict[str, RandomSource | EnumeratedSource]:
    made: dict[str, RandomSource | EnumeratedSource] = {}
    for name, plan in columns.items():
        where = f"{table.name}.{name}"
        column = table.columns.get(name)
        if column is None:
            problems.append(
                f"{where}: there is no such column{name_hint(name, dict(table.columns))}"
            )
            continue
        if rule := _unfit(table, column, plan):
            problems.append(f"{where}: {rule}")
            continue
        try:
            source = make_source(column, plan)
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        if source is not None:
            made[name] = source
    return made


def _unfit(table: Table, column: Column, plan: ColumnPlan) -> str:
    if plan.source.partition(":")[0] not in KINDS:
        return f"{plan.source!r} is not a source; use one of: {', '.join(KINDS)}"
    if not 0 <= plan.null <= 1:
        return f"null={plan.null!r} must be a share, 0 to 1"
    if column.generated and plan.source != "skip":
        return "is computed by the database; its source must be skip"
    if plan.null and not column.nullable:
        return f"null={plan.null:g}, but the column may not be NULL"
    if plan.source == "fk" and column.name not in table.referring:
        return "is not a foreign key of the database"
    if plan.source == "skip" and not (column.nullable or column.default or column.generated):
        return "may not be NULL and has no default; give it a source"
    return ""


def _missing(table: Table, columns: Mapping[str, ColumnPlan]) -> Iterator[str]:
    for name, column in table.columns.items():
        given = name in columns or name in table.referring
        if not (given or column.nullable or column.default or column.generated):
            yield f"{column}: may not be NULL and has no default; give it a source"


def _orphans(
    plan: Plan, table: Table, columns: Mapping[str, ColumnPlan], counts: Mapping[str, int]
) -> Iterator[str]:
    for key in table.foreign_keys:
        sources = {columns.get(name, ColumnPlan("fk")).source for name in key.columns}
        planned = plan.rows_of(key.parent) if key.parent in plan.tables else 0
        empty = not (planned + counts.get(key.parent, 0))
        if "fk" in sources and empty and not table.nullable(key):
            yield f"{key}: refers to {key.parent}, which is empty and stays empty"
        left = any(_may_be_null(columns.get(name), table.columns[name]) for name in key.columns)
        if len(sources) > 1 and "fk" in sources and not left:
            yield f"{key}: all columns of a foreign key must be fk, or none"


def _full_keys(
    plan: Plan,
    table: Table,
    sources: Mapping[str, RandomSource | EnumeratedSource],
    counts: Mapping[str, int],
) -> Iterator[str]:
    """Yield a problem for each unique key that has fewer values than rows, or may repeat."""
    rows = plan.rows_of(table.name) + counts.get(table.name, 0)
    columns = plan.tables[table.name].columns
    for key in minimal_keys(table):
        if any(_may_be_null(columns.get(name), table.columns[name]) for name in key):
            continue
        where = f"{table.name}.{', '.join(key)}"
        sizes = [_size(plan, table, name, sources, counts) for name in _one_each(table, key)]
        if 0 not in sizes and None not in sizes:
            held = math.prod(size for size in sizes if size is not None)
            if held < rows:
                yield f"{where}: is unique and has {_some(held, 'value')} for {_some(rows, 'row')}"
        for name in key:
            source = sources.get(name)
            if len(key) == 1 and isinstance(source, FakerSource) and source.column.kind != "text":
                yield f"{where}: is unique, and faker:{source.method} may repeat; use a range"


def _some(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _outgrown(
    plan: Plan,
    table: Table,
    sources: Mapping[str, RandomSource | EnumeratedSource],
    counts: Mapping[str, int],
) -> Iterator[str]:
    """Yield a problem for each sequence that leaves the range of its column."""
    rows = plan.rows_of(table.name) + counts.get(table.name, 0)
    for name, source in sources.items():
        if isinstance(source, SequenceSource):
            try:
                source.at(np.array([0, rows - 1]))
            except ValueError as error:
                yield f"{table.name}.{name}: a sequence of {_some(rows, 'row')} {error}"


def _may_be_null(plan: ColumnPlan | None, column: Column) -> bool:
    return (plan is None or plan.source == "skip") and column.nullable


def _one_each(table: Table, key: tuple[str, ...]) -> list[str]:
    """Return the columns of a key, with a single column of each foreign key."""
    return list({table.referring.get(name, name): name for name in key}.values())


def _size(
    plan: Plan,
    table: Table,
    name: str,
    sources: Mapping[str, RandomSource | EnumeratedSource],
    counts: Mapping[str, int],
) -> int | None:
    """Return how many values a column may have; None for enough, 0 if `_orphans` reports it."""
    source = sources.get(name)
    if isinstance(source, Choice | Range):
        return source.count
    if isinstance(source, SequenceSource | RandomBytes):
        return None
    if source is not None:
        return number_of_texts(table.columns[name])
    key = table.referring.get(name)
    if key is None or key.parent == table.name:
        return None
    planned = plan.rows_of(key.parent) if key.parent in plan.tables else 0
    return planned + counts.get(key.parent, 0)
