"""The subcommand that learns a column."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._app import Name, Output, app, quiet, report


class Tokens(StrEnum):
    """What a model writes at a time."""

    char = "char"
    word = "word"
    piece = "piece"


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
    with quiet():
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
    report(made)
