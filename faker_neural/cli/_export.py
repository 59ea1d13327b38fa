"""The subcommands that turn a model of another kind into a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import Name, Output, app, quiet, report


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
    with quiet():
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
    report(made)
