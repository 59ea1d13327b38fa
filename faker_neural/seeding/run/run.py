"""Runs a plan on a database: checks it, then writes all rows or none, or writes in chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from faker_neural import DatabaseError, PlanError
from faker_neural.seeding.connection import one_line_errors, open_connection, printable_url
from faker_neural.seeding.journal_table import JOURNAL
from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.order import insertion_order
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.schema.schema import Schema
from faker_neural.seeding.validation.fitting import fit_plan, planned_schema
from faker_neural.seeding.writing.database_writers import writer_of
from faker_neural.seeding.writing.writer import Writer

from .journal import Entry, Journal
from .runner import CheckedPlan, RunSettings, RunSteps, count_rows

__all__ = ["Run"]


@dataclass
class Run:
    """One run of a plan on a database.

    Args:
        engine: the engine of the database.
        plan: the plan to run.
        settings: the settings of the run.
        writer: the writer of the rows; None for a writer to the database.
        committed: the number of committed rows of each table, updated during the run.
    """

    engine: Engine
    plan: Plan
    settings: RunSettings = field(default_factory=RunSettings)
    writer: Writer | None = None
    committed: dict[str, int] = field(default_factory=dict)

    def __call__(self) -> dict[str, int]:
        """Run the plan.

        Returns:
            The number of rows of each table, by table name.

        Raises:
            PlanError: the plan does not fit the database; nothing was written.
            DatabaseError: another run was stopped in the database, the database refused a
                statement, or the connection was lost.
        """
        work = None
        try:
            with (
                one_line_errors(self.engine),
                open_connection(self.engine) as connection,
                _without_traces(connection, self.plan),
            ):
                writer = self.writer or writer_of(connection)
                prepared = self._prepare(connection, writer.dry)
                work = RunSteps(connection, writer, prepared, self.settings, self.committed)
                work.fill()
                work.fill_later()
                work.restart_sequences()
                work.resume_checks()
                work.end()
        except DatabaseError as error:
            if work is None:
                raise
            raise DatabaseError(error.path, f"{error.problem}; {self.progress()}") from error
        return work.written()

    def progress(self) -> str:
        """Return a message that says which rows were committed, and how to continue."""
        if not self.committed:
            return "nothing was written"
        done = ", ".join(f"{name} {rows:,}" for name, rows in self.committed.items())
        return f"committed so far: {done}; run the same command again to continue"

    def _prepare(self, connection: Connection, dry: bool) -> CheckedPlan:
        planned = planned_schema(connection, self.plan)
        schema, plan, truncated = planned.schema, planned.plan, self.settings.truncate
        counts = count_rows(connection, schema, schema.tables)
        run = f"{plan.seed} {plan.rows} {plan.tables!r} {self.settings.append} {truncated!r}"
        digest = hashlib.sha256(run.encode()).hexdigest()
        journal = Journal(digest, kept=self.settings.chunk is not None and not dry)
        if journal.of_other_run(connection):
            raise DatabaseError(
                printable_url(self.engine.url),
                "a run in chunks was stopped here; run its command again to continue, or drop the "
                f"table {JOURNAL.name} to abandon it",
            )
        if not plan.tables:
            raise PlanError(self.plan.name, ["names no table to fill"])
        problems = [
            f"truncate: there is no table {name!r}{name_hint(name, schema.tables)}"
            for name in truncated
            if name not in schema.tables
        ]
        before = counts | dict.fromkeys(truncated, 0)
        if journal.entries:
            before = {
                name: count - journal.entries.get(name, Entry()).done
                for name, count in counts.items()
            }
        else:
            problems += _cut_off(schema, truncated, counts)
        first = {name: entry.first for name, entry in journal.entries.items()}
        if not first and self.settings.append:
            first = {name: count for name, count in before.items() if name not in truncated}
        emptied = {name: schema.tables[name] for name in truncated if name in schema.tables}
        insertion_order(emptied, "truncate", defer=plan.defer_constraints)
        fitting = fit_plan(connection, planned, first, before, problems)
        return CheckedPlan(
            fitting.schema, fitting.plan, fitting.sources, fitting.order, journal, counts
        )


@contextmanager
def _without_traces(connection: Connection, plan: Plan) -> Iterator[None]:
    """Close a connection to MariaDB that an error leaves without checks of foreign keys."""
    try:
        yield
    except BaseException:
        if plan.defer_constraints and connection.dialect.name in ("mysql", "mariadb"):
            connection.invalidate()
        raise


def _cut_off(schema: Schema, truncate: Sequence[str], counts: Mapping[str, int]) -> Iterator[str]:
    """Yield a problem for each table that is kept and whose rows refer to an truncated table."""
    for table in schema.tables.values():
        for key in table.foreign_keys:
            if key.parent in truncate and table.name not in truncate and counts[table.name]:
                yield (
                    f"truncate {key.parent}: {table.name} refers to it and has "
                    f"{counts[table.name]:,} rows; truncate it too"
                )
