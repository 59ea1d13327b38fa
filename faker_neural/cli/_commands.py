"""The subcommands of `faker-neural`."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from faker_neural import Card, FakerNeuralError, GoldenError, TextModel, bundled, load

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Learn columns of text and draw new values from them.",
)


class Format(StrEnum):
    """How generated values are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


class Tokens(StrEnum):
    """What a model writes at a time."""

    char = "char"
    word = "word"
    piece = "piece"


Model = Annotated[str, typer.Argument(help="A bundled model's name, or the path of a model file.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The .onnx file to write.")]
Name = Annotated[
    str | None, typer.Option(help="What the values are; the output's name if not given.")
]


@app.command()
def generate(
    model: Model,
    n: Annotated[int, typer.Option("-n", help="How many values.")] = 10,
    seed: Annotated[int, typer.Option(help="Another seed, other values: 0 to 2^64 - 1.")] = 0,
    start: Annotated[int, typer.Option(help="The first row of the seed's column.")] = 0,
    temperature: Annotated[
        float | None, typer.Option(help="Below 1 the likely, above 1 the unusual.")
    ] = None,
    threads: Annotated[int, typer.Option(help="How many cores to use.")] = 1,
    format: Annotated[Format, typer.Option(help="How the values are written.")] = Format.text,  # noqa: A002
) -> None:
    """Print values drawn from a model, the same for the same seed."""
    opened = load(model)
    options = {} if temperature is None else {"temperature": temperature}
    rows = opened.stream(n, seed=seed, start=start, threads=threads, **options)
    _WRITERS[format](opened.card.name, rows)


def _write_text(name: str, rows: Iterable[str]) -> None:
    for row in rows:
        print(row)


def _write_jsonl(name: str, rows: Iterable[str]) -> None:
    for row in rows:
        print(json.dumps({name: row}, ensure_ascii=False))


def _write_csv(name: str, rows: Iterable[str]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for index, row in enumerate(rows):
        if index == 0:
            writer.writerow([name])
        writer.writerow([row])


_WRITERS = {Format.text: _write_text, Format.jsonl: _write_jsonl, Format.csv: _write_csv}


@app.command()
def models() -> None:
    """List the bundled models."""
    table = Table(
        Column("model", no_wrap=True),
        "learned from",
        "lines",
        "licence",
        "bits/char",
        "exact",
        box=None,
    )
    for name, path in bundled().items():
        card = load(path).card
        table.add_row(
            name,
            str(card.data.get("source") or card.data.get("name", "")),
            str(card.data.get("lines", "")),
            str(card.data.get("licence", "")),
            _figure(card.evaluation.get("bits_per_character", "")),
            "yes" if card.exact else "no",
        )
    Console().print(table)


@app.command()
def info(model: Model) -> None:
    """Show what a model file says about itself, and a few values."""
    opened = load(model)
    for key, value in _facts(opened.card, opened.path):
        print(f"{key:<11} {value}")
    for text in opened.generate(5):
        print(f"  {text}")


def _facts(card: Card, path: Path) -> Iterator[tuple[str, str]]:
    yield "name", card.name
    yield "file", f"{path} ({path.stat().st_size / 1000:,.0f} kB)"
    yield "contract", f"{card.contract}, {'exact' if card.exact else 'float'} arithmetic"
    longest = max(card.tokens, key=len)
    yield "tokens", f"{len(card.tokens)}, the longest {longest!r}; up to {card.max_tokens} a value"
    yield "states", ", ".join(str(state.size) for state in card.states)
    for title in ("options", "data", "training", "evaluation", "check", "arithmetic"):
        facts = getattr(card, title)
        if facts:
            yield title, ", ".join(f"{key} {_figure(value)}" for key, value in facts.items())
    if card.bounds:
        largest = max(card.bounds.values())
        yield "bounds", f"{len(card.bounds)} products, the largest {largest:,} of {2**24:,}"
    yield "golden", f"{len(card.golden)} values"


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@app.command()
def verify(
    models: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; all bundled models if none.")
    ] = None,
) -> None:
    """Check each model's golden strings and digest; exit code 1 if one is not right."""
    failed = False
    for name in models or bundled():
        try:
            opened = load(name)
            opened.verify()
        except GoldenError as error:
            failed = True
            print(f"{name}: {error.problem}")
        except FakerNeuralError as error:
            failed = True
            print(error)
        else:
            print(f"{name}: {_verified(opened.card)}")
    raise typer.Exit(failed)


