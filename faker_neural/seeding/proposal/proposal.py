"""Proposes a plan that a run accepts, or fills some tables as proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from sqlalchemy import URL, Engine

from faker_neural import DatabaseError, PlanError
from faker_neural.seeding.connection import printable_url, read_connection, without_password
from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.order import insertion_order
from faker_neural.seeding.plan.plan import Plan, TablePlan
from faker_neural.seeding.run.run import Run
from faker_neural.seeding.run.runner import RunSettings, count_rows
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Schema
from faker_neural.seeding.schema.triggers import reasons_to_leave_out
from faker_neural.seeding.validation.implied_keys import with_implied_keys
from faker_neural.seeding.writing.preview_writer import PreviewWriter

from .coherence import coherent
from .feasible import feasible
from .guess_parts import with_parts
from .guess_references import with_guessed_keys
from .guess_typed_references import typed_references
from .propose import propose as propose_for

__all__ = ["propose", "proposed_rows"]

_FIXED_DAY = dt.date(2025, 12, 31)


def propose(
    database: str | URL | Engine,
    only: Sequence[str] = (),
    *,
    leave_out: Sequence[str] = (),
    as_of: dt.date | None = None,
    defer_constraints: bool = False,
) -> Plan:
    """Return a plan proposed from the names, types and constraints of a database's columns.

    Args:
        database: a SQLAlchemy engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL
            database.
        only: the names of the tables to fill, or patterns such as "shop_*"; empty for all tables.
            Empty tables that they must refer to are filled too.
        leave_out: names or patterns of tables that are not filled.
        as_of: the last day of proposed dates; None for today.
        defer_constraints: whether tables are filled that refer to one another by foreign keys
            that may not be NULL: these are checked when all rows are there.

    Returns:
        The plan, which `seed` accepts. Its `left_out` has the tables that cannot be filled.

    Raises:
        DatabaseError: the database cannot be read, or has no tables.
        PlanError: a name or a pattern fits no table.
        MissingExtraError: the driver is not installed.
        MissingFileError: the SQLite file does not exist.
    """
    with read_connection(database) as connection:
        url, schema = connection.engine.url, reflect(connection)
        if not schema.fillable:
            raise DatabaseError(printable_url(url), "has no tables to fill; create them first")
        counts = count_rows(connection, schema, schema.tables)
        chosen = _chosen(schema.fillable, only, leave_out)
        needed = _with_parents(schema, chosen, counts) if only else chosen
        reasons = reasons_to_leave_out(connection)
        filled = [name for name in needed if name in schema.fillable and name not in reasons]
        schema, plan = _proposed(schema, filled, counts, as_of or dt.date.today())
        plan = replace(with_parts(schema, plan), defer_constraints=defer_constraints)
        left_out = {name: why for name, why in reasons.items() if name in needed}
        plan = feasible(replace(plan, left_out=left_out), schema, counts, connection)
        while refused := _refused_by_checks(connection.engine, schema, plan):
            left_out = {**plan.left_out, **refused}
            kept = {name: one for name, one in plan.tables.items() if name not in refused}
            plan = replace(plan, tables=kept, left_out=left_out)
            plan = feasible(plan, schema, counts, connection)
    tables = {name: schema.tables[name] for name in plan.tables}
    order = insertion_order(tables, defer=defer_constraints)
    ordered = {name: plan.tables[name] for name in order.tables}
    needs = bool(order.suspended)
    return replace(plan, url=without_password(url), tables=ordered, defer_constraints=needs)


def proposed_rows(database: str | URL | Engine, rows: Mapping[str, int]) -> Plan:
    """Return a proposed plan with these numbers of rows, the same on every day.

    Nothing is left out or limited: a run says what it does not accept. Times end on 2025-12-31.

    Args:
        database: as for `propose`.
        rows: the number of rows of each table to fill, by table name.

    Raises:
        PlanError: a table does not exist, or a number is below 0.
        DatabaseError, MissingExtraError, MissingFileError: as for `propose`.
    """
    with read_connection(database) as connection:
        schema = reflect(connection)
        counts = count_rows(connection, schema, schema.tables)
    known = [name for name in rows if name in schema.fillable]
    _, plan = _proposed(schema, known, counts, _FIXED_DAY)
    others = {name: TablePlan() for name in schema.fillable}  # which a wrong name may mean
    wanted = replace(plan, tables={**others, **plan.tables}).with_rows(rows)
    return replace(wanted, tables={name: wanted.tables[name] for name in rows})


def _proposed(
    schema: Schema, tables: Collection[str], counts: Mapping[str, int], as_of: dt.date
) -> tuple[Schema, Plan]:
    """Return the schema with guessed foreign keys, and a proposed plan for tables.

    A foreign key is guessed only to a table that has rows or gets some.
    """
    schema = with_implied_keys(schema)
    parents = {name for name in schema.tables if name in tables or counts[name]}
    schema, guessed = with_guessed_keys(schema, parents)
    typed = list(typed_references(schema, sorted(parents)))
    for one in typed:
        child = schema.tables[one.table]
        child = replace(child, foreign_keys=(*child.foreign_keys, *one.foreign_keys))
        schema = replace(schema, tables={**schema.tables, one.table: child})
    found = propose_for(schema, as_of).tables
    plans = {
        name: TablePlan(columns=coherent(schema.tables[name], found[name].columns, as_of))
        for name in tables
    }
    for (table, column), to in guessed.items():
        if table in plans and plans[table].columns[column].source == "fk":
            columns = dict(plans[table].columns)
            columns[column] = replace(columns[column], options={"to": to}, guess=True)
            plans[table] = TablePlan(columns=columns)
    for one in (one for one in typed if one.table in plans):
        plans[one.table] = TablePlan(columns={**plans[one.table].columns, **one.plans})
    return schema, Plan(tables=plans)


def _refused_by_checks(engine: Engine, schema: Schema, plan: Plan) -> dict[str, str]:
    """Return the table whose CHECK constraints no drawn row meets, if any, and the constraints."""
    checked = [name for name in plan.tables if schema.tables[name].checks]
    needed = list(checked)
    for name in needed:  # grows by the parents
        parents = {key.parent for key in schema.tables[name].foreign_keys} & set(plan.tables)
        needed += sorted(parents - set(needed))
    if not checked:
        return {}
    settings, writer = RunSettings(most=plan.rows), PreviewWriter(plan.rows)
    try:
        Run(engine, plan.with_only(needed), settings, writer)()
    except DatabaseError as error:
        cause = error.__cause__ if isinstance(error.__cause__, DatabaseError) else error
        if error.path in plan.tables:
            return {error.path: cause.problem}
        raise
    return {}


def _chosen(
    tables: Mapping[str, object], only: Sequence[str], leave_out: Sequence[str]
) -> list[str]:
    """Return the names of the tables that a pattern of `only` fits and none of `leave_out`."""
    unknown = [
        one for one in (*only, *leave_out) if not any(fnmatchcase(name, one) for name in tables)
    ]
    if unknown:
        raise PlanError(
            "only and except",
            [f"there is no table {one!r}{name_hint(one, tables)}" for one in unknown],
        )
    return [
        name
        for name in tables
        if not only or any(fnmatchcase(name, one) for one in only)
        if not any(fnmatchcase(name, one) for one in leave_out)
    ]


def _with_parents(schema: Schema, tables: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Return the tables and the empty tables to which they must refer."""
    found = list(tables)
    for name in found:  # grows
        table = schema.tables[name]
        found += [
            key.parent
            for key in table.foreign_keys
            if not table.nullable(key) and not counts[key.parent] and key.parent not in found
        ]
    return found
