"""Encoded lines, as batches to learn from and to be measured on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ._network import feed
from ._tokens import Encoder

__all__ = ["Batch", "Lines", "Rows", "nats"]

Ids = NDArray[np.int32]
Rows = NDArray[np.intp]
Batch = tuple[Ids, Ids, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Lines:
    """Encoded values: token ids of each without the boundary, and how many characters in all."""

    ids: Sequence[Sequence[int]]
    characters: int

    @classmethod
    def encode(cls, values: Sequence[str], tokens: Sequence[str]) -> Lines:
        """Encode values, each made of characters that are tokens."""
        encoder = Encoder(tokens)
        return cls([encoder(value) for value in values], sum(map(len, values)))

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Tokens in the longest line, its end included."""
        return max(map(len, self.ids)) + 1

    def rows(self, random: np.random.Generator) -> Rows:
        """Give every line once, in an order of its own."""
        return random.permutation(len(self.ids))

    def batch(self, rows: Rows) -> Batch:
        """Give some lines as input, target and weight, each [rows, longest of them + 1].

        The weights are 0 behind a line's end and otherwise equal, 1 in the mean.
        """
        ids = [self.ids[row] for row in rows]
        tokens = np.zeros((len(ids), max(map(len, ids)) + 2), dtype=np.int32)
        weights = np.zeros((len(ids), tokens.shape[1] - 1), dtype=np.float32)
        for row, line in enumerate(ids):
            tokens[row, 1 : len(line) + 1] = line
            weights[row, : len(line) + 1] = 1
        return tokens[:, :-1], tokens[:, 1:], weights / weights.mean()

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the network on these lines, the end of a line counted as a character."""
        parts = np.array_split(np.arange(len(self.ids)), math.ceil(len(self.ids) / batch))
        found = nats(network, map(self.batch, parts))
        return found / math.log(2) / (self.characters + len(self.ids))


def nats(network: keras.Model, batches: Iterable[Batch]) -> float:
    """Sum the cross-entropy of the targets that have a weight."""
    total = 0.0
    for tokens, targets, weights in batches:
        network.reset_metrics()
        loss = float(network.test_on_batch(feed(network, tokens), targets, weights))
        total += loss * np.count_nonzero(weights)
    return total
