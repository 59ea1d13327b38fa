"""The subcommands that turn a model of another kind into a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from faker_neural import Card
from faker_neural_export.settings.conversion import Calibration, CardFacts, Generation

from ._app import Name, Output, app, report
from ._options import options_of, those_of
from ._terminal import say


@app.command()
@options_of(Generation, Calibration)
def export(
    model: Annotated[Path, typer.Argument(help="A .keras or HDF5 file of Keras 1, 2 or 3.")],
    tokens: Annotated[
        Path,
        typer.Option(
            help="JSON: list of tokens, token to id, or Keras' Tokenizer; .txt of lines; .npy."
        ),
    ],
    output: Output,
    name: Name = None,
    config: Annotated[
        Path | None, typer.Option(help="Output of model.to_json(), if MODEL holds only weights.")
    ] = None,
    **typed: Any,
) -> None:
    """Convert a Keras model and check the file against it."""
    from faker_neural_export import convert

    made = convert(
        model,
        tokens,
        output,
        config=config,
        generation=Generation(**those_of(Generation, typed)),
        calibration=Calibration(**those_of(Calibration, typed)),
        facts=CardFacts(name=name),
    )
    say(*_notes(made.card), *_how_it_runs(made.card).split("\n"))
    report(made)


def _how_it_runs(card: Card) -> str:
    """Say how a text begins, goes on and ends."""
    if card.start is None:
        return f"a text of up to {card.max_tokens} tokens is made of {card.noise} random numbers"
    end = f"{card.max_tokens} tokens" if card.end is None else repr(card.tokens[card.end])
    start = repr(card.tokens[card.start])
    if card.openings:
        count = len(card.openings)
        start = f"one of {count} openings" if count > 1 else "its only opening"
    said = f"a text begins after {start} and ends at {end}"
    if because := card.check.get("window_because"):
        said += f"\nrun over its last {card.window} tokens each time: {because}"
    if "bits_a_token_lost" in card.check:
        said += (
            "\nrun a token at a time, though it learned padded windows: "
            f"{card.check['bits_a_token_lost']:+.3f} bits a token on {card.check['lost_on']}"
        )
    return said


def _notes(card: Card) -> list[str]:
    """Return the lines that say what the conversion assumed, changed or left out."""
    return str(card.check.get("notes", "")).splitlines()


@app.command()
def import_textgenrnn(
    weights: Annotated[Path, typer.Argument(help="The HDF5 file that textgenrnn saved.")],
    vocab: Annotated[Path, typer.Option(help="JSON vocabulary of textgenrnn.")],
    output: Output,
    config: Annotated[
        Path | None,
        typer.Option(help="JSON configuration of textgenrnn; default: the pretrained model's."),
    ] = None,
    name: Name = None,
    labels: Annotated[
        str, typer.Option(help="All labels of a model with context labels, comma-separated.")
    ] = "",
    label: Annotated[str | None, typer.Option(help="Label of the texts to generate.")] = None,
    lines: Annotated[
        Path | None, typer.Option(help="Real values for calibration and evaluation.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of --lines, if it is a table.")] = None,
) -> None:
    """Convert a model of textgenrnn and check the file against it."""
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
    if assumed := made.card.training.get("assumed"):
        say(f"without --config, as the pretrained model: {assumed}")
    say(*_notes(made.card), *_how_it_runs(made.card).split("\n"))
    report(made)
