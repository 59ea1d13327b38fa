"""Finds the problems of a plan with a database before anything is written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import numpy as np

from faker_neural.seeding.keys.unique import number_of_texts
from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.plan import ColumnPlan, Plan
from faker_neural.seeding.plan.source_factory import KINDS, make_pseudonyms, make_source
from faker_neural.seeding.schema.schema import Column, Schema, Table
from faker_neural.seeding.values.counted import Choice, Range, SequenceSource
from faker_neural.seeding.values.derived import DerivedSource, Source
from faker_neural.seeding.values.drawn import FakerSource, RandomBytes

__all__ = [
    "Problem",
    "Sources",
    "check_plan",
    "most_rows",
    "with_defaults",
    "without_narrow_keys",
]

Sources = dict[str, dict[str, Source]]
"""The sources by table and column."""


class Problem(NamedTuple):
    """A reason why a plan does not fit a database.

    Args:
        table: the name of the table.
        columns: the names of the columns; empty for the whole table.
        rule: what is wrong, and what is allowed.
    """

    table: str
    columns: tuple[str, ...]
    rule: str

    def __str__(self) -> str:
        where = f"{self.table}.{', '.join(self.columns)}" if self.columns else self.table
        return f"{where}: {self.rule}"


def check_plan(
    plan: Plan, schema: Schema, counts: Mapping[str, int]
) -> tuple[Sources, list[Problem]]:
    """Make the sources of all columns, and check that the plan fits the database.

    Args:
        plan: the plan.
        schema: the schema of the database.
        counts: the number of rows in each table before the run.

    Returns:
        The sources by table and column, and the problems.
    """
    problems: list[Problem] = []
    sources: Sources = {}
    for name, table in plan.tables.items():
        if name not in schema.tables:
            hint = name_hint(name, schema.tables)
            problems.append(Problem(name, (), f"there is no such table{hint}"))
            continue
        if plan.rows_of(name) < 0:
            problems.append(Problem(name, (), f"rows={plan.rows_of(name)} must be 0 or more"))
        found = schema.tables[name]
        sources[name] = _sources(found, table.columns, plan.secret_file, problems)
        if plan.rows_of(name):
            problems += [Problem(name, (), found.refusal)] if found.refusal else []
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
    table: Table, columns: Mapping[str, ColumnPlan], secret_file: str, problems: list[Problem]
) -> dict[str, Source]:
    made: dict[str, Source] = {}
    for name, plan in columns.items():
        column = table.columns.get(name)
        if column is None:
            hint = name_hint(name, dict(table.columns))
            problems.append(Problem(table.name, (name,), f"there is no such column{hint}"))
            continue
        if rule := _unfit(table, column, plan):
            problems.append(Problem(table.name, (name,), rule))
            continue
        try:
            source = _source(column, plan, columns, secret_file)
        except ValueError as error:
            problems.append(Problem(table.name, (name,), str(error)))
            continue
        if source is not None:
            made[name] = source
    problems += _misderived(table, columns, made)
    return made


def _source(
    column: Column, plan: ColumnPlan, columns: Mapping[str, ColumnPlan], secret_file: str
) -> Source | None:
    if plan.source == "like":
        return make_pseudonyms(column, plan, columns, secret_file)
    return make_source(column, plan)


def _misderived(
    table: Table, columns: Mapping[str, ColumnPlan], made: Mapping[str, Source]
) -> Iterator[Problem]:
    """Yield a problem for each derived column whose inputs are not known before it."""
    derived = {name: one for name, one in made.items() if isinstance(one, DerivedSource)}
    for name, source in derived.items():
        for one in source.inputs:
            given = f"{source.word}={one!r}"
            if one not in table.columns:
                hint = name_hint(one, dict(table.columns))
                yield Problem(table.name, (name,), f"{given}: there is no such column{hint}")
            elif one not in made and (one not in columns or columns[one].source != "fk"):
                yield Problem(table.name, (name,), f"{given}: has no source")
    try:
        TopologicalSorter({name: one.inputs for name, one in derived.items()}).prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        yield Problem(table.name, (error.args[1][0],), f"is derived from itself: {cycle}")


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
        return 'is not a foreign key of the database; name the column, fk = "users.id"'
    if plan.source == "skip" and not (column.nullable or column.default or column.generated):
        return "may not be NULL and has no default; give it a source"
    return ""


def _missing(table: Table, columns: Mapping[str, ColumnPlan]) -> Iterator[Problem]:
    for name, column in table.columns.items():
        given = name in columns or name in table.referring
        if not (given or column.nullable or column.default or column.generated):
            yield Problem(
                table.name, (name,), "may not be NULL and has no default; give it a source"
            )


def _orphans(
    plan: Plan, table: Table, columns: Mapping[str, ColumnPlan], counts: Mapping[str, int]
) -> Iterator[Problem]:
    for key in table.foreign_keys:
        sources = {columns.get(name, ColumnPlan("fk")).source for name in key.columns}
        planned = plan.rows_of(key.parent) if key.parent in plan.tables else 0
        empty = not (planned + counts.get(key.parent, 0))
        if "fk" in sources and empty and not table.nullable(key):
            rule = f"refers to {key.parent}, which is empty and stays empty"
            yield Problem(table.name, key.columns, rule)
        left = any(_may_be_null(columns.get(name), table.columns[name]) for name in key.columns)
        if len(sources) > 1 and "fk" in sources and not left:
            rule = "all columns of a foreign key must be fk, or none"
            yield Problem(table.name, key.columns, rule)


def _full_keys(
    plan: Plan,
    table: Table,
    sources: Mapping[str, Source],
    counts: Mapping[str, int],
) -> Iterator[Problem]:
    """Yield a problem for each unique key that has fewer values than rows, or may repeat."""
    rows = plan.rows_of(table.name) + counts.get(table.name, 0)
    for key, held in _held(plan, table, sources, counts):
        if held is not None and held < rows and key not in table.partial:
            rule = f"is unique and has {_some(held, 'value')} for {_some(rows, 'row')}"
            yield Problem(table.name, key, rule)
        source = sources.get(key[0])
        if len(key) == 1 and isinstance(source, FakerSource) and source.column.kind != "text":
            rule = f"is unique, and faker:{source.method} may repeat; use a range"
            yield Problem(table.name, key, rule)


def _held(
    plan: Plan,
    table: Table,
    sources: Mapping[str, Source],
    counts: Mapping[str, int],
) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield each unique key that is never NULL, and how many values it has; None for enough."""
    columns = plan.tables[table.name].columns
    for key in table.minimal_keys:
        if any(_may_be_null(columns.get(name), table.columns[name]) for name in key):
            continue
        sizes = [_size(plan, table, name, sources, counts) for name in _one_each(table, key)]
        known = [size for size in sizes if size]
        yield key, math.prod(known) if len(known) == len(sizes) else None


