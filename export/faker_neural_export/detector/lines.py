"""Real and generated lines, and their splits for a detector."""

from __future__ import annotations

import os
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faker_neural import ColumnError, catalog, load
from faker_neural_export.data.columns import HELD_OUT_ONE_IN, Column, as_source, read_column

__all__ = ["PADDING", "UNKNOWN", "Kinds", "LabelledLines", "encode"]

PADDING, UNKNOWN = "", "\ufffd"
"""The first two tokens of a detector: padding after a text, and a character that is not a token."""

_RARE = 3  # a character that occurs less often becomes UNKNOWN
_FEWEST = 3  # distinct lines of a kind: one for each split


@dataclass(frozen=True, slots=True)
class LabelledLines:
    """Real and generated lines.

    Args:
        real: the real lines.
        generated: the generated lines.
    """

    real: Sequence[str]
    generated: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """Return the real lines, then the generated lines."""
        return [*self.real, *self.generated]

    @property
    def labels(self) -> NDArray[np.float32]:
        """Return the label of each line, float32 [lines]: 0 for real, 1 for generated."""
        return np.repeat(np.array([0, 1], np.float32), [len(self.real), len(self.generated)])

    @property
    def weights(self) -> NDArray[np.float32]:
        """Return the weight of each line, float32 [lines]; both kinds have equal total weights."""
        sizes = np.array([len(self.real), len(self.generated)])
        return np.repeat((sizes.sum() / (2 * sizes)).astype(np.float32), sizes)

    def tokens(self) -> tuple[str, ...]:
        """Return the tokens of a detector: PADDING, UNKNOWN, and characters that are not rare.

        A character is rare if it occurs less than three times.
        """
        counts = Counter(character for text in self.texts for character in text)
        frequent = {c for c, count in counts.items() if count >= _RARE} - {UNKNOWN}
        return (PADDING, UNKNOWN, *sorted(frequent))


@dataclass(frozen=True, slots=True)
class Kinds:
    """The real and the generated lines for a detector, without lines that are in both.

    Args:
        real: the real lines.
        generated: the generated lines.
        in_both: number of distinct lines that were in both kinds.
    """

    real: Column
    generated: Column
    in_both: int

    @classmethod
    def read(
        cls,
        real: str | os.PathLike[str],
        generated: str | os.PathLike[str],
        column: str | None,
        seed: int,
    ) -> Kinds:
        """Read real lines, and read or draw generated lines.

        Args:
            real: a file of lines.
            generated: a file of lines, or a model (a name or a .onnx path) to draw as many lines
                from.
            column: the column of each file that is a table.
            seed: seed of the lines that are drawn.

        Raises:
            MissingFileError: a file does not exist.
            ModelFileError: the model cannot be used.
            ColumnError: a file cannot be read, or a kind has fewer than three distinct lines of its
                own.
        """
        ours = read_column(real, _column_of(real, generated, column), max_length=sys.maxsize)
        if _is_model(generated):
            drawn = load(generated).generate(len(ours.values), seed=seed)
            values = tuple(filter(None, map(str.strip, drawn)))
            theirs = Column(Path(generated), values)
        else:
            wanted = _column_of(generated, real, column)
            theirs = read_column(generated, wanted, max_length=sys.maxsize)
        both = set(ours.values) & set(theirs.values)
        return cls(_without(ours, both), _without(theirs, both), len(both))

    def split(self) -> tuple[LabelledLines, LabelledLines, LabelledLines]:
        """Return the training split, the validation split and the held-out split.

        The validation split selects the best epoch and ends training.
        """
        (real, held_real), (generated, held_generated) = self.real.split(), self.generated.split()
        (real, some_real), (generated, some_generated) = _aside(real), _aside(generated)
        return (
            LabelledLines(real, generated),
            LabelledLines(some_real, some_generated),
            LabelledLines(held_real, held_generated),
        )


def _column_of(
    file: str | os.PathLike[str], other: str | os.PathLike[str], column: str | None
) -> str | None:
    """Return the column to read of a file; plain text has none if the other file is a table."""
    return None if as_source(file).is_plain and not as_source(other).is_plain else column


def _is_model(generated: str | os.PathLike[str]) -> bool:
    path = Path(generated)
    return path.suffix == ".onnx" or (os.fspath(generated) in catalog() and not path.exists())


def _without(column: Column, both: set[str]) -> Column:
    values = tuple(value for value in column.values if value not in both)
    distinct = len(set(values))
    if distinct < _FEWEST:
        raise ColumnError(
            column.path,
            f"has {distinct} distinct lines that are not also in the other file; there must be at "
            f"least {_FEWEST}",
        )
    return Column(column.path, values)


def _aside(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split off a tenth for validation; its checksum is not the checksum that holds lines out."""
    distinct = sorted(set(values), key=lambda value: (zlib.crc32(value.encode()[::-1]), value))
    aside = set(distinct[: max(1, len(distinct) // HELD_OUT_ONE_IN)])
    return (
        [value for value in values if value not in aside],
        [value for value in values if value in aside],
    )


def encode(texts: Sequence[str], tokens: Sequence[str], length: int) -> NDArray[np.int32]:
    """Return the token ids of texts, int32 [texts, length], padded or cut.

    Args:
        texts: the texts.
        tokens: PADDING, UNKNOWN, and then characters.
        length: number of characters that are read of each text.
    """
    position = {token: i for i, token in enumerate(tokens)}
    ids = np.zeros((len(texts), length), dtype=np.int32)
    for row, text in zip(ids, texts, strict=True):
        cut = text[:length]
        row[: len(cut)] = [position.get(character, 1) for character in cut]
    return ids
