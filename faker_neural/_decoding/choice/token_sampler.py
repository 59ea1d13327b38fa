"""Logits to token ids by one rule with one right answer: equal logits give equal tokens anywhere.

Every token has a whole-number weight (`weights.py`). Two draws choose: first a group of tokens, by
the sums of the groups' weights, then a token of that group. In a flat model a group is a block of
neighbouring ids. In a factored model it is a class, with a logit of its own (`factored.py`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faker_neural._decoding.session import Floats

from .weights import block_size, check_finite, exp_of_distance, reached, weights_of

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
            logits: float32 [rows, tokens], and [rows, tokens + classes] of a factored model.
            draws: float64 [rows, 2], from 0 to below 1; 0 at temperature 0, which then takes the
                first of the likeliest tokens.
            temperature: 0 or more.
            mask: [rows, tokens], the tokens that may not be chosen; None for none of them.

        Returns:
            int64 [rows].

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """Return whole numbers below 2^41 in proportion to the tokens' probabilities.

        Args:
            logits: as above.
            temperature: as above.
            mask: as above; their weights are 0.

        Returns:
            uint64 [rows, tokens].

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """

    def scores(self, logits: Floats, temperature: float, mask: Mask) -> NDArray[np.float64]:
        """Return the probability of each token among all, times a constant; 0 for mask ones.

        Args:
            logits: as above.
            temperature: as above.
            mask: as above.

        Returns:
            float64 [rows, tokens], the same on every machine.
        """


class GroupSampler(TokenSampler, Protocol):
    """Chooses a group of tokens by the first draw, and one of its tokens by the second."""

    def groups(
        self, logits: Floats, temperature: float, mask: Mask | None
    ) -> tuple[NDArray[np.float64], Floats, NDArray[np.int64]]:
        """Weigh the groups that the first draw chooses from, and the tokens in each.

        Returns:
            float64 [rows, groups], float32 [rows, groups, members] until the next call, and the
            first id of each group, int64 [groups].

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """


class FlatSampler:
    """Chooses tokens of a flat model. It keeps arrays that the next call uses again.

    Args:
        tokens: how many there are.
    """

    def __init__(self, tokens: int) -> None:
        self._tokens, self._block = tokens, block_size(tokens)
        self._ones = np.ones(self._block, dtype=np.float32)
        self._first = np.arange(0, tokens, self._block)  # [blocks] ids
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
        """See `TokenSampler`."""
        blocks = self._weigh(logits, temperature, mask).reshape(len(logits), -1, self._block)
        return (blocks @ self._ones).astype(np.float64), blocks, self._first

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """See `TokenSampler`."""
        return self._weigh(logits, temperature, mask)[:, : self._tokens].astype(np.uint64)

    def scores(self, logits: Floats, temperature: float, mask: Mask) -> NDArray[np.float64]:
        """See `TokenSampler`."""
        total = self._weigh(logits, temperature, None).sum(axis=1, dtype=np.float64)
        largest = logits.max(axis=1, keepdims=True)
        return np.where(mask, 0, exp_of_distance(largest, logits, temperature) / total[:, None])

    def _weigh(self, logits: Floats, temperature: float, mask: Mask | None) -> Floats:
        """Return float32 [rows, tokens and what fills the last block], until the next call."""
        if mask is not None:
            logits = np.where(mask, np.float32(-np.inf), logits)
        largest = logits.max(axis=1, keepdims=True)
        check_finite(largest)
        if len(self._scratch) < len(logits):
            self._scratch = np.zeros((len(logits), self._scratch.shape[1]), dtype=np.float32)
        weights = self._scratch[: len(logits)]
        weights_of(largest, logits, temperature, out=weights[:, : self._tokens])
        return weights
