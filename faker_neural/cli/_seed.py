"""The subcommands that fill a development database."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table

from faker_neural import DatabaseError, MissingFileError, OptionError
from faker_neural._drafts import draft

from ._app import app, print_table
from ._terminal import VisibleConsole, VisibleTable, say, value_stream

if TYPE_CHECKING:
    from faker_neural.seeding import DatabaseState, Plan

seed_app = typer.Typer(rich_markup_mode=None, help="Fill a development database.")
app.add_typer(seed_app, name="seed")

_URL = "FAKER_NEURAL_DATABASE_URL"
_WIDTHS = (60, 40, 30, 24, 18, 14)  # characters of a column that are shown, what fits

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a TOML file.")]
Url = Annotated[
    str | None,
    typer.Option(envvar=_URL, help="Database URL; overrides the plan's."),
]
Seed = Annotated[int | None, typer.Option(help="Random seed, 0 to 2^64 - 1; overrides the plan's.")]
Rows = Annotated[
    list[str] | None, typer.Option(metavar="TABLE=N", help="Number of rows of a table; repeatable.")
]


Defer = Annotated[
    bool,
    typer.Option(
        "--defer-constraints",
        help="Fill tables that refer to one another; foreign keys are checked at the end.",
    ),
]


@seed_app.command()
def init(
    url: Annotated[str, typer.Argument(help="Database URL, such as sqlite:///dev.db.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Plan file to write; default: standard output."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Table to fill, or a pattern such as shop_*; repeatable; default: all tables.",
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--except", metavar="PATTERN", help="Table not to fill; repeatable."),
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="Last day of dates; default: today."
        ),
    ] = None,
    defer_constraints: Defer = False,
) -> None:
    """Read a database's tables and propose what to fill each column with."""
    from faker_neural.seeding import propose, write_plan

    if output is not None and output.exists():
        raise OptionError("output", str(output), "is there already; remove it, or name another")
    day = as_of.date() if as_of else None
    plan = propose(
        url,
        only or (),
        leave_out=leave_out or (),
        as_of=day,
        defer_constraints=defer_constraints,
    )
    text = write_plan(plan)
    if output is None:
        value_stream().write(text)
        return
    with draft(output, new=True) as beside:
        beside.write_text(text, encoding="utf-8")
    for name, why in plan.left_out.items():
        say(f"{name} is not filled: {why}")
    columns = [column for one in plan.tables.values() for column in one.columns.values()]
    guessed = sum(column.guess for column in columns)
    say(
        f"wrote {output}: {_some(len(plan.tables), 'table')}, {_some(len(columns), 'column')}, "
        f"{guessed} of them "
        f"guessed by name; try: faker-neural seed plan {output}"
    )


@seed_app.command(name="plan")
def show(
    plan: PlanFile,
    url: Url = None,
    seed: Seed = None,
    rows: Rows = None,
    n: Annotated[int, typer.Option("-n", help="Number of rows to show of each table.")] = 10,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to look at, with a drawing of the tables.")
    ] = None,
) -> None:
    """Show the first rows of each table that a run would write; nothing is written."""
    from faker_neural.seeding import preview, survey

    read, database = plan_and_url(plan, url, rows)
    if html is not None:
        from faker_neural.seeding.page.page import plan_page

        page = plan_page(database, read, n=n, seed=seed)
        with draft(html) as beside:
            beside.write_text(page, encoding="utf-8")
        say(f"wrote {html}")
        return
    there = survey(database)
    found = preview(database, read, n=n, seed=seed)
    say(f"{there.database}: {_some(len(found), 'table')} to fill")
    for name, sample in found.items():
        rows_of_it = read.rows_text(name)
        say("", f"{name}: {rows_of_it}, {there.rows[name]:,} there before")
        print_table(_table(read, name, sample, VisibleConsole().width))


