"""Datasets of lines or running text, and the arguments to export a model of them."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import keras
import numpy as np

from faker_neural import Card, ColumnError, OptionError
from faker_neural._encoding import Encoder, is_word, split
from faker_neural_export.settings.conversion import (
    Calibration,
    CardFacts,
    ConversionSettings,
    Generation,
    Learned,
    Samples,
)
from faker_neural_export.settings.training import Settings
from faker_neural_export.vocabulary.classes import learn_classes
from faker_neural_export.vocabulary.rows import row_token_kind, row_tokens, texts_of_rows
from faker_neural_export.vocabulary.tokens import BOUNDARY, learn_tokens
from faker_neural_export.vocabulary.vocabulary import Vocabulary
from faker_neural_export.vocabulary.words import PIECE, TrainingWordEncoder, learn_words

from .columns import Column
from .dependencies import with_dependencies
from .lines import Batch, Lines, Rows
from .running_text import RunningText
from .windows import Windows

__all__ = [
    "Dataset",
    "LineDataset",
    "RunningTextDataset",
    "SamplePlan",
    "Split",
    "learn_vocabulary",
    "make_dataset",
]

_RUNNING_TOKENS, _FEWEST_PASSAGES, _OPENINGS, _SHOWN = 400, 8, 64, 200
_CLASSES_OF_WORDS = 1.1  # times the square root of the number of tokens: cheapest to draw from
_FEWEST_CLASSES = 8  # enough for five kinds of tokens and two classes of one token
_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)  # of the Keras example `lstm_text_generation`


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """The prompt, the end, the length limit and the temperatures of sample texts.

    Args:
        opening: token ids of the prompt, at least one.
        end: id of the token that ends a text, or None.
        longest: maximum number of tokens in a text.
        temperatures: the temperature of each text.
    """

    opening: Sequence[int]
    end: int | None
    longest: int
    temperatures: tuple[float, ...]


class Split(Protocol):
    """The training split or the held-out split of a dataset."""

    @property
    def size(self) -> int:
        """Return the number of values, or of tokens in running text."""

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Divide the rows of one epoch into batches, in random order.

        Args:
            random: generator for the order.
            size: number of rows in a batch, on average for lines and at most for running text.

        Returns:
            The rows of each batch, intp [rows]: indices of lines, or positions where windows start.
        """

    def training_batch(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Return the inputs, targets and weights of rows, each [rows, length].

        Args:
            rows: a batch from `batches`.
            random: generator for the noise in the batch.
        """

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the cross-entropy of a network on the split, in bits per character.

        Args:
            network: a compiled network.
            batch: maximum number of rows in a batch.
        """


def learn_vocabulary(values: Column | RunningText, settings: Settings) -> Vocabulary:
    """Choose the tokens of a column or of running text.

    Args:
        values: the column or the text. Words and pieces come from the training split, characters
            from both splits.
        settings: the kind of tokens and their number.

    Returns:
        The vocabulary without classes. For a column, token 0 is the boundary.
    """
    learn, held_out = values.split()
    rows: tuple[str, ...] = ()
    if isinstance(values, Column) and values.columns:
        rows = row_tokens(learn, held_out, values.columns)
        learn, held_out = (texts_of_rows(side, values.columns) for side in (learn, held_out))
    if settings.composed:
        characters = set().union(*learn, *held_out)
        words, pieces = learn_words(
            learn,
            characters,
            vocabulary=settings.vocabulary,
            pieces=settings.pieces,
            phrases=settings.phrases,
        )
        return Vocabulary((BOUNDARY, *rows, *words, *pieces), pieces=len(pieces))
    boundary = settings.text == "lines"
    kind, most = settings.tokens, settings.vocabulary
    tokens = learn_tokens(kind, learn, held_out, most, boundary=boundary)
    return Vocabulary((*tokens, *rows))


def sort_by_class(
    values: Column | RunningText, vocabulary: Vocabulary, settings: Settings
) -> Vocabulary:
    """Return the vocabulary with its tokens in the order of their classes.

    The boundary stays first. The boundary, and the space before a spelled word, each have a class
    of their own. A class has tokens of one kind only: pieces; or words or other tokens, with or
    without a space before them. So the class decides which kind of token comes next, and the
    network learns classes well.

    Args:
        values: the column or the text to learn the classes from.
        vocabulary: the tokens.
        settings: the number of classes; 0 for the number that is cheapest to draw from.

    Raises:
        OptionError: `settings.classes` is too small for the number of tokens.
    """
    tokens, learn = vocabulary.tokens, values.split()[0]
    columns = values.columns if isinstance(values, Column) else ()
    encoder, words = vocabulary.encoder(learn, columns), vocabulary.encoder()
    pieces = vocabulary.pieces
    alone = [tokens.index(BOUNDARY)] if BOUNDARY in tokens else []
    lines = [encoder(text) for text in learn]
    if isinstance(words, TrainingWordEncoder):
        alone += [tokens.index(" ")] if " " in tokens else []
        texts = texts_of_rows(learn, columns) if columns else learn
        found = (word for text in texts for word in split(text) if is_word(word))
        lines += [[*words.spell(word)] for word in found]
    kinds = [row_token_kind(token) for token in tokens[: len(tokens) - pieces]] + [PIECE] * pieces
    sizes_of_kinds = Counter(kinds).values()
    fewest = len(alone) + sum(math.ceil(size / Card.largest_class) for size in sizes_of_kinds)
    if columns and fewest > Card.largest_class:
        rule = (
            f"needs {fewest} classes of tokens, more than {Card.largest_class}: name fewer columns"
        )
        raise OptionError("columns", ",".join(column.name for column in columns), rule)
    cheapest = max(
        round(_CLASSES_OF_WORDS * math.sqrt(len(tokens))), _FEWEST_CLASSES, fewest * bool(columns)
    )
    count = settings.classes or cheapest
    order, sizes = learn_classes(
        lines, len(tokens), min(count, Card.largest_class), alone=alone, kinds=kinds
    )
    return Vocabulary(tuple(tokens[i] for i in order), sizes, pieces)


def make_dataset(
    values: Column | RunningText, vocabulary: Vocabulary, settings: Settings
) -> Dataset:
    """Encode the training split and the held-out split of a column or of running text.

    Args:
        values: the column or the text.
        vocabulary: its tokens.
        settings: the spelling of rare words, and the windows of running text.

    Raises:
        ColumnError: a split of running text is not longer than a window.
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
            end=settings.end_text,
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
    """The dataset of a column. A text begins and ends with the boundary.

    Args:
        values: the column.
        train: the encoded training split.
        held_out: the encoded held-out split.
        unit: what the size of a split counts, for messages.
    """

    values: Column
    train: Lines
    held_out: Lines
    unit: str = "values"

    def begin(self) -> SamplePlan:
        """Return how to draw three sample values, at temperature 1."""
        return SamplePlan([0], 0, self.train.longest, (1.0, 1.0, 1.0))

    def conversion(self) -> ConversionSettings:
        """Return the settings of `convert` that depend on the data."""
        learn = self.values.split()[0]
        return {
            "generation": Generation(
                start=BOUNDARY, end=BOUNDARY, max_tokens=_token_limit(self.train.longest)
            ),
            "calibration": Calibration(lines=self._samples()),
            "facts": CardFacts(
                data={"name": self.values.path.name, "lines": len(self.values.values)},
                evaluation={"held_out_lines": self.held_out.size},
            ),
            "learned": Learned(
                labels=self.values.distinct_labels,
                lines=learn,
                columns=with_dependencies(learn, self.values.columns),
            ),
        }

    def _samples(self) -> Samples:
        """Return both splits; half of the lines keep their label, as in training."""
        sides = self.values.sides()
        labels = [[label if i % 2 else "" for i, label in enumerate(side.labels)] for side in sides]
        learn, held_out = (side.values for side in sides)
        return Samples(learn, held_out, "held-out lines", (labels[0], labels[1]))


@dataclass(frozen=True, slots=True)
class RunningTextDataset:
    """The dataset of running text.

    A text begins after a window of the running text. If `settings.end` is set, a value begins after
    the end of the value before it.

    Args:
        values: the running text.
        train: the encoded training split.
        held_out: the encoded held-out split.
        settings: the windows, the end of a value, the contract and the seed.
        unit: what the size of a split counts, for messages.
    """

    values: RunningText
    train: Windows
    held_out: Windows
    settings: Settings
    unit: str = "tokens of running text"

    def begin(self) -> SamplePlan:
        """Return how to draw one sample text for each of four temperatures, all from one prompt."""
        tokens, end = self.train.tokens, self.settings.end_text
        if end:
            return SamplePlan([tokens.index(end)], tokens.index(end), self._longest, _TEMPERATURES)
        opening = Encoder(tokens)(self._openings()[0])
        return SamplePlan(opening, None, _SHOWN, _TEMPERATURES)

    def conversion(self) -> ConversionSettings:
        """Return the settings of `convert` that depend on the data."""
        learn, held_out = (
            side.passages(min(_RUNNING_TOKENS, side.size // _FEWEST_PASSAGES + 1))
            for side in (self.train, self.held_out)
        )
        end, contract = self.settings.end_text, self.settings.contract
        kind = "held-out values" if end else "held-out passages"
        return {
            "generation": Generation(
                contract=contract,
                window=self.settings.window,
                start=end or None,
                end=end,
                max_tokens=self._longest,
                openings=self._openings() if not end or contract == "window" else (),
            ),
            "calibration": Calibration(lines=Samples(learn, held_out, kind)),
            "facts": CardFacts(
                data={"name": self.values.path.name, "characters": len(self.values.text)},
                evaluation={"held_out_characters": len(self.values.split()[1][0])},
            ),
            "learned": Learned(lines=learn if end else ()),
        }

    @property
    def _longest(self) -> int:
        return _token_limit(self.train.longest) if self.settings.end_text else _RUNNING_TOKENS

    def _openings(self) -> list[str]:
        return self.train.openings(_OPENINGS, np.random.default_rng(self.settings.seed))


Dataset = LineDataset | RunningTextDataset


def _token_limit(longest: int) -> int:
    """Return the token limit of a text: a quarter above `longest`, at most `Card.most_tokens`."""
    return min(longest + longest // 4, Card.most_tokens)
