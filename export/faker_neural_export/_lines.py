"""Encoded lines, as batches to learn from and to be measured on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ._tokens import Encoder

__all__ = ["Lines"]

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]


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
    def longest(self) -> int:
        """Tokens in the longest line, its end included."""
        return max(map(len, self.ids)) + 1

    def batch(self, rows: NDArray[np.intp]) -> tuple[Ids, Ids, Floats]:
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
        nats = 0.0
        for rows in np.array_split(np.arange(len(self.ids)), math.ceil(len(self.ids) / batch)):
            network.reset_metrics()
            loss = float(network.test_on_batch(*self.batch(rows)))
            nats += loss * sum(len(self.ids[row]) + 1 for row in rows)
        return nats / math.log(2) / (self.characters + len(self.ids))
