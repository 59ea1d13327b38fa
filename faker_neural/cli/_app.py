"""The application that the subcommands are added to, and what those that write a model share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from faker_neural import Detector, TextModel

from ._terminal import VisibleConsole, say

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Learn columns of text and draw new values from them.",
)

Output = Annotated[Path, typer.Option("-o", "--output", help="The .onnx file to write.")]
Name = Annotated[
    str | None,
    typer.Option(help="Name of the values, such as product; default: the output's name."),
]


def report(made: TextModel | Detector) -> None:
    """Say what was checked, and what exact arithmetic costs."""
    check, found = made.card.check, made.card.arithmetic
    tokens = check["greedy_tokens"]
    likeliest = f"; {tokens:,} clearly likeliest tokens equal" if tokens else ""
    say(
        f"checked against Keras at {check['predictions']:,} predictions: {check['difference']:.1e} "
        f"of draws would differ, {check['rounding']:.1e} by rounding in Keras itself{likeliest}"
    )
    if bits := found.get("float_bits_per_character"):
        nats = float(bits) * math.log(2)
        say(f"{bits:.3f} bits ({nats:.3f} nats) a character on {found['measured_on']}")
    if made.card.exact:
        say(
            f"exact in {found['products']}: {found['cost']:+.4f} {found['cost_unit']} on "
            f"{found['measured_on']}"
        )
    else:
        say(f"float arithmetic, strings may differ between machines: {found['float_because']}")
    if "sampling_divergence" in found:
        say(f"drawn from whole-number weights: {found['sampling_divergence']:.1e} nats a token")
    if isinstance(made, TextModel):
        say(f"wrote {made.path}; try: faker-neural generate {made.path}")
    else:
        say(f"wrote {made.path}; try: faker-neural detect score {made.path} FILE")


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal, without spaces at the ends of its lines."""
    console = VisibleConsole()
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())
