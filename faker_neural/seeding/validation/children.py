"""Tables with some rows for each row of a parent: how many rows they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from faker_neural.seeding.keys.reference import children_before
from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.plan.source_factory import make_source
from faker_neural.seeding.schema.schema import ForeignKey, Schema

from .validate import Problem

__all__ = ["child_key", "with_children"]


def child_key(plan: Plan, schema: Schema, name: str) -> ForeignKey | None:
    """Return the foreign key to the parent whose every row gets rows of a table; None for none.

    Args:
        plan: the plan, with the table.
        schema: the schema of the database.
        name: the name of the table.
    """
    column = plan.tables[name].per
    return schema.tables[name].referring.get(column) if column and name in schema.tables else None


def _per(table: TablePlan) -> dict[str, ColumnPlan]:
    return {name: one for name, one in table.columns.items() if "per" in one.options}


def with_children(
    plan: Plan, schema: Schema, first: Mapping[str, int], counts: Mapping[str, int]
) -> tuple[Plan, list[Problem]]:
    """Return the plan with the numbers of rows of children, and what is wrong with these.

    Args:
        plan: the plan.
        schema: the schema of the database, with the plan's foreign keys.
        first: the number of the run's first row in each table.
        counts: the number of rows in each table before the run.
    """
    problems = [one for name in plan.tables for one in _problems(plan, schema, name)]
    keys = {name: key for name in plan.tables if (key := child_key(plan, schema, name))}
    if problems:
        return plan, problems
    try:
        order = list(TopologicalSorter({name: [keys[name].parent] for name in keys}).static_order())
    except CycleError as error:
        return plan, [Problem(error.args[1][0], (), "per goes in a circle")]
    for name in order:
        if name in keys:
            table = plan.tables[name]
            rows = _rows(plan, keys[name], first, counts)
            plan = replace(plan, tables={**plan.tables, name: replace(table, rows=rows)})
    return plan, []


def _problems(plan: Plan, schema: Schema, name: str) -> list[Problem]:
    per = _per(plan.tables[name])
    if not per or name not in schema.tables:
        return []
    column, one = next(iter(per.items()))
    rules = [_misfit(schema, name, column, one)]
    if len(per) > 1:
        rules.append(f"{', '.join(per)} say it; a table has one parent that counts its rows")
    if plan.tables[name].rows is not None:
        rules.append("says how many rows there are, so rows cannot be given")
    if one.null:
        rules.append("null does not go with per")
    per_what = f"per={one.options['per']!r}"
    return [Problem(name, (column,), f"{per_what}: {rule}") for rule in rules if rule]


def _misfit(schema: Schema, name: str, column: str, plan: ColumnPlan) -> str:
    """Return why a column does not refer to a parent, by one column; "" if it does."""
    parent = str(plan.options["per"])
    try:
        make_source(schema.tables[name].columns[column], plan)
    except KeyError:
        return "is no column of the table"
    except ValueError as error:
        return str(error)
    if parent not in schema.tables:
        hint = name_hint(parent, schema.tables)
        return "" if "." in parent else f"there is no table {parent!r}{hint}"
    if parent == name:
        return "is the table itself, which cannot have children of itself"
    key = schema.tables[name].referring.get(column)
    if key is None or key.parent != parent:
        return f'does not refer to {parent}; name its column, per = "{parent}.id"'
    if len(key.columns) > 1:
        return f"is a part of the key {', '.join(key.columns)}; per takes one column"
    return ""


def _rows(plan: Plan, key: ForeignKey, first: Mapping[str, int], counts: Mapping[str, int]) -> int:
    planned = key.parent in plan.tables
    begun = first.get(key.parent, 0) if planned else 0
    parents = begun + plan.rows_of(key.parent) if planned else counts.get(key.parent, 0)
    count = plan.tables[key.table].children
    before = children_before(plan.seed, key.table, key.columns[0], count=count, parents=parents)
    there = int(before[begun]) if planned else first.get(key.table, 0)
    return max(0, int(before[-1]) - there)
