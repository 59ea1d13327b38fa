"""Encoded running text, as batches of windows to learn from and to be measured on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural_export.vocabulary.tokens import Encoder

from .lines import Batch, Rows, nats

__all__ = ["Windows"]

_NOWHERE = np.array([], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Windows:
    """An encoded text that is read a window at a time, each from a zero state.

    Args:
        ids: the text's token ids, more of them than a window has.
        tokens: the string of each id.
        window: tokens of a window.
        stride: tokens from the start of a window to the next one's.
        end: what ends a value of the text, a token; or "".
    """

    ids: NDArray[np.int32]
    tokens: Sequence[str]
    window: int
    stride: int
    end: str

    @classmethod
    def encode(
        cls, text: str, tokens: Sequence[str], *, window: int, stride: int, end: str
    ) -> Windows:
        """Encode a text, made of characters that are tokens."""
        ids = np.array(Encoder(tokens)(text), dtype=np.int32)
        return cls(ids, tokens, window, stride, end)

    @property
    def size(self) -> int:
        """How many tokens the text has."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Tokens in the longest value, its end included; of the whole text where none ends."""
        return int(np.diff(self._ends(), prepend=-1, append=len(self.ids) - 1).max())

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Return where windows start, a stride apart from a random first, in random batches.

        Where values end, every other window starts with the end of the value before it: that is
        how a value is drawn.
        """
        last = len(self.ids) - self.window
        starts = np.arange(random.integers(min(self.stride, last)), last, self.stride)
        if self.end:
            ends = self._ends()
            before = np.searchsorted(ends, starts[::2], side="right") - 1
            starts[::2] = np.where(before < 0, starts[::2], ends[before])
        return np.array_split(random.permutation(starts), math.ceil(len(starts) / size))

    def batch(self, rows: Rows) -> Batch:
        """Return the windows that start there as input, target and weight, [rows, window] each."""
        read = self.ids[rows[:, None] + np.arange(self.window + 1)]
        return read[:, :-1], read[:, 1:], np.ones((len(rows), self.window), dtype=np.float32)

    def training_batch(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Return some windows to learn from."""
        return self.batch(rows)

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the network on the text, each token after at least half a window."""
        half = math.ceil(self.window / 2)
        starts = np.arange(0, len(self.ids) - self.window, half)
        weights = np.zeros((len(starts), self.window), dtype=np.float32)
        weights[:, -half:] = 1
        batches = [
            (*self.batch(starts[rows])[:2], weights[rows])
            for rows in np.array_split(np.arange(len(starts)), math.ceil(len(starts) / batch))
        ]
        widths = np.array([len(token) for token in self.tokens])
        characters = sum(int(widths[targets[:, -half:]].sum()) for _, targets, _ in batches)
        return nats(network, batches) / math.log(2) / characters

    def openings(self, count: int, random: np.random.Generator) -> list[str]:
        """Draw windows after which a word or a value begins, for texts to be begun with."""
        places = (self._ends() if self.end else self._word_ends()) + 1
        places = places[places >= self.window]
        if not len(places):
            places = np.array([len(self.ids)])
        chosen = random.choice(places, size=min(count, len(places)), replace=False)
        return [self._join(self.ids[place - self.window : place]) for place in chosen]

    def passages(self, length: int) -> list[str]:
        """Return the text as passages of so many tokens, or as its values."""
        if self.end:
            return [value for value in self._join(self.ids).split(self.end) if value]
        parts = np.array_split(self.ids, math.ceil(len(self.ids) / length))
        return [self._join(part) for part in parts]

    def _join(self, ids: NDArray[np.int32]) -> str:
        return "".join(self.tokens[i] for i in ids)

    def _ends(self) -> Rows:
        """Return where values end."""
        return np.flatnonzero(self.ids == self.tokens.index(self.end)) if self.end else _NOWHERE

    def _word_ends(self) -> Rows:
        """Return the tokens after which a word begins: white space, or the token before it."""
        last = np.array([token[-1:].isspace() for token in self.tokens])[self.ids]
        first = np.array([token[:1].isspace() for token in self.tokens])[self.ids]
        return np.flatnonzero(last[:-1] | (first[1:] & ~last[1:]))