@seed_app.command()
def run(
    plan: PlanFile,
    url: Url = None,
    seed: Seed = None,
    rows: Rows = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="Table of the plan to fill, repeatable; default: all its tables."),
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add rows behind those in each table.")
    ] = False,
    chunk: Annotated[
        int | None,
        typer.Option(help="Commit every N rows, so that a stopped run can be continued."),
    ] = None,
    truncate: Annotated[
        list[str] | None, typer.Option(metavar="TABLE", help="Table to empty first; repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the SQL and change nothing.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Accept tables that have rows, and databases on other machines."
        ),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Number of worker processes; default: number of cores.")
    ] = None,
    defer_constraints: Defer = False,
) -> None:
    """Fill the tables of a plan, all in one transaction unless --chunk is given."""
    from faker_neural.seeding import RunSettings, survey, write_sql

    read, database = plan_and_url(plan, url, rows)
    read = read.with_only(table or ())
    if defer_constraints:
        read = replace(read, defer_constraints=True)
    cores = workers if workers is not None else min(os.cpu_count() or 1, 256)
    emptied = tuple(truncate or ())
    if dry_run and chunk is not None:
        raise OptionError("chunk", chunk, "does not go with --dry-run, which commits nothing")
    if dry_run:
        write_sql(
            database,
            read,
            value_stream(),
            seed=seed,
            append=append,
            truncate=emptied,
            workers=cores,
        )
        return
    settings = RunSettings(append, chunk, emptied, cores)
    _ask(survey(database), yes, adds=append or bool(emptied))
    from ._seed_progress import SeedProgress

    with SeedProgress() as progress:
        progress.fill(database, read, settings, seed)
    progress.report()


def _some(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _ask(there: DatabaseState, yes: bool, *, adds: bool) -> None:
    """Show what is not an empty database of this machine, and refuse it unless `yes` is given.

    Args:
        there: the database.
        yes: whether --yes is given.
        adds: whether --append or --truncate is given.
    """
    filled = {name: there.rows[name] for name in there.fillable if there.rows[name]}
    if there.stopped or (there.local and not filled):
        return
    counts = ", ".join(f"{name} {rows:,}" for name, rows in filled.items()) or "no rows"
    found = f"has {counts}{'' if there.local else ', not on this machine'}"
    if yes:
        say(f"{there.database}: {found}")
    elif filled and not adds:
        how = "--append --yes adds the next rows, --truncate TABLE --yes empties a table first"
        raise DatabaseError(there.database, f"{found}; {how}")
    else:
        raise DatabaseError(there.database, f"{found}; --yes fills it all the same")


def plan_and_url(path: Path, url: str | None, rows: list[str] | None = None) -> tuple[Plan, str]:
    """Read a plan, and return it with the URL of its database.

    Args:
        path: the plan's file.
        url: the URL that was typed; None for the plan's.
        rows: what was typed as --rows.
    """
    from faker_neural.seeding import read_plan

    plan = read_plan(path).with_rows(dict(map(_count, rows or ())))
    if not (url or plan.url):
        raise MissingFileError(path, f"has no url; give --url, or set {_URL}")
    if not url:
        _check_password(plan.url)
    return plan, url or plan.url


def _check_password(url: str) -> None:
    """Say how to give the password that a plan has not, where the database wants one."""
    from faker_neural.seeding import read_connection

    try:
        with read_connection(url):
            return
    except DatabaseError as error:
        if "password" not in error.problem:
            raise
        hint = f"the plan has none: give --url, or set {_URL}"
        raise DatabaseError(error.path, f"{error.problem}; {hint}") from None


def _count(text: str) -> tuple[str, int]:
    table, equals, number = text.rpartition("=")
    if not (equals and table and number.isdecimal()):
        raise OptionError("rows", text, "must be TABLE=N, such as products=1000")
    return table, int(number)


def _table(plan: Plan, name: str, sample: list[dict[str, Any]], width: int) -> Table:
    """Show rows, below each column's name its source; what has no room is left out."""
    columns = list(sample[0]) if sample else list(plan.tables[name].columns)
    cells = {
        column: [column, _source(plan, name, column), *(_cell(row[column]) for row in sample)]
        for column in columns
    }
    widths = [max(map(len, cells[column])) for column in columns]
    most = next((most for most in _WIDTHS if _room(widths, most) <= width), _WIDTHS[-1])
    shown = [
        column
        for place, column in enumerate(columns)
        if not place or _room(widths[: place + 1], most) <= width
    ]
    table = VisibleTable(
        *(Column("\n".join(cells[one][:2]), no_wrap=True, max_width=most) for one in shown),
        box=None,
        caption=_left_out(columns[len(shown) :]),
        caption_justify="left",
    )
    for row in zip(*(cells[column][2:] for column in shown), strict=True):
        table.add_row(*row)
    return table


def _room(widths: list[int], most: int) -> int:
    return sum(min(width, most) + 2 for width in widths)


def _left_out(columns: list[str]) -> str | None:
    return f"and {', '.join(columns)}" if columns else None


def _source(plan: Plan, table: str, column: str) -> str:
    found = plan.tables[table].columns.get(column)
    return found.source if found else "fk"


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return value.hex()
    return " ".join(str(value).split())
