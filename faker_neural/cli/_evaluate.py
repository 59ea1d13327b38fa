"""The subcommand that measures how near a model's texts are to real ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column

from faker_neural import MissingFileError, OptionError, load
from faker_neural_export.data.files.options import ReadingOptions

from ._app import app
from ._column_files import column_file, second_file
from ._commands import Model
from ._options import options_of
from ._terminal import VisibleConsole, VisibleTable, say

if TYPE_CHECKING:
    from faker_neural_export import Evaluation, RowEvaluation


@app.command()
@options_of(ReadingOptions)
def evaluate(
    model: Model,
    real: Annotated[
        Path, typer.Option(help="Real lines the model was not trained on, 50 or more.")
    ],
    train: Annotated[Path | None, typer.Option(help="The lines the model was trained on.")] = None,
    column: Annotated[
        str | None, typer.Option(help="Column to read, if the files are tables.")
    ] = None,
    split: Annotated[
        bool,
        typer.Option("--split", help="--real is the training file; repeat train's held-out split."),
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write an HTML report to this file.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed for the generated samples.")] = 0,
    **typed: Any,
) -> None:
    """Compare what a model writes with real lines, beside a 6-gram model and other real lines."""
    if html is not None and not html.parent.is_dir():
        raise MissingFileError(html.parent, "there is no such folder to write to")
    options = ReadingOptions(**typed)
    lines = column_file(real, options)
    learned = None if train is None else second_file(train, real, options)
    from faker_neural_export import evaluate as measure
    from faker_neural_export import evaluate_rows, write_report, write_row_report

    from ._evaluate_progress import EvaluationProgress

    if load(model).card.columns:
        if column is not None:
            raise OptionError("column", column, "is not for a model of rows, which has its columns")
        with EvaluationProgress() as monitor:
            rows = evaluate_rows(
                model, lines, train=learned, split=split, seed=seed, monitor=monitor
            )
        _print_rows(rows)
        if html is not None:
            say(f"wrote {write_row_report(rows, html)}")
        return
    with EvaluationProgress() as monitor:
        found = measure(
            model, lines, train=learned, column=column, split=split, seed=seed, monitor=monitor
        )
    _print(found)
    if html is not None:
        say(f"wrote {write_report(found, html)}")


def _print_rows(found: RowEvaluation) -> None:
    from faker_neural_export.evaluation.rows import pair_figures, row_figures

    right = [Column(name, justify="right") for name in found.columns]
    table = VisibleTable("", *right, Column("better is", style="dim"), box=None)
    for title, better, shown in row_figures(found.figures):
        table.add_row(title, *shown, better)
    for title, shown in pair_figures(found.figures):
        table.add_row(title, *shown, "as real")
    VisibleConsole().print(table)
    if given := list(found.given_figures.values()):
        right = [Column(name, justify="right") for name in found.given_figures]
        table = VisibleTable("given one column of a real row", *right, box=None)
        for title, _, shown in row_figures(given):
            table.add_row(title, *shown)
        for title, shown in pair_figures(given):
            table.add_row(title, *shown)
        VisibleConsole().print(table)
    say(f"{len(found.rows):,} generated rows, {len(found.real):,} real rows")


def _print(found: Evaluation) -> None:
    from faker_neural_export.evaluation.figures import ROWS

    for lines, why in (
        (found.overlap, "left out, as they are training lines too"),
        (found.unreadable, "without a token for one of their characters, not in its bits"),
    ):
        if lines:
            say(f"{len(lines):,} real lines {why}, such as {lines[0]!r}")
    right = [Column(name, justify="right") for name in (found.model.card.name, "6-gram", "real")]
    table = VisibleTable("", *right, Column("better is", style="dim"), box=None)
    for name, (title, better, form) in ROWS.items():
        values = [getattr(figures, name) for figures in found.columns]
        if any(value is not None for value in values):
            shown = ["-" if value is None else format(value, form) for value in values]
            table.add_row(title, *shown, better)
    VisibleConsole().print(table)
    say(f"{len(found.texts):,} generated texts, {len(found.real):,} real lines")
