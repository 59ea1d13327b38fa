"""The subcommand that writes a table of a plan to a file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from faker_neural import OptionError

from ._app import app
from ._seed import PlanFile, Seed, Url, plan_and_url
from ._terminal import say

_MOST_DIGITS = 18  # of a number of rows


@app.command()
def table(
    plan: PlanFile,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="The table of the plan.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="File to write: .parquet, .arrow, .csv or .jsonl."),
    ],
    rows: Annotated[
        str | None,
        typer.Option(metavar="N", help="Number of rows, such as 1000000 or 1e6; else the plan's."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Columns to write, comma-separated; default: all that the plan fills."),
    ] = None,
    url: Url = None,
    seed: Seed = None,
    workers: Annotated[int, typer.Option(help="Number of processes that draw.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a table of a plan to a file, streamed; the database is only read."""
    from faker_neural.integrations.table_files import check_output, write_table
    from faker_neural.seeding import plan_table

    from ._file_progress import RowProgress

    check_output(output, force=force)  # before the keys of parent tables are made
    read, database = plan_and_url(plan, url)
    opened = plan_table(
        read,
        name,
        database=database,
        rows=None if rows is None else whole_number("rows", rows),
        seed=seed,
        columns=[one.strip() for one in columns.split(",")] if columns is not None else None,
    )
    with RowProgress(opened.rows) as progress:
        write_table(opened, output, workers=workers, force=force, monitor=progress.done)
    say(f"wrote {output}: {opened.rows:,} row{'' if opened.rows == 1 else 's'}")


def whole_number(name: str, text: str) -> int:
    """Return a number that was typed as 1000000, 1_000_000 or 1e6.

    Args:
        name: the name of the option.
        text: what was typed.

    Raises:
        OptionError: it is no whole number, or below 0.
    """
    try:
        number = Decimal(text)
        small = number.adjusted() <= _MOST_DIGITS
        exact = int(number) if small and number == int(number) else -1
    except (InvalidOperation, ValueError, OverflowError):
        exact = -1
    if exact < 0:
        raise OptionError(name, text, "must be a whole number, such as 1000000 or 1e6")
    return exact
