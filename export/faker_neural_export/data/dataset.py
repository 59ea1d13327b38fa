"""What there is to learn, and how the model of it is served: of lines, and of running text."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np

from faker_neural import Card, ColumnError
from faker_neural_export._settings import Settings
from faker_neural_export.exact.arithmetic import Samples
from faker_neural_export.vocabulary.classes import LARGEST_CLASS, learn_classes
from faker_neural_export.vocabulary.tokens import BOUNDARY, Encoder, learn_tokens
from faker_neural_export.vocabulary.vocabulary import Vocabulary
from faker_neural_export.vocabulary.words import (
    PIECE,
    WordEncoder,
    is_word,
    kind_of,
    learn_words,
    split,
)

from .columns import Column
from .lines import Batch, Lines, Rows
from .running_text import RunningText
from .windows import Windows

__all__ = [
    "Begin",
    "Dataset",
    "LineDataset",
    "RunningTextDataset",
    "Split",
    "learn_vocabulary",
    "make_dataset",
]

_RUNNING_TOKENS, _FEWEST_PASSAGES, _OPENINGS, _SHOWN = 400, 8, 64, 200
_CLASSES_OF_WORDS = 1.1  # times the square root of the tokens: choosing one costs least so
_FEWEST_CLASSES = 8  # one of each kind, and two alone
_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)  # as the Keras example prints them


@dataclass(frozen=True, slots=True)
class Begin:
    """How texts are drawn.

    Args:
        opening: token ids fed before a text, at least one.
        end: the token that ends a text, or None.
        longest: most tokens in a text.
        temperatures: of each text.
    """

    opening: Sequence[int]
    end: int | None
    longest: int
    temperatures: tuple[float, ...]


class Split(Protocol):
    """What is learned from, or what is held out."""

    @property
    def size(self) -> int:
        """Return the number of values or tokens."""

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Divide all rows into batches of about `size` rows, in random order."""

    def training_batch(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Return the inputs, targets and weights of some rows."""

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure a network on all rows."""


def learn_vocabulary(values: Column | RunningText, settings: Settings) -> Vocabulary:
    """Choose the tokens of a column or a text."""
    learn, held_out = values.split()
    if settings.composed:
        characters = set().union(*learn, *held_out)
        words, pieces = learn_words(
            learn,
            characters,
            vocabulary=settings.vocabulary,
            pieces=settings.pieces,
            phrases=settings.phrases,
        )
        return Vocabulary((BOUNDARY, *words, *pieces), pieces=len(pieces))
    boundary = settings.text == "lines"
    kind, most = settings.tokens, settings.vocabulary
    return Vocabulary(learn_tokens(kind, learn, held_out, most, boundary=boundary))


def in_classes(
    values: Column | RunningText, vocabulary: Vocabulary, settings: Settings
) -> Vocabulary:
    """Put the tokens in the order of their classes; the boundary stays the first.

    The boundary, and the space before a spelled word, are a class each. Words with a space before
    them, words without, other tokens with and without, and pieces are never in one class: what
    may follow what is then a matter of classes, which are learned well.

    Raises:
        OptionError: so many tokens need more classes.
    """
    tokens, learn = vocabulary.tokens, values.split()[0]
    encoder, pieces = vocabulary.encoder(), vocabulary.pieces
    alone = [tokens.index(BOUNDARY)] if BOUNDARY in tokens else []
    lines = [encoder(text) for text in learn]
    if isinstance(encoder, WordEncoder):
        alone += [tokens.index(" ")] if " " in tokens else []
        words = (word for text in learn for word in split(text) if is_word(word))
        lines += [[*encoder.spell(word)] for word in words]
    kinds = [kind_of(token) for token in tokens[: len(tokens) - pieces]] + [PIECE] * pieces
    cheapest = max(round(_CLASSES_OF_WORDS * math.sqrt(len(tokens))), _FEWEST_CLASSES)
    count = settings.classes or cheapest
    order, sizes = learn_classes(
        lines, len(tokens), min(count, LARGEST_CLASS), alone=alone, kinds=kinds
    )
    return Vocabulary(tuple(tokens[i] for i in order), sizes, pieces)


def make_dataset(
    values: Column | RunningText, vocabulary: Vocabulary, settings: Settings
) -> Dataset:
    """Encode both sides of a column or of running text.

    Raises:
        ColumnError: a side of the text is not longer than a window.
    """
    if isinstance(values, Column):
        labels, (learned, kept) = values.distinct_labels, values.sides()
        learn = Lines.encode(learned, vocabulary, labels, settings.spelling)
        return LineDataset(values, learn, Lines.encode(kept, vocabulary, labels))
    first, last = (
        Windows.encode(
            side[0],
            vocabulary.tokens,
            window=settings.window,
            stride=settings.step,
            end=settings.end,
        )
        for side in values.split()
    )
    _check_length(values.path, settings.window, first.size, last.size)
    return RunningTextDataset(values, first, last, settings)


def _check_length(path: os.PathLike[str], window: int, learn: int, held_out: int) -> None:
    shorter = min(learn, held_out)
    if shorter <= window:
        remedy = f"--window {shorter - 1}" if shorter > 1 else "a longer text"
        raise ColumnError(
            path,
            f"has {learn:,} tokens to learn from and {held_out:,} held out; window={window} "
            f"needs more than that on each side: {remedy}",
        )


@dataclass(frozen=True, slots=True)
class LineDataset:
    """A column: a text begins and ends with the boundary."""

    values: Column
    learn: Lines
    held_out: Lines
    unit: str = "values"

    def begin(self) -> Begin:
        """Show three values."""
        return Begin([0], 0, self.learn.longest, (1.0, 1.0, 1.0))

    def serving(self) -> dict[str, Any]:
        """Say how values are drawn, and which data and evaluation the card names."""
        return {
            "start": BOUNDARY,
            "end": BOUNDARY,
            "max_tokens": _room(self.learn.longest),
            "lines": self._samples(),
            "labels": self.values.distinct_labels,
            "known": self.values.split()[0],
            "data": {"name": self.values.path.name, "lines": len(self.values.values)},
            "evaluation": {"held_out_lines": self.held_out.size},
        }

    def _samples(self) -> Samples:
        """Return both sides, every other line with its label, as they are learned."""
        sides = self.values.sides()
        labels = [[label if i % 2 else "" for i, label in enumerate(side.labels)] for side in sides]
        learn, held_out = (side.values for side in sides)
        return Samples(learn, held_out, "held-out lines", (labels[0], labels[1]))


@dataclass(frozen=True, slots=True)
class RunningTextDataset:
    """Running text: one begins after a window of it, or a value after the end of another."""

    values: RunningText
    learn: Windows
    held_out: Windows
    settings: Settings
    unit: str = "tokens of running text"

    def begin(self) -> Begin:
        """Show a text for each temperature, after the same opening."""
        tokens, end = self.learn.tokens, self.settings.end
        if end:
            return Begin([tokens.index(end)], tokens.index(end), self._longest, _TEMPERATURES)
        opening = Encoder(tokens)(self._openings()[0])
        return Begin(opening, None, _SHOWN, _TEMPERATURES)

    def serving(self) -> dict[str, Any]:
        """Say how texts are drawn, and which data and evaluation the card names."""
        learn, held_out = (
            side.passages(min(_RUNNING_TOKENS, side.size // _FEWEST_PASSAGES + 1))
            for side in (self.learn, self.held_out)
        )
        end, text = self.settings.end, self.values.text
        found: dict[str, Any] = {
            "end": end,
            "contract": self.settings.contract,
            "window": self.settings.window,
            "max_tokens": self._longest,
            "lines": Samples(learn, held_out, "held-out values" if end else "held-out passages"),
            "data": {"name": self.values.path.name, "characters": len(text)},
            "evaluation": {"held_out_characters": len(self.values.split()[1][0])},
        }
        if end:
            found |= {"start": end, "known": learn}
        if not end or self.settings.contract == "window":
            found["openings"] = self._openings()
        return found

    @property
    def _longest(self) -> int:
        return _room(self.learn.longest) if self.settings.end else _RUNNING_TOKENS

    def _openings(self) -> list[str]:
        return self.learn.openings(_OPENINGS, np.random.default_rng(self.settings.seed))


Dataset = LineDataset | RunningTextDataset


def _room(longest: int) -> int:
    """Let a text be a quarter longer than the longest seen."""
    return min(longest + longest // 4, Card.most_tokens)