def most_rows(
    plan: Plan,
    table: Table,
    sources: Mapping[str, Source],
    counts: Mapping[str, int],
) -> int:
    """Return how many rows of its plan a table can hold, besides those that are there.

    Args:
        plan: the plan, with the table.
        table: the table.
        sources: the sources of its columns.
        counts: the number of rows in each table now.
    """
    there, rows = counts.get(table.name, 0), plan.rows_of(table.name)
    held = [
        count - there
        for key, count in _held(plan, table, sources, counts)
        if count is not None and key not in table.partial
    ]
    rows = max(0, min([rows, *held]))
    sequences = [one for one in sources.values() if isinstance(one, SequenceSource)]
    while rows and not all(_reaches(one, rows + there) for one in sequences):
        rows -= 1
    return rows


def without_narrow_keys(
    schema: Schema, plan: Plan, sources: Sources, counts: Mapping[str, int]
) -> Schema:
    """Return the schema without the partial unique keys that have fewer values than rows.

    Such a key, as one active row for each user, leaves its repetitions to the rows that its WHERE
    does not choose.

    Args:
        schema: the schema of the database.
        plan: the plan.
        sources: the sources by table and column.
        counts: the number of rows in each table now.
    """
    tables = dict(schema.tables)
    for name in plan.tables:
        table, rows = tables[name], plan.rows_of(name) + counts.get(name, 0)
        narrow = {
            key
            for key, held in _held(plan, table, sources[name], counts)
            if key in table.partial and held is not None and held < rows
        }
        unique = tuple(key for key in table.unique if key not in narrow)
        tables[name] = replace(table, unique=unique)
    return replace(schema, tables=tables)


def _reaches(source: SequenceSource, rows: int) -> bool:
    try:
        source.at(np.array([0, rows - 1]))
    except ValueError:
        return False
    return True


def _some(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _outgrown(
    plan: Plan,
    table: Table,
    sources: Mapping[str, Source],
    counts: Mapping[str, int],
) -> Iterator[Problem]:
    """Yield a problem for each sequence that leaves the range of its column."""
    rows = plan.rows_of(table.name) + counts.get(table.name, 0)
    for name, source in sources.items():
        if isinstance(source, SequenceSource):
            try:
                source.at(np.array([0, rows - 1]))
            except ValueError as error:
                rule = f"a sequence of {_some(rows, 'row')} {error}"
                yield Problem(table.name, (name,), rule)


def _may_be_null(plan: ColumnPlan | None, column: Column) -> bool:
    return (plan is None or plan.source == "skip") and column.nullable


def _one_each(table: Table, key: tuple[str, ...]) -> list[str]:
    """Return the columns of a key, with a single column of each foreign key.

    A column that says which table a foreign key refers to adds no values to it.
    """
    types = {one.by[0] for one in table.foreign_keys if one.by and set(one.columns) <= set(key)}
    kept = [name for name in key if name not in types]
    return list({table.referring.get(name, name): name for name in kept}.values())


def _size(
    plan: Plan,
    table: Table,
    name: str,
    sources: Mapping[str, Source],
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
    parents = {one.parent for one in table.foreign_keys if one.columns == key.columns}
    return sum(
        (plan.rows_of(one) if one in plan.tables else 0) + counts.get(one, 0)
        for one in (parents if key.by else {key.parent})
    )
