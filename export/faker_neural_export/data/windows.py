"""Encoded running text, in batches of windows for training and measurement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural._encoding import Encoder

from .lines import Batch, Rows, nats

__all__ = ["Windows"]

_NOWHERE = np.array([], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Windows:
    """Encoded running text that is read in windows, each from a zero state.

    Args:
        ids: token ids of the text, int32 [tokens]; more than `window`.
        tokens: the string of each id.
        window: number of tokens in a window.
        stride: number of tokens from the start of a window to the start of the next window.
        end: the token that ends each value of the text, or "" for a text without values.
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
        """Encode a text.

        Args:
            text: the text, made of characters that are tokens.
            tokens: the string of each id.
            window: number of tokens in a window.
            stride: number of tokens from the start of a window to the start of the next window.
            end: the token that ends each value of the text, or "".

        Raises:
            ValueError: no token fits a character.
        """
        ids = np.array(Encoder(tokens)(text), dtype=np.int32)
        return cls(ids, tokens, window, stride, end)

    @property
    def size(self) -> int:
        """Return the number of tokens in the text."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Return the number of tokens in the longest value, its end included.

        A text without `end` is one value.
        """
        return int(np.diff(self._ends(), prepend=-1, append=len(self.ids) - 1).max())

    def batches(self, random: np.random.Generator, size: int) -> list[Rows]:
        """Return random batches of window starts, intp [rows] each.

        The first start is random, and the others follow it at the stride. In a text of values,
        every other window is moved back to the end of the value before it, because drawing a value
        starts there.

        Args:
            random: generator for the first start and of the order.
            size: maximum number of windows in a batch.
        """
        last = len(self.ids) - self.window
        starts = np.arange(random.integers(min(self.stride, last)), last, self.stride)
        if self.end:
            ends = self._ends()
            before = np.searchsorted(ends, starts[::2], side="right") - 1
            starts[::2] = np.where(before < 0, starts[::2], ends[before])
        return np.array_split(random.permutation(starts), math.ceil(len(starts) / size))

    def batch(self, rows: Rows) -> Batch:
        """Return the inputs, targets and weights of windows, each [rows, window].

        Args:
            rows: the starts of the windows, intp [rows].

        Returns:
            The int32 tokens, the int32 tokens that follow them, and float32 weights, all 1.
        """
        read = self.ids[rows[:, None] + np.arange(self.window + 1)]
        return read[:, :-1], read[:, 1:], np.ones((len(rows), self.window), dtype=np.float32)

    def training_batch(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Return `batch(rows)`.

        Args:
            rows: the starts of the windows, intp [rows].
            random: not used.
        """
        return self.batch(rows)

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the cross-entropy of a network on the text, in bits per character.

        Windows overlap by half, and only the second half of each is measured. So the network reads
        at least half a window before it predicts a token.

        Args:
            network: a compiled network.
            batch: maximum number of windows in a batch.
        """
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
        """Draw prompts of one window each, after which a word or a value begins.

        Args:
            count: maximum number of prompts.
            random: generator for the choice.

        Returns:
            Prompts from different positions; the last window if the text has no such position.
        """
        places = (self._ends() if self.end else self._word_ends()) + 1
        places = places[places >= self.window]
        if not len(places):
            places = np.array([len(self.ids)])
        chosen = random.choice(places, size=min(count, len(places)), replace=False)
        return [self._join(self.ids[place - self.window : place]) for place in chosen]

    def passages(self, length: int) -> list[str]:
        """Return the text in its values or, if values have no end, in passages.

        Args:
            length: maximum number of tokens in a passage.
        """
        if self.end:
            return [value for value in self._join(self.ids).split(self.end) if value]
        parts = np.array_split(self.ids, math.ceil(len(self.ids) / length))
        return [self._join(part) for part in parts]

    def _join(self, ids: NDArray[np.int32]) -> str:
        return "".join(self.tokens[i] for i in ids)

    def _ends(self) -> Rows:
        """Return the positions of the tokens that end a value."""
        return np.flatnonzero(self.ids == self.tokens.index(self.end)) if self.end else _NOWHERE

    def _word_ends(self) -> Rows:
        """Return the positions of tokens that end, or whose next token begins, with white space."""
        last = np.array([token[-1:].isspace() for token in self.tokens])[self.ids]
        first = np.array([token[:1].isspace() for token in self.tokens])[self.ids]
        return np.flatnonzero(last[:-1] | (first[1:] & ~last[1:]))
