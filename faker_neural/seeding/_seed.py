"""The functions for users: preview a plan, run it, or write it as SQL."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

from sqlalchemy import URL, Engine

from faker_neural._options import check_count
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.plan.plan_file import read_plan
from faker_neural.seeding.proposal.proposal import proposed_rows
from faker_neural.seeding.run.run import Run
from faker_neural.seeding.run.runner import Monitor, RunSettings, count_rows
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.writing.preview_writer import PreviewWriter
from faker_neural.seeding.writing.sql_writer import SqlWriter

from .connection import (
    connect,
    is_local,
    one_line_errors,
    open_connection,
    printable_url,
    read_connection,
)
from .journal_table import has_journal

__all__ = [
    "DatabaseState",
    "SeedResult",
    "SeedRun",
    "preview",
    "seed",
    "survey",
    "write_sql",
]

Database = str | URL | Engine
PlanOrRows = Plan | str | os.PathLike[str] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SeedResult:
    """The result of a run.

    Args:
        database: the URL of the database, with *** for the password.
        rows: the number of rows of each table, by table name.
    """

    database: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of a database.

    Args:
        database: the URL of the database, with *** for the password.
        local: whether it is certainly on this machine.
        stopped: whether a run in chunks was stopped in it.
        rows: the number of rows of each table, by table name.
        fillable: the tables that a proposal fills: not a migration tool's own tables, nor those of
            other schemas.
    """

    database: str
    local: bool
    stopped: bool
    rows: Mapping[str, int]
    fillable: tuple[str, ...]


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
) -> SeedResult:
    """Fill tables of a database, in one transaction unless `chunk` is given.

    Examples:
        >>> import sqlite3
        >>> from faker_neural.seeding import seed
        >>> database = sqlite3.connect("dev.db")
        >>> with database:
        ...     _ = database.execute("CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT)")
        >>> seed("sqlite:///dev.db", {"products": 100})
        SeedResult(database='sqlite:///dev.db', rows={'products': 100})
        >>> database.execute("SELECT count(*), max(id) FROM products").fetchone()
        (100, 100)
        >>> database.close()

    Args:
        database: a SQLAlchemy engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL
            database.
        plan_or_rows: a plan, the path of a plan's file, or the number of rows of each table to
            fill; the columns are then filled as `propose` suggests, with times until 2025-12-31.
        seed: the random seed, 0 to 2**64 - 1; None for the plan's seed.
        append: whether the rows continue the rows in each table.
        chunk: the number of rows between commits, 1 or more; None for one transaction. A stopped
            run continues if it is started again with the same arguments.
        truncate: the tables to empty first; no other rows are deleted.
        workers: the number of processes that draw, 1 to 256; it does not change the rows. With
            more than one, the calling script needs `if __name__ == "__main__":`.
        monitor: is called with the name of a table, its rows written so far and its number of rows.

    Returns:
        The database and the number of rows of each table.

    Raises:
        PlanError: the plan does not fit the database; nothing was written.
        DatabaseError: the database refused a statement, or the connection was lost. The message
            says which rows were committed, if any.
        MissingExtraError: the driver is not installed.
        MissingFileError: the file of the plan or of SQLite does not exist.
        OptionError: `chunk`, `workers` or `seed` is out of range.
    """
    settings = RunSettings(append, chunk, tuple(truncate), workers)
    if monitor is not None:
        settings = replace(settings, monitor=monitor)
    return SeedRun(database, plan_or_rows, settings, seed=seed).run()


class SeedRun:
    """A run of `seed` that can report its progress after an interrupt.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        settings: the settings of the run.
        seed: as for `seed`.

    Raises:
        PlanError: the plan is invalid.
        DatabaseError: the database cannot be opened or read.
        MissingExtraError: the driver is not installed.
        MissingFileError: the file of the plan or of SQLite does not exist.
        OptionError: `seed` is out of range.
    """

    def __init__(
        self,
        database: Database,
        plan_or_rows: PlanOrRows,
        settings: RunSettings,
        *,
        seed: int | None = None,
    ) -> None:
        engine = connect(database)
        self._run = Run(engine, _plan(engine, plan_or_rows, seed), settings)

    def run(self) -> SeedResult:
        """Fill the tables.

        Returns:
            The database and the number of rows of each table.

        Raises:
            PlanError: the plan does not fit the database; nothing was written.
            DatabaseError: the database refused a statement, or the connection was lost.
        """
        return SeedResult(printable_url(self._run.engine.url), self._run())

    def progress(self) -> str:
        """Return a message that says which rows were committed, and how to continue."""
        return self._run.progress()


def preview(
    database: Database, plan_or_rows: PlanOrRows, *, n: int = 10, seed: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the first rows of each table that a run would write; nothing is written.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        n: the number of rows of each table, 0 or more.
        seed: as for `seed`.

    Returns:
        The rows by table name; each row holds its values by column name.

    Raises:
        PlanError: the plan does not fit the database.
        DatabaseError: the database cannot be read.
        MissingExtraError: the driver is not installed.
        MissingFileError: the file of the plan or of SQLite does not exist.
        OptionError: `n` or `seed` is out of range.
    """
    engine = connect(database)
    writer = PreviewWriter(check_count("n", n))
    done = Run(engine, _plan(engine, plan_or_rows, seed), RunSettings(most=n), writer)()
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
    """Write the statements of a run as SQL; the database is only read.

    Args:
        database: as for `seed`.
        plan_or_rows: as for `seed`.
        out: the text file to write to.
        seed: as for `seed`.
        append: as for `seed`.
        truncate: as for `seed`.
        workers: as for `seed`.

    Raises:
        PlanError: the plan does not fit the database; nothing was written.
        DatabaseError: the database cannot be read.
        MissingExtraError: the driver is not installed.
        MissingFileError: the file of the plan or of SQLite does not exist.
        OptionError: `workers` or `seed` is out of range.
    """
    engine = connect(database)
    with (
        one_line_errors(engine),
        open_connection(engine) as connection,
    ):  # sets up the dialect for the server
        writer = SqlWriter(connection.dialect, out)
    settings = RunSettings(append, None, tuple(truncate), workers)
    Run(engine, _plan(engine, plan_or_rows, seed), settings, writer)()
    writer.end()


def survey(database: Database) -> DatabaseState:
    """Return the state of a database, with the number of rows of each table.

    Args:
        database: as for `seed`.

    Raises:
        DatabaseError: the database cannot be read.
        MissingExtraError: the driver is not installed.
        MissingFileError: the SQLite file does not exist.
    """
    with read_connection(database) as connection:
        url, schema = connection.engine.url, reflect(connection)
        rows = count_rows(connection, schema, schema.tables)
        stopped = has_journal(connection)
    return DatabaseState(printable_url(url), is_local(url), stopped, rows, tuple(schema.fillable))


def _plan(engine: Engine, plan_or_rows: PlanOrRows, seed: int | None) -> Plan:
    if isinstance(plan_or_rows, Mapping):
        plan = proposed_rows(engine, plan_or_rows)
    else:
        plan = plan_or_rows if isinstance(plan_or_rows, Plan) else read_plan(plan_or_rows)
    if seed is None:
        return plan
    return replace(plan, seed=check_count("seed", seed, below=2**64))
