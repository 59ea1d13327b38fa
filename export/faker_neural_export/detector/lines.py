"""Real and generated lines, and which of them a detector learns from."""

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
from faker_neural._plain_text import is_plain
from faker_neural_export.data.columns import HELD_OUT_SHARE, Column, read_column

__all__ = ["PADDING", "UNKNOWN", "Kinds", "Lines", "encode"]

PADDING, UNKNOWN = "", "\ufffd"
"""The first two tokens of a detector: behind a text, and for each character that is no token."""

_RARE = 3  # a character that occurs less often is learned as the unknown one
_FEWEST = 3  # distinct lines of a kind: to learn from, to set aside and to hold out


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of both kinds.

    Args:
        real: those that are real.
        generated: those that are not.
    """

    real: Sequence[str]
    generated: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """The real ones, then the generated ones."""
        return [*self.real, *self.generated]

    @property
    def labels(self) -> NDArray[np.float32]:
        """1 for each generated line, [lines]."""
        return np.repeat(np.array([0, 1], np.float32), [len(self.real), len(self.generated)])

    @property
    def weights(self) -> NDArray[np.float32]:
        """What each line counts, so that both kinds count the same, [lines]."""
        sizes = np.array([len(self.real), len(self.generated)])
        return np.repeat((sizes.sum() / (2 * sizes)).astype(np.float32), sizes)

    def tokens(self) -> tuple[str, ...]:
        """Choose a detector's tokens: the characters that are not rare."""
        counts = Counter(character for text in self.texts for character in text)
        frequent = {c for c, count in counts.items() if count >= _RARE} - {UNKNOWN}
        return (PADDING, UNKNOWN, *sorted(frequent))


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a detector learns from, without what is in both kinds.

    Args:
        real: real lines.
        generated: generated lines.
        in_both: how many distinct lines were in both kinds.
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
        """Read real lines, and read or draw generated ones.

        Args:
            real: a file of lines.
            generated: a file of lines, or a model: a name or a .onnx path.
            column: the column of each file that is a table.
            seed: of the lines that are drawn.

        Raises:
            MissingFileError: there is no such file.
            ModelFileError: the model cannot be used.
            ColumnError: a kind has too few lines of its own.
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

    def split(self) -> tuple[Lines, Lines, Lines]:
        """Return the lines to learn from, those that end learning, and those held out."""
        (real, held_real), (generated, held_generated) = self.real.split(), self.generated.split()
        (real, some_real), (generated, some_generated) = _aside(real), _aside(generated)
        return (
            Lines(real, generated),
            Lines(some_real, some_generated),
            Lines(held_real, held_generated),
        )


def _column_of(
    file: str | os.PathLike[str], other: str | os.PathLike[str], column: str | None
) -> str | None:
    """Return the column to read of a file; plain text has none, if the other file has it."""
    return None if is_plain(file) and not is_plain(other) else column


def _is_model(generated: str | os.PathLike[str]) -> bool:
    path = Path(generated)
    return path.suffix == ".onnx" or (os.fspath(generated) in catalog() and not path.exists())


def _without(column: Column, both: set[str]) -> Column:
    values = tuple(value for value in column.values if value not in both)
    distinct = len(set(values))
    if distinct < _FEWEST:
        raise ColumnError(
            column.path,
            f"has {distinct} distinct lines that are not of the other kind too; there must be at "
            f"least {_FEWEST}",
        )
    return Column(column.path, values)


def _aside(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Set a tenth aside, by another checksum than what is held out."""
    distinct = sorted(set(values), key=lambda value: (zlib.crc32(value.encode()[::-1]), value))
    aside = set(distinct[: max(1, len(distinct) // HELD_OUT_SHARE)])
    return (
        [value for value in values if value not in aside],
        [value for value in values if value in aside],
    )


def encode(texts: Sequence[str], tokens: Sequence[str], length: int) -> NDArray[np.int32]:
    """Return a detector's token ids of some texts, [texts, length], padded or cut.

    Args:
        texts: to encode.
        tokens: PADDING, UNKNOWN and characters.
        length: characters that are read of each text.
    """
    position = {token: i for i, token in enumerate(tokens)}
    ids = np.zeros((len(texts), length), dtype=np.int32)
    for row, text in zip(ids, texts, strict=True):
        cut = text[:length]
        row[: len(cut)] = [position.get(character, 1) for character in cut]
    return ids
