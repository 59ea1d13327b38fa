"""Opens a plan's table: reads the schema of the database, and makes the keys that rows refer to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from faker_neural import MissingFileError, PlanError
from faker_neural._options import check_count
from faker_neural.seeding.connection import read_connection
from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.plan.plan_file import read_plan
from faker_neural.seeding.run.checked_rows import RowChecks
from faker_neural.seeding.run.journal import Entry, Journal
from faker_neural.seeding.run.references import References
from faker_neural.seeding.run.runner import count_rows
from faker_neural.seeding.run.table_rows import TableBlocks
from faker_neural.seeding.schema.schema import ForeignKey, Table
from faker_neural.seeding.validation.children import child_key
from faker_neural.seeding.validation.fitting import (
    FittingPlan,
    PlannedSchema,
    fit_plan,
    planned_schema,
)
from faker_neural.seeding.values.counted import SequenceSource

from .needed_columns import needed_columns
from .plan_table import Database, PlanTable, part_of

__all__ = ["plan_table"]


def plan_table(
    plan: Plan | str | os.PathLike[str],
    table: str,
    *,
    database: Database | None = None,
    rows: int | None = None,
    seed: int | None = None,
    columns: Sequence[str] | None = None,
) -> PlanTable:
    """Open a table of a plan whose rows are made slice by slice, for files and for Spark.

    The rows are those that a run of the plan writes to empty tables. The database is read here
    for the types and keys of its columns; it may be empty. While rows are made it is asked about
    CHECK constraints that relate several columns, and about nothing else. The keys of a parent
    table are kept in memory if they are no sequence.

    Args:
        plan: the plan, or the path of its file.
        table: the name of the table.
        database: as for `seed`; None for the URL of the plan.
        rows: the number of rows, 0 to 2**40 - 1; None for the plan's.
        seed: the random seed, 0 to 2**64 - 1; None for the plan's.
        columns: the names of the columns to make; None for all that the plan fills.

    Returns:
        The table.

    Raises:
        PlanError: the plan does not fit the database, or a wanted column refers to a table that is
            not in the plan.
        DatabaseError: the database cannot be read.
        MissingExtraError: the driver is not installed.
        MissingFileError: the file of the plan or of SQLite does not exist, or there is no URL.
        OptionError: `rows` or `seed` is out of range.
    """
    plan = plan if isinstance(plan, Plan) else read_plan(plan)
    plan.with_only([table])  # it must be there
    if rows is not None:
        plan = plan.with_rows({table: check_count("rows", rows, below=2**40)})
    if seed is not None:
        plan = replace(plan, seed=check_count("seed", seed, below=2**64))
    if not (database or plan.url):
        raise MissingFileError(plan.name, "has no url, and no database is named")
    with read_connection(database or plan.url) as connection:
        return _Opening(connection, plan, table, database or plan.url).table(columns)


class _Opening:
    def __init__(self, connection: Connection, plan: Plan, name: str, database: Database) -> None:
        self._connection, self._name, self._database = connection, name, database
        self._fitting = _fitting(connection, plan, name)
        fitting, journal = self._fitting, Journal("", kept=False)
        journal.entries = {
            one: Entry(0, dict(_starts(fitting, one))) for one in fitting.order.tables
        }
        self._references = References(
            connection,
            dry=True,
            schema=fitting.schema,
            plan=fitting.plan,
            order=fitting.order,
            journal=journal,
            sources=fitting.sources,
            truncated=tuple(fitting.schema.tables),
        )

    def table(self, columns: Sequence[str] | None) -> PlanTable:
        """Return the table with the wanted columns."""
        name = self._name
        wanted = self._wanted(columns)
        needed = self._needed(name, wanted)
        for parent, keys in self._parents(name, needed).items():
            made = self._of(parent, keys)
            for block in made.blocks():
                self._references.add(parent, block)
        return self._of(name, wanted)

    def _wanted(self, columns: Sequence[str] | None) -> list[str]:
        """Return the names of the wanted columns that have values, in the order of the table."""
        table, sources = self._schema_of(self._name), self._fitting.sources[self._name]
        filled = {name for key in self._keys(self._name) for name in key.columns} | set(sources)
        for name in columns or ():
            if name not in table.columns:
                hint = name_hint(name, dict(table.columns))
                raise PlanError(self._plan.name, [f"{self._name} has no column {name!r}{hint}"])
            if name not in filled:
                problem = f"{self._name}.{name} is left to the database, so it has no values here"
                raise PlanError(self._plan.name, [problem])
        if not filled:
            raise PlanError(self._plan.name, [f"{self._name}: no column has a source"])
        return [name for name in table.columns if name in (columns or filled)]

    @property
    def _plan(self) -> Plan:
        return self._fitting.plan

    def _schema_of(self, name: str) -> Table:
        return self._fitting.schema.tables[name]

    def _keys(self, name: str) -> list[ForeignKey]:
        """Return the foreign keys of a table that the plan fills."""
        return [key for key in self._schema_of(name).foreign_keys if self._references.fills(key)]

    def _needed(self, name: str, wanted: Collection[str]) -> set[str]:
        """Return the columns that some columns need; refuse those that refer to other tables."""
        table, keys = self._schema_of(name), self._keys(name)
        checked = [check.columns for check in self._checks(name).checks]
        needed = needed_columns(table, self._fitting.sources[name], keys, checked, wanted)
        for key in keys:
            if set(key.columns) <= needed and key.parent not in self._plan.tables:
                problem = (
                    f"{key} refers to {key.parent}, which is not in the plan; add "
                    f"[tables.{key.parent}] to it, or leave the column out"
                )
                raise PlanError(self._plan.name, [problem])
        return needed

    def _checks(self, name: str) -> RowChecks:
        """Return the CHECK constraints of a table that the database is asked about."""
        filled = set(self._fitting.sources[name])
        for key in self._keys(name):
            filled |= set(key.columns) if key not in self._references.later else set()
        table = self._schema_of(name)
        return RowChecks(self._connection, table, [one for one in table.columns if one in filled])

    def _parents(self, name: str, needed: Collection[str]) -> Mapping[str, list[str]]:
        """Return the tables whose keys must be made first, in order, and the columns of these."""
        found: dict[str, set[str]] = {}
        left = [(name, set(needed))]
        while left:
            table, columns = left.pop()
            counted = child_key(self._plan, self._fitting.schema, table)
            for key in self._keys(table):
                of_it = set(key.parent_columns)
                listed = (key.parent, key.parent_columns) in self._references.listed
                if key == counted or not listed or not set(key.columns) <= columns:
                    continue
                if not of_it <= found.get(key.parent, set()):
                    found.setdefault(key.parent, set()).update(of_it)
                    left.append((key.parent, self._needed(key.parent, of_it)))
        return {one: sorted(found[one]) for one in self._fitting.order.tables if one in found}

    def _of(self, name: str, wanted: Collection[str]) -> PlanTable:
        table, plan, checks = self._schema_of(name), self._plan, self._checks(name)
        later = [key for key in self._references.later if key.table == name]
        filling = TableBlocks(
            table,
            plan.tables[name],
            plan.seed,
            self._fitting.sources[name],
            self._references.of(table),
            checks=checks,
        )
        part = part_of(filling, wanted)
        is_checked = any(set(check.columns) & set(part.columns) for check in checks.checks)
        return PlanTable(
            replace(part, checks=None),
            [self._references.of_later(key) for key in later if set(key.columns) & set(wanted)],
            [column for column in table.columns if column in wanted],
            plan.rows_of(name),
            self._database if is_checked else None,
        )


def _fitting(connection: Connection, plan: Plan, name: str) -> FittingPlan:
    """Check the part of a plan that a table needs: its own, and that of all its parents."""
    planned = planned_schema(connection, plan)
    schema = planned.schema
    needed, left = {name}, [name]
    while left:
        table = schema.tables.get(left.pop())
        new = {key.parent for key in table.foreign_keys} & set(plan.tables) if table else set()
        left += sorted(new - needed)
        needed |= new
    tables = {one: found for one, found in planned.plan.tables.items() if one in needed}
    problems = [one for one in planned.problems if one.table in needed]
    planned = PlannedSchema(schema, replace(planned.plan, tables=tables), problems)
    others = {
        key.parent
        for one in tables
        for key in (schema.tables[one].foreign_keys if one in schema.tables else ())
        if key.parent not in tables
    }
    before = dict.fromkeys(schema.tables, 0) | count_rows(connection, schema, sorted(others))
    return fit_plan(connection, planned, {}, before)


def _starts(fitting: FittingPlan, name: str) -> Iterator[tuple[str, int]]:
    for column, source in fitting.sources[name].items():
        if isinstance(source, SequenceSource):
            yield column, source.start
