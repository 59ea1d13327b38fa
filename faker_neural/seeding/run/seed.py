"""What a user asks for: a plan proposed, looked at, carried out, or written as SQL."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TextIO

from sqlalchemy import URL, Engine, inspect

from faker_neural import DatabaseError, PlanError
from faker_neural._options import check_count
from faker_neural.seeding.plan.order import insertion_order
from faker_neural.seeding.plan.plan import Plan, nearest, read_plan
from faker_neural.seeding.plan.propose import propose as propose_for
from faker_neural.seeding.schema.database import (
    connect,
    errors_of,
    is_local,
    opened,
    reading,
    shown,
    without_password,
)
from faker_neural.seeding.schema.journal_table import JOURNAL
from faker_neural.seeding.schema.reflect import reflect

from .run import Run
from .runner import Monitor, Settings, count_rows
from .writers import KeepingWriter, SqlWriter

__all__ = ["Filling", "Seeding", "Survey", "preview", "propose", "seed", "survey", "write_sql"]

Database = str | URL | Engine
PlanOrRows = Plan | str | os.PathLike[str] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Seeding:
    """What was written: the rows of each table, and where."""

    database: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Survey:
    """A database as it is.

    Args:
        database: its URL without the password.
        local: whether it is on this machine.
        stopped: whether a run in chunks was stopped in it.
        rows: of each table.
    """

    database: str
    local: bool
    stopped: bool
    rows: Mapping[str, int]


def propose(database: Database, tables: Sequence[str] = ()) -> Plan:
    """Propose a plan for a database, by the names, types and constraints of its columns.

    Args:
        database: a SQLAlchemy engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL
            database.
        tables: those to fill; all if none.

    Raises:
        DatabaseError: the database cannot be read, or has no tables.
        PlanError: a table is not there.
    """
    with reading(database) as connection:
        url, schema = connection.engine.url, reflect(connection)
    if not schema.tables:
        raise DatabaseError(shown(url), "has no tables to fill; create them first")
    plan, order = propose_for(schema), list(schema.tables)
    with suppress(PlanError):  # a cycle that nothing breaks matters when both tables are filled
        order = list(insertion_order(schema.tables).tables)
    if unknown := [name for name in tables if name not in plan.tables]:
        raise PlanError(
            "tables",
            [f"there is no table {name!r}{nearest(name, plan.tables)}" for name in unknown],
        )
    kept = {name: plan.tables[name] for name in order if not tables or name in tables}
    return replace(plan, url=without_password(url), tables=kept)


def seed(
    database: Database,
    plan_or_rows: PlanOrRows,
    *,
    seed: int | None = None,
    append: bool = False,
    chunk: int | None = None,
    truncate: Sequence[str] = (),
    workers: int = 1,
    monitor: Monitor | None = None,
) -> Seeding:
    """Fill tables of a database, in one transaction.

    Args:
        database: a SQLAlchemy engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL
            database.
        plan_or_rows: a plan, the path of one, or how many rows each table gets, whose columns are
            then filled as `propose` says.
        seed: in the place of the plan's, 0 to 2**64 - 1.
        append: whether the rows go on where each table ends.
        chunk: rows after which to commit; a run that was stopped goes on when it is started
            again with the same arguments. None for one transaction.
        truncate: tables to empty before; nothing else is ever deleted.
        workers: processes that draw, 1 to 256; the rows are the same. With more than one, the
            calling script needs its `if __name__ == "__main__"`.
        monitor: is called with a table, its rows so far and all its rows.

    Raises:
        PlanError: the plan does not fit the database; nothing was written.
        DatabaseError: it refused, or went away; what is said was committed, else nothing.
        MissingExtraError: the driver is not installed.
        MissingFileError: the plan's or SQLite's file is not there.
        OptionError: `chunk`, `workers` or `seed` is out of range.
    """
    settings = Settings(append, chunk, tuple(truncate), workers)
    if monitor is not None:
        settings = replace(settings, monitor=monitor)
    return Filling(database, plan_or_rows, settings, seed=seed).run()


class Filling:
    """What `seed` does, for who wants to ask it how far it came.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        settings: how the plan is carried out.
        seed: as for `seed`.
    """

    def __init__(
        self,
        database: Database,
        plan_or_rows: PlanOrRows,
        settings: Settings,
        *,
        seed: int | None = None,
    ) -> None:
        engine = connect(database)
        self._run = Run(engine, _plan(engine, plan_or_rows, seed), settings)

    def run(self) -> Seeding:
        """Fill the tables."""
        return Seeding(shown(self._run.engine.url), self._run())

    def progress(self) -> str:
        """Say what is in the database for good, and how to go on."""
        return self._run.progress()


def preview(
    database: Database, plan_or_rows: PlanOrRows, *, n: int = 10, seed: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the first rows of each table that a run would write; nothing is written.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        n: how many rows of each table.
        seed: in the place of the plan's.

    Raises:
        PlanError: the plan does not fit the database.
        DatabaseError: the database cannot be read.
    """
    engine = connect(database)
    writer = KeepingWriter(check_count("n", n))
    done = Run(engine, _plan(engine, plan_or_rows, seed), Settings(most=n), writer)()
    return {name: writer.rows.get(name, []) for name in done}


def write_sql(
    database: Database,
    plan_or_rows: PlanOrRows,
    out: TextIO,
    *,
    seed: int | None = None,
    append: bool = False,
    truncate: Sequence[str] = (),
    workers: int = 1,
) -> None:
    """Write the statements of a run as SQL; the database is read and stays as it is.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        out: what is written to.
        seed: in the place of the plan's.
        append: as for `seed`.
        truncate: as for `seed`.
        workers: as for `seed`.

    Raises:
        PlanError: the plan does not fit the database; nothing was written.
        DatabaseError: the database cannot be read.
    """
    engine = connect(database)
    with errors_of(engine), opened(engine) as connection:  # whose dialect knows the server
        writer = SqlWriter(connection.dialect, out)
    settings = Settings(append, None, tuple(truncate), workers)
    Run(engine, _plan(engine, plan_or_rows, seed), settings, writer)()
    writer.end()


def survey(database: Database) -> Survey:
    """Count the rows of a database's tables.

    Raises:
        DatabaseError: the database cannot be read.
    """
    with reading(database) as connection:
        url, schema = connection.engine.url, reflect(connection)
        rows = count_rows(connection, schema, schema.tables)
        stopped = inspect(connection).has_table(JOURNAL.name)
    return Survey(shown(url), is_local(url), stopped, rows)


def _plan(engine: Engine, plan_or_rows: PlanOrRows, seed: int | None) -> Plan:
    if isinstance(plan_or_rows, Mapping):
        proposed = propose(engine)
        wanted = proposed.with_rows(plan_or_rows)
        kept = {name: wanted.tables[name] for name in plan_or_rows}
        plan = replace(wanted, tables=kept)
    else:
        plan = plan_or_rows if isinstance(plan_or_rows, Plan) else read_plan(plan_or_rows)
    if seed is None:
        return plan
    return replace(plan, seed=check_count("seed", seed, below=2**64))
