"""The subcommands of `faker-neural`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Column
from rich.text import Text

from faker_neural import (
    Card,
    ContractError,
    Detector,
    FakerNeuralError,
    GoldenError,
    MissingFileError,
    ModelFileError,
    OptionError,
    Options,
    TextModel,
    bundled,
    catalog,
    load,
    load_detector,
)
from faker_neural._model_file.row_columns import has_marker, split_row
from faker_neural._rows import Row

from ._app import app
from ._options import options_of
from ._terminal import VisibleConsole, VisibleTable, csv_rows, print_value, say

Format = Literal["text", "jsonl", "csv"]
CsvSafe = Annotated[
    bool,
    typer.Option(
        "--csv-safe", help="With --format csv: an apostrophe before cells that begin a formula."
    ),
]

_SHOWN = 10  # labels in `info`
_WIDE = 110  # columns of a terminal that holds the figures too in `models`

Model = Annotated[str, typer.Argument(help="A bundled model's name, or the path of a model file.")]


@app.command()
@options_of(Options, defaults=False)
def generate(
    model: Model,
    n: Annotated[int, typer.Option("-n", help="Number of values.")] = 10,
    seed: Annotated[int, typer.Option(help="Random seed, 0 to 2^64 - 1.")] = 0,
    start: Annotated[int, typer.Option(help="Number of the first row; row i never changes.")] = 0,
    greedy: Annotated[
        bool, typer.Option("--greedy", help="Always choose the likeliest token (temperature 0).")
    ] = False,
    unique: Annotated[bool, typer.Option("--unique", help="Never repeat a value.")] = False,
    threads: Annotated[int, typer.Option(help="Number of threads.")] = 1,
    given: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=VALUE", help="Value of a column of rows; repeatable."),
    ] = None,
    format: Annotated[Format, typer.Option(help="Output format.")] = "text",  # noqa: A002
    csv_safe: CsvSafe = False,
    **options: Any,
) -> None:
    """Print values drawn from a model, the same for the same seed."""
    check_csv_safe(csv_safe, format)
    opened = load(model)
    if greedy:
        if "temperature" in options:
            rule = "does not go with --greedy, which is 0"
            raise OptionError("temperature", options["temperature"], rule)
        options["temperature"] = 0
    asked = {"seed": seed, "start": start, "threads": threads, **options}
    if opened.card.columns:
        known = dict(map(_pair, given or ()))
        rows = opened.rows(n, unique=unique, given=known, **asked)
        _write_rows(rows, format, csv_safe)
        return
    if given:
        raise OptionError("given", given[0], f"needs a model of rows; {model} draws texts")
    draw = partial(opened.generate, unique=True) if unique else opened.stream
    _write_texts(opened.card.name, draw(n, **asked), format, csv_safe)


def check_csv_safe(csv_safe: bool, format: Format) -> None:  # noqa: A002
    """Check that --csv-safe has a CSV to make safe.

    Raises:
        OptionError: the format is another one.
    """
    if csv_safe and format != "csv":
        raise OptionError("csv_safe", csv_safe, f"is for --format csv, not {format}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise OptionError("given", text, "must be COLUMN=VALUE, such as state=TX")
    return name.strip(), value


def _write_texts(name: str, texts: Iterable[str], form: Format, csv_safe: bool) -> None:
    match form:
        case "csv":
            csv_rows(_with_header(name, texts), safe=csv_safe)
        case "jsonl":
            for text in texts:
                print_value(json.dumps({name: text}, ensure_ascii=False))
        case "text":
            for text in texts:
                print_value(text)


def _with_header(name: str, texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the name before the first text, and then each text; nothing if there is no text."""
    for index, text in enumerate(texts):
        if index == 0:
            yield [name]
        yield [text]


def _write_rows(rows: list[Row], form: Format, csv_safe: bool) -> None:
    match form:
        case "csv":
            header = [list(rows[0])] if rows else []
            csv_rows([*header, *(list(row.values()) for row in rows)], safe=csv_safe)
        case "jsonl":
            for row in rows:
                print_value(json.dumps(row, ensure_ascii=False))
        case "text":
            for row in rows:
                print_value(" | ".join(row.values()))


@app.command()
def models() -> None:
    """List the models that have a name here, and where each name comes from."""
    console = VisibleConsole()
    shown = ("lines", "bits/char", "exact") if console.width >= _WIDE else ()
    table = VisibleTable(
        Column("model", no_wrap=True),
        Column("from", no_wrap=True, max_width=24),
        *(Column(title, justify="right", no_wrap=True) for title in shown),
        Column("licence", no_wrap=True, max_width=15),
        Column("such as", no_wrap=True, ratio=1),
        box=None,
        expand=True,
    )
    for name, (path, origin) in catalog().items():
        *figures, licence, example = _described(path)
        table.add_row(name, origin, *figures[: len(shown)], licence, example)
    console.print(table)


