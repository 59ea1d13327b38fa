"""The texts to calibrate and to measure a model with, from the file that the user gave."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from faker_neural import ColumnError
from faker_neural_export.data.columns import read_column
from faker_neural_export.settings.conversion import Calibration, Samples
from faker_neural_export.vocabulary.imported.writer import TextWriter

from .model_tokens import ModelTokens
from .passages import read_passages

__all__ = ["GivenTexts", "read_texts"]


@dataclass(frozen=True, slots=True)
class GivenTexts:
    """The texts of a file.

    Args:
        samples: the texts to calibrate and to measure with; None for the model's own.
        openings: prompts from a running text.
        notes: lines that say what was changed or is missing.
    """

    samples: Samples | None = None
    openings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_texts(calibration: Calibration, tokens: ModelTokens, window: int) -> GivenTexts:
    """Read the texts for calibration, written with the model's tokens.

    Args:
        calibration: the file of the texts.
        tokens: the model's tokens.
        window: the number of tokens in an opening.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file cannot be read, or has no text of the model's tokens.
    """
    if calibration.text is not None:
        openings, samples, notes = read_passages(calibration.text, tokens, window)
        return GivenTexts(samples, tuple(openings), tuple(notes))
    if calibration.lines is None or isinstance(calibration.lines, Samples):
        return GivenTexts(calibration.lines)
    return _of_lines(calibration.lines, calibration.column, tokens)


def _of_lines(lines: str | os.PathLike[str], column: str | None, tokens: ModelTokens) -> GivenTexts:
    """Read lines; leave out those with a character or a word that has no token."""
    name, writer = PurePath(lines).name, tokens.writer()
    values = read_column(lines, column).split()
    learn, held_out = (_written(writer, side) for side in values)
    count = sum(map(len, values))
    left_out = count - len(learn) - len(held_out)
    if left_out == count:
        missing = next(iter(writer.left_out), "")
        rule = "can be written with the model's tokens: there is"
        raise ColumnError(lines, f"none of its {count:,} lines {rule} none for {missing!r}")
    samples = Samples(learn, held_out, f"held-out lines (a tenth of {name})")
    return GivenTexts(samples, notes=tuple(filter(None, [writer.note(name, left_out)])))


def _written(writer: TextWriter, values: Sequence[str]) -> list[str]:
    texts = []
    for value in values:
        before = writer.left_out.total()
        text = writer.write(value)
        if text and writer.left_out.total() == before:
            texts.append(text)
    return texts
