"""Encoded lines, in batches for training and measurement."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural_export.network.network import feed
from faker_neural_export.vocabulary.rows import TrainingRowEncoder
from faker_neural_export.vocabulary.vocabulary import Vocabulary
from faker_neural_export.vocabulary.words import TrainingWordEncoder, rare_words

from .columns import Column

__all__ = ["Batch", "Floats", "Ids", "Lines", "Rows", "nats"]

Ids = NDArray[np.int32]
Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
Batch = tuple[Ids, Ids, Floats]
Spelled = Callable[[np.random.Generator], tuple[Sequence[int], Sequence[bool]]]

_SORTED = 8  # batches whose lines are sorted together


@dataclass(frozen=True, slots=True)
class Lines:
    """The encoded values of a split.

    Args:
        ids: token ids of each value, without the boundary.
        characters: total number of characters in the values.
        labels: the id of each value's label, int32 [values], 0 for none; empty if the column has no
            labels.
        spelled: for each value with rare words, by its index, a function that encodes the value
            with a random part of these words spelled. It returns the token ids, and for each id
            whether it is a target.
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
        """Encode values.

        Args:
            side: the split of the column, whose characters are all tokens.
            vocabulary: the tokens.
            labels: the distinct labels of the column; their ids follow the ids of the tokens.
            spelling: share of the rare words to spell in a training batch, 0 to 1; None for a split
                that is not used for training.
        """
        values = side.values
        encoder = vocabulary.encoder(values, side.columns)
        tokens = len(vocabulary.tokens)
        label_ids = {label: i for i, label in enumerate(labels, start=tokens)}
        begins = np.array([label_ids.get(label, 0) for label in side.labels], dtype=np.int32)
        encoded = [encoder(value) for value in values]
        spelled: dict[int, Spelled] = {}
        if spelling is not None and isinstance(encoder, TrainingWordEncoder | TrainingRowEncoder):
            rare = rare_words(values)
            spelled = {
                i: partial(encoder.encode_for_training, value, rare, spelling)
                for i, value in enumerate(values)
                if not encoder.has_all(value, rare)
            }
        return cls(encoded, sum(map(len, values)), begins, spelled)

    @property
    def size(self) -> int:
        """Return the number of values."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Return the number of tokens in the longest value, its end included."""
        return max(map(len, self.ids)) + 1

    def counts(self, tokens: int) -> Floats:
        """Count each token; the end of a value counts as token 0.

        Args:
            tokens: number of tokens in the vocabulary.

        Returns:
            The count of each token, float32 [tokens].
        """
        ids = np.concatenate([*map(np.asarray, self.ids), np.zeros(self.size)]).astype(np.int64)
        return np.bincount(ids, minlength=tokens).astype(np.float32)

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Return random batches of values; each has about as many tokens as `size` average values.

        Every value is in one batch. Groups of a few random batches are sorted by length; otherwise
        batches would be mostly padding. Batches of equal numbers of tokens give each token the same
        weight; batches of equal numbers of values would teach the lengths badly.

        Args:
            random: generator for the order.
            size: average number of values in a batch.

        Returns:
            The indices of the values of each batch, intp [rows].
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
        """Return the inputs, targets and weights of values, each [rows, longest value + 1].

        Args:
            rows: the indices of the values, intp [rows].
            random: if given, spells a share of the rare words, and sets the weight of most words
                outside the vocabulary to 0.

        Returns:
            The int32 tokens after the boundary, the int32 tokens that follow them, and float32
            weights: 1, but 0 for padding.
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
        """Return the inputs, targets and weights of a training batch; the mean weight is 1.

        If the column has labels, a value begins with its label or, with a probability of one half,
        with the boundary. So texts without a label are learned too.

        Args:
            rows: the indices of the values, intp [rows].
            random: generator for the spelled words and of the dropped labels.
        """
        tokens, targets, weights = self.batch(rows, random)
        if len(self.labels):
            tokens[:, 0] = np.where(random.random(len(rows)) < 0.5, self.labels[rows], 0)
        return tokens, targets, weights / weights.mean()

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the cross-entropy of a network on the values, in bits per character.

        The end of a value counts as a character.

        Args:
            network: a compiled network.
            batch: maximum number of values in a batch.
        """
        parts = np.array_split(np.arange(len(self.ids)), math.ceil(len(self.ids) / batch))
        found = nats(network, map(self.batch, parts))
        return found / math.log(2) / (self.characters + len(self.ids))


def nats(network: keras.Model, batches: Iterable[Batch]) -> float:
    """Return the sum of the cross-entropies of targets, each multiplied by its weight, in nats.

    Args:
        network: a compiled network.
        batches: inputs, targets and weights.
    """
    total = 0.0
    for tokens, targets, weights in batches:
        network.reset_metrics()
        loss = float(network.test_on_batch(feed(network, tokens, targets), targets, weights))
        total += loss * weights.size
    return total
