"""Encoded lines, as batches to learn from and to be measured on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural_export.network.network import feed
from faker_neural_export.vocabulary.vocabulary import Vocabulary
from faker_neural_export.vocabulary.words import WordEncoder, rare_words

from .columns import Column

__all__ = ["Batch", "Floats", "Ids", "Lines", "Rows", "nats"]

Ids = NDArray[np.int32]
Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
Batch = tuple[Ids, Ids, Floats]
Spelled = Callable[[np.random.Generator], tuple[Sequence[int], Sequence[bool]]]

_SORTED = 8  # batches


@dataclass(frozen=True, slots=True)
class Lines:
    """Encoded values.

    Args:
        ids: token ids of each value, without the boundary.
        characters: in all of them.
        labels: the id that each value's label has, 0 where it has none; [] where none has one.
        spelled: of each value that has rare words, its token ids with some of them spelled, and
            which of them are to be learned.
    """

    ids: Sequence[Sequence[int]]
    characters: int
    labels: Ids
    spelled: Mapping[int, Spelled] = field(default_factory=dict)

    @classmethod
    def encode(
        cls,
        side: Column,
        vocabulary: Vocabulary,
        labels: Sequence[str] = (),
        spelling: float | None = None,
    ) -> Lines:
        """Encode values, each made of characters that are tokens.

        Args:
            side: the values.
            vocabulary: the tokens.
            labels: of all values.
            spelling: share of the rare words to be spelled in a lesson, 0 to 1; None where nothing
                is learned from them.
        """
        encoder, values, tokens = vocabulary.encoder(), side.values, len(vocabulary.tokens)
        label_ids = {label: i for i, label in enumerate(labels, start=tokens)}
        begins = np.array([label_ids.get(label, 0) for label in side.labels], dtype=np.int32)
        encoded = [encoder(value) for value in values]
        spelled: dict[int, Spelled] = {}
        if spelling is not None and isinstance(encoder, WordEncoder):
            rare = rare_words(values)
            spelled = {
                i: partial(encoder.encode_for_training, value, rare, spelling)
                for i, value in enumerate(values)
                if not encoder.has_all(value, rare)
            }
        return cls(encoded, sum(map(len, values)), begins, spelled)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Tokens in the longest line, its end included."""
        return max(map(len, self.ids)) + 1

    def counts(self, tokens: int) -> Floats:
        """Count each token, and the ends of lines as token 0; float32 [tokens]."""
        ids = np.concatenate([*map(np.asarray, self.ids), np.zeros(self.size)]).astype(np.int64)
        return np.bincount(ids, minlength=tokens).astype(np.float32)

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Return every line once, in batches of similar lengths and as many tokens as `size` lines.

        Lines are sorted among a few batches' worth, drawn at random: not sorted they would be
        mostly padding. Batches of equal tokens give each token the same weight; batches of equal
        lines would teach the lengths badly.
        """
        lengths = np.array([len(line) + 1 for line in self.ids])
        order, batches = random.permutation(self.size), list[Rows]()
        for some in np.array_split(order, math.ceil(self.size / (size * _SORTED))):
            ordered = some[np.argsort(lengths[some], kind="stable")]
            ends = np.cumsum(lengths[ordered])
            count = math.ceil(len(some) / size)
            cuts = np.searchsorted(ends, ends[-1] * np.arange(1, count) / count)
            batches += [rows for rows in np.split(ordered, cuts) if len(rows)]
        return [batches[i] for i in random.permutation(len(batches))]

    def batch(self, rows: Rows, random: np.random.Generator | None = None) -> Batch:
        """Return some lines as input, target and weight, each [rows, longest of them + 1].

        The weights are 0 behind a line's end and otherwise 1. With `random`, some rare words are
        spelled, and of the words that are no tokens most weigh 0.
        """
        ids, learned = zip(*(self._line(row, random) for row in rows), strict=True)
        tokens = np.zeros((len(ids), max(map(len, ids)) + 2), dtype=np.int32)
        weights = np.zeros((len(ids), tokens.shape[1] - 1), dtype=np.float32)
        for row, line in enumerate(ids):
            tokens[row, 1 : len(line) + 1] = line
            weights[row, : len(line)] = learned[row]
            weights[row, len(line)] = 1
        return tokens[:, :-1], tokens[:, 1:], weights

    def _line(
        self, row: int, random: np.random.Generator | None
    ) -> tuple[Sequence[int], Sequence[bool]]:
        if random is None or row not in self.spelled:
            return self.ids[row], [True] * len(self.ids[row])
        return self.spelled[row](random)

    def training_batch(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Return some lines to learn from, the weights 1 in the mean.

        Where lines have labels, half of them begin with the boundary all the same, so that texts
        without a label are learned.
        """
        tokens, targets, weights = self.batch(rows, random)
        if len(self.labels):
            tokens[:, 0] = np.where(random.random(len(rows)) < 0.5, self.labels[rows], 0)
        return tokens, targets, weights / weights.mean()

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the network on these lines, the end of a line counted as a character."""
        parts = np.array_split(np.arange(len(self.ids)), math.ceil(len(self.ids) / batch))
        found = nats(network, map(self.batch, parts))
        return found / math.log(2) / (self.characters + len(self.ids))


def nats(network: keras.Model, batches: Iterable[Batch]) -> float:
    """Sum the cross-entropy of targets, each multiplied by its weight."""
    total = 0.0
    for tokens, targets, weights in batches:
        network.reset_metrics()
        loss = float(network.test_on_batch(feed(network, tokens, targets), targets, weights))
        total += loss * weights.size
    return total
