"""The subcommands that learn and use a detector of generated lines."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from faker_neural import MissingFileError, OptionError, load_detector
from faker_neural_export.data.files.column_file import ColumnFile
from faker_neural_export.data.files.options import ReadingOptions
from faker_neural_export.settings.detector import DetectorSettings

from ._app import Name, Output, app, report
from ._column_files import column_file, second_file
from ._commands import CsvSafe, Format, check_csv_safe
from ._options import options_of, take_options
from ._terminal import csv_rows, print_value, say

detect = typer.Typer(rich_markup_mode=None, help="Tell generated lines from real ones.")
app.add_typer(detect, name="detect")

ScoredLines = Iterable[tuple[float, int, str]]  # score, number of the line, line
_LIKELY = 0.9


@detect.command()
@options_of(ReadingOptions, DetectorSettings)
def train(
    real: Annotated[
        Path, typer.Option(help="Real lines: text, .csv, .tsv, .jsonl, .xlsx, .parquet.")
    ],
    generated: Annotated[
        str, typer.Option(help="Generated lines: such a file, or a model's name or path.")
    ],
    output: Output,
    column: Annotated[
        str | None, typer.Option(help="Column to read, if the files are tables.")
    ] = None,
    name: Name = None,
    licence: Annotated[str, typer.Option(help="Licence of the data, stored in the file.")] = "",
    source: Annotated[str, typer.Option(help="Origin of the data, stored in the file.")] = "",
    **typed: Any,
) -> None:
    """Learn a detector and write it to a file; Ctrl-C ends with the best so far."""
    from faker_neural_export import train_detector

    from ._detect_progress import DetectorProgress

    data = {key: value for key, value in {"licence": licence, "source": source}.items() if value}
    options = ReadingOptions(**take_options(ReadingOptions, typed))
    with DetectorProgress() as monitor:
        made = train_detector(
            column_file(real, options),
            _generated(generated, real, options),
            output,
            column=column,
            name=name,
            settings=DetectorSettings(**typed),
            data=data,
            monitor=monitor,
        )
    found = made.card.evaluation
    say(f"unseen: AUC {found['auc']:.3f} on {found['held_out_lines']} lines of both kinds")
    report(made)


def _generated(generated: str, real: Path, options: ReadingOptions) -> str | ColumnFile:
    """Return the file of generated lines, or the model as it was typed."""
    path = Path(generated)
    is_file = path.suffix != ".onnx" and (generated == "-" or path.exists())
    return second_file(path, real, options) if is_file else generated


@detect.command()
@options_of(ReadingOptions)
def score(
    detector: Annotated[
        Path, typer.Argument(help="Detector file written by detect train or train --gan.")
    ],
    file: Annotated[Path, typer.Argument(help="Text, .csv, .tsv, .jsonl, .xlsx, .parquet, or -.")],
    column: Annotated[
        str | None, typer.Option(help="Column to read, if the file is a table.")
    ] = None,
    above: Annotated[float, typer.Option(help="Print only lines with a higher score.")] = 0.0,
    format: Annotated[Format, typer.Option(help="Output format.")] = "text",  # noqa: A002
    csv_safe: CsvSafe = False,
    **typed: Any,
) -> None:
    """Print how likely each line was generated, from 0 to 1, in the file's order."""
    if not 0 <= above < 1:
        raise OptionError("above", above, "must be at least 0 and below 1")
    check_csv_safe(csv_safe, format)
    opened = load_detector(detector)
    if str(file) != "-" and not file.exists():
        raise MissingFileError(file, "there is no such file to score")
    lines = _read(column_file(file, ReadingOptions(**typed)), column)
    scores = opened.score(line for _, line in lines).tolist()
    rows = [(score, *line) for score, line in zip(scores, lines, strict=True)]
    shown = [row for row in rows if row[0] > above or not above]
    if format == "csv":
        _write_csv(shown, csv_safe)
    else:
        _WRITERS[format](shown)
    likely = sum(score > _LIKELY for score in scores)
    say(
        f"{len(shown):,} of {len(rows):,} lines shown, {likely:,} score above {_LIKELY}", error=True
    )


def _read(file: ColumnFile, column: str | None) -> list[tuple[int, str]]:
    """Return the lines that are not empty, each after its number, counted from 1."""
    (values,) = file.values([column], cells=True)
    lines = enumerate(map(str.strip, values), start=1)
    return [(number, line) for number, line in lines if line]


def _write_text(rows: ScoredLines) -> None:
    for score, _, line in rows:
        print_value(f"{score:.3f}  {line}")


def _write_jsonl(rows: ScoredLines) -> None:
    for score, number, line in rows:
        row = {"row": number, "score": round(score, 4), "line": line}
        print_value(json.dumps(row, ensure_ascii=False))


def _write_csv(rows: ScoredLines, safe: bool) -> None:
    cells = ((str(number), f"{score:.4f}", line) for score, number, line in rows)
    csv_rows(itertools.chain([("row", "score", "line")], cells), safe=safe)


_WRITERS = {"text": _write_text, "jsonl": _write_jsonl}