def _described(path: Path) -> tuple[str | Text, ...]:
    try:
        card = load(path).card
    except (ModelFileError, MissingFileError) as error:
        problem = error.problem.partition(" (")[0]
        return "", "", "", "", Text(problem, no_wrap=False)
    lines = card.data.get("lines", "")
    return (
        f"{lines:,}" if isinstance(lines, int) else "",
        _figure(card.evaluation.get("bits_per_character", "")),
        "yes" if card.exact else "no",
        str(card.data.get("licence", "")),
        _shown_golden(card) if card.golden else "",
    )


def _shown_golden(card: Card) -> str:
    """Return the first golden string; of a model of rows, its values in the order of columns."""
    text = card.golden[0].text
    values = [value for _, value in sorted(split_row(text))] if card.columns else text.split()
    return (" | " if card.columns else " ").join(values)


@app.command()
def info(model: Model) -> None:
    """Show what a model file or a detector says about itself, and a few values."""
    opened = _open(model)
    for key, value in _facts(opened.card, opened.path):
        say(f"{key:<11} {value}")
    if isinstance(opened, TextModel) and opened.card.columns:
        for row in opened.rows(5):
            say(f"  {' | '.join(row.values())}")
    elif isinstance(opened, TextModel):
        for text in opened.generate(5):
            say(f"  {text}")


def _open(name: str) -> TextModel | Detector:
    try:
        return load(name)
    except ContractError:
        return load_detector(name)


def _facts(card: Card, path: Path) -> Iterator[tuple[str, str]]:
    yield "name", card.name
    yield "file", f"{path} ({path.stat().st_size / 1000:,.0f} kB)"
    yield "contract", f"{card.contract}, {'exact' if card.exact else 'float'} arithmetic"
    text = max(card.tokens, key=len)
    longest = "".join(value for _, value in split_row(text)) if has_marker(text) else text
    yield "tokens", f"{len(card.tokens)}, the longest {longest!r}; up to {card.max_tokens} a value"
    yield from _shape(card)
    for title in ("options", "data", "training", "evaluation", "check", "arithmetic"):
        facts = getattr(card, title)
        if facts:
            yield title, ", ".join(f"{key} {_figure(value)}" for key, value in facts.items())
    if card.bounds:
        largest = max(card.bounds.values())
        yield "bounds", f"{len(card.bounds)} products, the largest {largest:,} of {2**24:,}"
    if card.golden:
        yield "golden", f"{len(card.golden)} values"


def _shape(card: Card) -> Iterator[tuple[str, str]]:
    if card.columns:
        shown = (f"{one.name} ({one.kind}, up to {one.max_length})" for one in card.columns)
        yield "columns", ", ".join(shown)
    if card.states:
        yield "states", ", ".join(str(state.size) for state in card.states)
    if card.window:
        yield "window", f"{card.window} tokens"
    if card.noise:
        yield "noise", f"{card.noise} numbers"
    if card.labels:
        more = f" and {len(card.labels) - _SHOWN:,} more" if len(card.labels) > _SHOWN else ""
        yield "labels", ", ".join(card.labels[:_SHOWN]) + more
    if lines := card.training_lines:
        chance = f"{lines.false_positives:.1e}"
        yield "verbatim", f"training lines are known, with {chance} false positives"
    if card.openings:
        yield "openings", f"{len(card.openings)} texts that one may begin after"


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@app.command()
def verify(
    models: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; default: all bundled models.")
    ] = None,
) -> None:
    """Check each model's golden strings and digest; exit code 1 if one is not right."""
    failed = False
    for name in models or bundled():
        try:
            opened = _open(name)
            opened.verify()
        except GoldenError as error:
            failed = True
            say(f"{name}: {error.problem}")
        except FakerNeuralError as error:
            failed = True
            say(str(error))
        else:
            say(f"{name}: {_verified(opened.card)}")
    raise typer.Exit(failed)


def _verified(card: Card) -> str:
    strings, tokens = f"{len(card.golden)} strings", len(card.tokens)
    if not card.exact:
        right = f"{strings} are right here; " if card.golden else ""
        return f"{right}its arithmetic is float, not exact"
    match card.contract:
        case "step":
            return f"exact: {strings}, and what follows each of {tokens} tokens"
        case "window":
            return f"exact: {strings}, and what follows a window from each of {tokens} tokens"
        case "latent":
            return f"exact: {strings}, and what 256 keys' noise becomes"
    return f"exact: the scores of a text from each of {tokens} tokens"
