"""The subcommands that turn a model of another kind into a model file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from faker_neural import Card

from ._app import Name, Output, app, quiet, report


class Contract(StrEnum):
    """How a graph is run."""

    step = "step"
    window = "window"
    latent = "latent"


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A .keras or HDF5 file of Keras 1, 2 or 3.")],
    tokens: Annotated[
        Path, typer.Option(help="JSON: the tokens in the order of their ids, or token to id.")
    ],
    output: Output,
    name: Name = None,
    config: Annotated[
        Path | None, typer.Option(help="model.to_json(), where MODEL holds weights alone.")
    ] = None,
    contract: Annotated[
        Contract | None, typer.Option(help="How it is run; step if it can be, else window.")
    ] = None,
    window: Annotated[
        int, typer.Option(help="Tokens in a window, where the model does not say.")
    ] = 0,
    start: Annotated[
        str | None, typer.Option(help="The token a text begins after; a line break, else a space.")
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(help="The token that ends a text, '' for none; a line break if there is one."),
    ] = None,
    max_tokens: Annotated[int, typer.Option(help="The most tokens in a text.")] = 200,
    lines: Annotated[
        Path | None, typer.Option(help="Real values to calibrate with, in any form `train` reads.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="The column of --lines.")] = None,
    text: Annotated[
        Path | None, typer.Option(help="Running text that it learned, to go on from, for --lines.")
    ] = None,
) -> None:
    """Convert a Keras model and check the file against it."""
    with quiet():
        from faker_neural_export import convert

    made = convert(
        model,
        tokens,
        output,
        config=config,
        contract=contract and contract.value,
        window=window,
        name=name,
        start=start,
        end=end,
        max_tokens=max_tokens,
        lines=lines,
        column=column,
        text=text,
    )
    print(_how_it_runs(made.card))
    report(made)


def _how_it_runs(card: Card) -> str:
    """Say how a text begins, goes on and ends."""
    if card.start is None:
        return f"a text of up to {card.max_tokens} tokens is made of {card.noise} random numbers"
    end = f"{card.max_tokens} tokens" if card.end is None else repr(card.tokens[card.end])
    start = (
        f"one of {len(card.openings)} openings" if card.openings else repr(card.tokens[card.start])
    )
    said = f"a text begins after {start} and ends at {end}"
    if because := card.check.get("window_because"):
        said += f"\nrun over its last {card.window} tokens each time: {because}"
    return said


@app.command()
def import_textgenrnn(
    weights: Annotated[Path, typer.Argument(help="The HDF5 file that textgenrnn saved.")],
    vocab: Annotated[Path, typer.Option(help="Its JSON vocabulary.")],
    output: Output,
    config: Annotated[
        Path | None, typer.Option(help="Its JSON configuration; the pretrained model's if none.")
    ] = None,
    name: Name = None,
    labels: Annotated[
        str, typer.Option(help="Of a model with context labels all of them, with commas between.")
    ] = "",
    label: Annotated[str | None, typer.Option(help="The label to write texts of.")] = None,
    lines: Annotated[
        Path | None, typer.Option(help="Real values to calibrate with and to measure on.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="The column of --lines.")] = None,
) -> None:
    """Convert a model of textgenrnn and check the file against it."""
    with quiet():
        from faker_neural_export import import_textgenrnn as convert

    made = convert(
        weights,
        vocab,
        output,
        config=config,
        labels=[name.strip() for name in labels.split(",") if name.strip()],
        label=label,
        name=name,
        lines=lines,
        column=column,
    )
    print(_how_it_runs(made.card))
    report(made)