def _verified(card: Card) -> str:
    if card.exact:
        return (
            f"exact: {len(card.golden)} strings, and what follows each of {len(card.tokens)} tokens"
        )
    return f"{len(card.golden)} strings are right here; its arithmetic is float, not exact"


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A model saved by Keras 3: NAME.keras.")],
    tokens: Annotated[
        Path, typer.Option(help="JSON: the tokens in the order of their ids, or token to id.")
    ],
    output: Output,
    name: Name = None,
    start: Annotated[
        str | None, typer.Option(help="The token a text begins after; a line break, else a space.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(help="The token that ends a text; a line break if there is one.")
    ] = None,
    max_tokens: Annotated[int, typer.Option(help="The most tokens in a text.")] = 200,
    lines: Annotated[
        Path | None, typer.Option(help="Real values to calibrate with, in any form `train` reads.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="The column of --lines.")] = None,
) -> None:
    """Convert a Keras model and check the file against it."""
    with _quiet():
        from faker_neural_export import convert

    made = convert(
        model,
        tokens,
        output,
        name=name,
        start=start,
        end=end,
        max_tokens=max_tokens,
        lines=lines,
        column=column,
    )
    card = made.card
    end_of_text = f"{card.max_tokens} tokens" if card.end is None else repr(card.tokens[card.end])
    print(f"a text begins after {card.tokens[card.start]!r} and ends at {end_of_text}")
    _report(made)


@app.command()
def train(
    file: Annotated[
        Path, typer.Argument(help="A value a line, or .csv, .tsv, .jsonl, .ndjson, .parquet.")
    ],
    output: Output,
    column: Annotated[str | None, typer.Option(help="The column to learn.")] = None,
    name: Name = None,
    tokens: Annotated[Tokens, typer.Option(help="What is written at a time.")] = Tokens.char,
    vocabulary: Annotated[int, typer.Option(help="Tokens for words or pieces.")] = 1000,
    embedding: Annotated[int, typer.Option(help="Numbers a token is turned into.")] = 64,
    units: Annotated[int, typer.Option(help="Size of each LSTM layer.")] = 256,
    layers: Annotated[int, typer.Option(help="LSTM layers.")] = 1,
    projection: Annotated[
        int, typer.Option(help="Size of a layer before the tokens; 0 for none.")
    ] = 0,
    dropout: Annotated[float, typer.Option(help="Share of outputs dropped while learning.")] = 0.3,
    epochs: Annotated[int, typer.Option(help="How often the column is read at most.")] = 30,
    patience: Annotated[int, typer.Option(help="Epochs without a better one until it ends.")] = 5,
    batch: Annotated[int, typer.Option(help="Lines learned from together.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Adam's, at the start.")] = 0.003,
    seed: Annotated[int, typer.Option(help="Of weights, order and dropout.")] = 0,
    max_length: Annotated[int, typer.Option(help="Characters in the longest value.")] = 1000,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the checkpoint.")] = False,
    licence: Annotated[str, typer.Option(help="The data's licence, for the card.")] = "",
    source: Annotated[str, typer.Option(help="The data's origin, for the card.")] = "",
) -> None:
    """Learn a column and write a model file; Ctrl-C ends with the best so far."""
    with _quiet():
        from faker_neural_export import Settings
        from faker_neural_export import train as learn

    from ._progress import ProgressMonitor

    settings = Settings(
        tokens=tokens.value,
        vocabulary=vocabulary,
        embedding=embedding,
        units=units,
        layers=layers,
        projection=projection,
        dropout=dropout,
        epochs=epochs,
        patience=patience,
        batch=batch,
        learning_rate=learning_rate,
        seed=seed,
        max_length=max_length,
    )
    data = {key: value for key, value in {"licence": licence, "source": source}.items() if value}
    with ProgressMonitor() as monitor:
        made = learn(
            file,
            output,
            column=column,
            name=name,
            settings=settings,
            resume=resume,
            data=data,
            monitor=monitor,
        )
    print(f"held out: {made.card.evaluation['bits_per_character']:.3f} bits a character")
    _report(made)


def _report(made: TextModel) -> None:
    check = made.card.check
    print(
        f"checked against Keras: {check['steps']} steps, largest difference "
        f"{check['largest_difference']:.1e} nats, {check['greedy_tokens']} greedy tokens equal"
    )
    found = made.card.arithmetic
    if made.card.exact:
        print(
            f"exact in {found['products']}: {found['cost']:+.4f} bits a character on "
            f"{found['measured_on']}"
        )
    else:
        print(f"float arithmetic, strings may differ between machines: {found['float_because']}")
    print(f"wrote {made.path}; try: faker-neural generate {made.path}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what TensorFlow's libraries print before its log can be turned down."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
