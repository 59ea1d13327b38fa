"""The running text of a model trained elsewhere, as openings and as passages to measure on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from faker_neural import ColumnError
from faker_neural_export.data.columns import read_values
from faker_neural_export.data.windows import Windows
from faker_neural_export.settings.conversion import Samples

__all__ = ["read_passages"]

_OPENINGS, _PASSAGE, _FEWEST = 64, 400, 8


def read_passages(
    path: str | os.PathLike[str], tokens: Sequence[str], window: int
) -> tuple[list[str], Samples]:
    """Read a text and return openings and passages from it.

    Args:
        path: the file of the text. The text is lower-cased if no token has a capital letter.
        tokens: the string of each token id.
        window: the number of tokens in an opening.

    Returns:
        Up to 64 openings of `window` tokens, from the first nine tenths of the text. A word begins
        after each opening. Then the passages, of up to 400 tokens: those of the first nine tenths
        to calibrate with, those of the last tenth to measure on.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file cannot be read, the text has a character without a token, or its last
            tenth has no more than `window` tokens.
    """
    path = Path(path)
    text = "\n".join(read_values(path, None)[0]).replace("\r\n", "\n").strip()
    if not any(token != token.lower() for token in tokens):
        text = text.lower()
    cut = len(text) - len(text) // 10
    try:
        sides = [
            Windows.encode(part, tokens, window=window, stride=window, end="")
            for part in (text[:cut], text[cut:])
        ]
    except ValueError as error:
        raise ColumnError(path, f"cannot be written with the model's tokens: {error}") from None
    if (size := min(side.size for side in sides)) <= window:
        raise ColumnError(
            path, f"its last tenth has {size:,} tokens; window={window} needs more than that"
        )
    openings = sides[0].openings(_OPENINGS, np.random.default_rng(0))
    learned, held_out = (side.passages(min(_PASSAGE, side.size // _FEWEST + 1)) for side in sides)
    return openings, Samples(learned, held_out, "held-out passages")
