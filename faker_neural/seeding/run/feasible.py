"""Changes a proposed plan so that a run accepts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from faker_neural.seeding.plan.order import Order, UnbreakableCycleError, insertion_order
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.schema.schema import Schema, Table
from faker_neural.seeding.values.literals import refused_literals

from .references import RowKeys
from .validate import Problem, check_plan, most_rows

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
        sources, problems = check_plan(plan, schema, counts)
        if not problems:
            problems += RowKeys(schema, plan, sources).problems(order)
        problems += [Problem(*one) for one in refused_literals(connection, schema, sources)]
        if not problems:
            return plan
        for name in dict.fromkeys(problem.table for problem in problems):
            own = [problem for problem in problems if problem.table == name]
            rows = most_rows(plan, schema.tables[name], sources[name], counts)
            plan = _mended(plan, schema.tables[name], rows, own)


def _ordered(plan: Plan, schema: Schema) -> tuple[Plan, Order]:
    """Leave out a table of each cycle that cannot be filled; return the order of the others."""
    while True:
        try:
            order = insertion_order({name: schema.tables[name] for name in plan.tables})
        except UnbreakableCycleError as error:
            plan = _left_out(plan, max(error.tables), error.problems[0])
        else:
            return plan, order


def _mended(plan: Plan, table: Table, rows: int, problems: Sequence[Problem]) -> Plan:
    """Limit the rows of a table, or skip the columns that cannot be filled, or leave it out."""
    found = plan.tables[table.name]
    if rows < plan.rows_of(table.name):
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
