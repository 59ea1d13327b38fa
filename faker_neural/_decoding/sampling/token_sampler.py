"""Converts logits to token ids: equal logits and draws give equal tokens on every machine.

Each token has a whole-number weight (`weights.py`). The first of two draws chooses a group of
tokens by the sums of the groups' weights. The second draw chooses a token of that group. In a flat
model, a group is a block of neighbouring ids. In a factored model, a group is a class, which has a
logit of its own (`factored.py`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faker_neural._decoding.session import Floats

from .weights import ONE, block_size, check_finite, fine_weights, reached, weights_of

__all__ = ["Draws", "FlatSampler", "Floats", "GroupSampler", "Mask", "TokenSampler"]

Draws = NDArray[np.float64]
Mask = NDArray[np.bool_]


class TokenSampler(Protocol):
    """Chooses token ids from logits."""

    def __call__(
        self, logits: Floats, draws: Draws, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.int64]:
        """Choose one token for each row.

        Args:
            logits: float32 [rows, tokens], or [rows, tokens + classes] in a factored model.
            draws: float64 [rows, 2], from 0 to below 1. At temperature 0 they must be 0; then the
                first of the likeliest tokens is chosen.
            temperature: 0 or more.
            mask: bool [rows, tokens], the tokens that may not be chosen; None for no mask.

        Returns:
            int64 [rows].

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """Return the weights of the tokens, whole numbers in proportion to their probabilities.

        Args:
            logits: float32 [rows, tokens], or [rows, tokens + classes] in a factored model.
            temperature: 0 or more.
            mask: bool [rows, tokens], the tokens whose weight is 0; None for no mask.

        Returns:
            uint64 [rows, tokens], below 2^41.

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """

    def probabilities(self, logits: Floats, temperature: float) -> NDArray[np.float64]:
        """Return the probability of each token times 2^40, rounded, at least 1.

        Args:
            logits: float32 [rows, tokens], or [rows, tokens + classes] in a factored model.
            temperature: above 0.

        Returns:
            float64 [rows, tokens], whole numbers whose sums are exact; the same on every machine.

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """


class GroupSampler(TokenSampler, Protocol):
    """Chooses a group of tokens by the first draw, and a token of the group by the second."""

    def groups(
        self, logits: Floats, temperature: float, mask: Mask | None
    ) -> tuple[NDArray[np.float64], Floats, NDArray[np.int64]]:
        """Return the weights of the groups, and of the tokens in each group.

        Args:
            logits: float32 [rows, tokens], or [rows, tokens + classes] in a factored model.
            temperature: 0 or more.
            mask: bool [rows, tokens], the tokens whose weight is 0; None for no mask.

        Returns:
            The weights of the groups, float64 [rows, groups]; the weights of the tokens, float32
            [rows, groups, members], which the next call may overwrite; and the first id of
            each group, int64 [groups].

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """


class FlatSampler:
    """Chooses tokens of a flat model. Its calls share an array: use it in one thread only.

    Args:
        tokens: the number of tokens.
    """

    def __init__(self, tokens: int) -> None:
        self._tokens, self._block = tokens, block_size(tokens)
        self._ones = np.ones(self._block, dtype=np.float32)
        self._first = np.arange(0, tokens, self._block)  # [blocks] first id
        self._scratch = np.zeros((0, -(-tokens // self._block) * self._block), dtype=np.float32)

    def __call__(
        self, logits: Floats, draws: Draws, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.int64]:
        """See `TokenSampler`."""
        sums, blocks, first = self.groups(logits, temperature, mask)
        block = reached(sums, draws[:, 0])
        return first[block] + reached(blocks[np.arange(len(block)), block], draws[:, 1])

    def groups(
        self, logits: Floats, temperature: float, mask: Mask | None
    ) -> tuple[NDArray[np.float64], Floats, NDArray[np.int64]]:
        """See `GroupSampler`."""
        blocks = self._weigh(logits, temperature, mask).reshape(len(logits), -1, self._block)
        return (blocks @ self._ones).astype(np.float64), blocks, self._first

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """See `TokenSampler`."""
        return self._weigh(logits, temperature, mask)[:, : self._tokens].astype(np.uint64)

    def probabilities(self, logits: Floats, temperature: float) -> NDArray[np.float64]:
        """See `TokenSampler`."""
        largest = logits.max(axis=1, keepdims=True)
        check_finite(largest)
        weights = fine_weights(largest, logits, temperature)
        weights *= ONE / weights.sum(axis=1, keepdims=True)
        return np.rint(weights, out=weights).clip(1, None, out=weights)

    def _weigh(self, logits: Floats, temperature: float, mask: Mask | None) -> Floats:
        """Return float32 weights [rows, blocks * block size]; the next call overwrites them."""
        if mask is not None:
            logits = np.where(mask, np.float32(-np.inf), logits)
        largest = logits.max(axis=1, keepdims=True)
        check_finite(largest)
        if len(self._scratch) < len(logits):
            self._scratch = np.zeros((len(logits), self._scratch.shape[1]), dtype=np.float32)
        weights = self._scratch[: len(logits)]
        weights_of(largest, logits, temperature, out=weights[:, : self._tokens])
        return weights
