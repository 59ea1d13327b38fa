"""The application that the subcommands are added to, and what those that write a model share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from faker_neural import TextModel

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Learn columns of text and draw new values from them.",
)

Output = Annotated[Path, typer.Option("-o", "--output", help="The .onnx file to write.")]
Name = Annotated[
    str | None, typer.Option(help="What the values are; the output's name if not given.")
]


def report(made: TextModel) -> None:
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
def quiet() -> Iterator[None]:
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
