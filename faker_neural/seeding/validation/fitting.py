"""All checks of a plan together, before its first row is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from faker_neural import PlanError
from faker_neural.seeding.plan.order import Order, insertion_order
from faker_neural.seeding.plan.plan import Plan, TablePlan
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Schema
from faker_neural.seeding.values.literals import refused_literals

from .children import with_children
from .implied_keys import with_implied_keys
from .planned_keys import with_planned_keys
from .row_keys import RowKeys
from .validate import Problem, Sources, check_plan, with_defaults, without_narrow_keys

__all__ = ["FittingPlan", "PlannedSchema", "fit_plan", "planned_schema"]


@dataclass(frozen=True, slots=True)
class PlannedSchema:
    """A database's schema with the keys of a plan, and the plan with the keys of the schema.

    Args:
        schema: the schema, with the foreign keys of the plan and the keys that these imply.
        plan: the plan, with the foreign keys that it leaves out and that may not be NULL.
        problems: what is wrong with the plan's foreign keys.
    """

    schema: Schema
    plan: Plan
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class FittingPlan:
    """A plan that fits its database.

    Args:
        schema: the schema of the database.
        plan: the plan, with the number of rows of each table.
        sources: the sources by table and column.
        order: the order of the tables.
    """

    schema: Schema
    plan: Plan
    sources: Sources
    order: Order


def planned_schema(connection: Connection, plan: Plan) -> PlannedSchema:
    """Read the schema of a database, and complete schema and plan by each other.

    Args:
        connection: a connection to the database.
        plan: the plan.
    """
    schema, wrong_keys = with_planned_keys(reflect(connection), plan)
    schema = with_implied_keys(schema)
    tables = {
        name: TablePlan(table.rows, with_defaults(schema.tables[name], table.columns))
        if name in schema.tables
        else table
        for name, table in plan.tables.items()
    }
    return PlannedSchema(schema, replace(plan, tables=tables), wrong_keys)


def fit_plan(
    connection: Connection,
    planned: PlannedSchema,
    first: Mapping[str, int],
    before: Mapping[str, int],
    problems: Sequence[str] = (),
) -> FittingPlan:
    """Check that a plan fits a database.

    Args:
        connection: a connection to the database, which is asked about values.
        planned: the schema and the plan.
        first: the number of the run's first row in each table.
        before: the number of rows in each table before the run.
        problems: other problems, which an error lists first.

    Raises:
        PlanError: the plan does not fit; the error lists all problems.
    """
    schema, plan = planned.schema, planned.plan
    plan, wrong_rows = with_children(plan, schema, first, before)
    sources, misfits = check_plan(plan, schema, before)
    wrong_keys = [*planned.problems, *wrong_rows]
    wrong = {one.columns for one in wrong_keys}
    misfits = [*wrong_keys, *(one for one in misfits if one.columns not in wrong)]
    misfits += [Problem(*refused) for refused in refused_literals(connection, schema, sources)]
    if problems := [*problems, *map(str, misfits)]:
        raise PlanError(plan.name, problems)
    tables = {name: schema.tables[name] for name in plan.tables}
    order = insertion_order(tables, plan.name, defer=plan.defer_constraints)
    schema = without_narrow_keys(schema, plan, sources, before)
    if problems := [*map(str, RowKeys(schema, plan, sources).problems(order))]:
        raise PlanError(plan.name, problems)
    return FittingPlan(schema, plan, sources, order)
