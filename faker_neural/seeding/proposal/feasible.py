"""Changes a proposed plan so that a run accepts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from faker_neural.seeding.plan.order import Order, UnbreakableCycleError, insertion_order
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.schema.schema import Schema, Table
from faker_neural.seeding.validation.children import with_children
from faker_neural.seeding.validation.row_keys import RowKeys
from faker_neural.seeding.validation.validate import Problem, check_plan, most_rows
from faker_neural.seeding.values.literals import refused_literals

__all__ = ["feasible"]


def feasible(plan: Plan, schema: Schema, counts: Mapping[str, int], connection: Connection) -> Plan:
    """Return a plan without what a run would refuse.

    A column that cannot be filled gets the source skip, if the database then fills it. A table
    that can hold only so many rows gets this number. A table that cannot be filled is left out,
    with the reason in `Plan.left_out`.

    Args:
        plan: the proposed plan.
        schema: the schema of the database.
        counts: the number of rows in each table now.
        connection: a connection to the database.
    """
    while True:
        plan, order = _ordered(plan, schema)
        whole, problems = with_children(plan, schema, {}, counts)
        sources, others = check_plan(whole, schema, counts)
        problems += others
        if not problems:
            problems += RowKeys(schema, whole, sources).problems(order)
        problems += [Problem(*one) for one in refused_literals(connection, schema, sources)]
        if not problems:
            return plan
        for name in dict.fromkeys(problem.table for problem in problems):
            own = [problem for problem in problems if problem.table == name]
            rows = most_rows(whole, schema.tables[name], sources[name], counts)
            plan = _mended(plan, whole, schema.tables[name], rows, own)


def _ordered(plan: Plan, schema: Schema) -> tuple[Plan, Order]:
    """Leave out a table of each cycle that cannot be filled; return the order of the others."""
    while True:
        try:
            tables = {name: schema.tables[name] for name in plan.tables}
            order = insertion_order(tables, defer=plan.defer_constraints)
        except UnbreakableCycleError as error:
            plan = _left_out(plan, max(error.tables), error.problems[0])
        else:
            return plan, order


def _mended(plan: Plan, whole: Plan, table: Table, rows: int, problems: Sequence[Problem]) -> Plan:
    """Limit the rows of a table, or skip the columns that cannot be filled, or leave it out.

    In `whole`, children have their numbers of rows.
    """
    found = plan.tables[table.name]
    if found.per is not None:  # without it, there may be fewer rows, and of any parent
        plain = replace(found.with_rows(0), rows=None)
        return _with(plan, table.name, plain)
    if rows < whole.rows_of(table.name):
        if not rows:
            return _left_out(plan, table.name, str(problems[0]))
        return _with(plan, table.name, replace(found, rows=rows))
    skipped = {
        name: ColumnPlan("skip")
        for problem in problems
        for name in problem.columns
        if table.columns[name].nullable or table.columns[name].default
    }
    columns = {**found.columns, **skipped}
    if columns != found.columns:
        return _with(plan, table.name, replace(found, columns=columns))
    return _left_out(plan, table.name, str(problems[0]))


def _with(plan: Plan, name: str, table: TablePlan) -> Plan:
    return replace(plan, tables={**plan.tables, name: table})


def _left_out(plan: Plan, name: str, why: str) -> Plan:
    tables = {key: table for key, table in plan.tables.items() if key != name}
    return replace(plan, tables=tables, left_out={**plan.left_out, name: why})
