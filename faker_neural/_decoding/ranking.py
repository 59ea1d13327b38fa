"""Tokens in the order of their probability, and a choice among the likeliest of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faker_neural._options import Options
from .sampling import Floats, Sampler, scaled

__all__ = ["AnySampler", "RankedSampler", "new_sampler"]

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class RankedSampler:
    """Chooses a token for each row among its likeliest.

    Use it under `numpy.errstate(over="ignore")`, as a Sampler.

    Args:
        rows: the most rows there can be.
        tokens: how many tokens there are, below 2**32.
        options: `top_k` and `top_p` of them.
    """

    def __init__(self, rows: int, tokens: int, options: Options) -> None:
        self._sampler = Sampler(rows, tokens)
        self._top_k = options.top_k
        self._top_p = (
            None if options.top_p is None else np.array([round(options.top_p * 2**32)], np.uint64)
        )
        self._ids = _LOW - np.arange(tokens, dtype=np.uint64)  # of equal weights the first id wins

    def ranked(
        self, logits: Floats, temperature: float
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Sort the tokens of each row, the likeliest first.

        Args:
            logits: float32 [rows, tokens].
            temperature: above 0.

        Returns:
            Their ids, uint64 [rows, tokens], and their weights, which are 0 past `top_k` and
            `top_p`.

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """
        weights = self._sampler.weights(logits, temperature)
        order = weights << _HALF | self._ids
        order.sort(axis=1)
        order = order[:, ::-1]
        weights = order >> _HALF
        if self._top_k is not None:
            weights[:, self._top_k :] = 0
        if self._top_p is not None:
            reached = weights.cumsum(axis=1)
            enough = scaled(reached[:, -1:], self._top_p)
            weights[reached - weights >= np.maximum(enough, np.uint64(1))] = 0
        return _LOW - (order & _LOW), weights

    def __call__(
        self, logits: Floats, draws: NDArray[np.uint64], temperature: float
    ) -> NDArray[np.int64]:
        """Choose one token for each row; see `Sampler`."""
        if temperature == 0:
            return self._sampler(logits, draws, temperature)
        ids, weights = self.ranked(logits, temperature)
        reached = weights.cumsum(axis=1)
        threshold = scaled(reached[:, -1], draws)
        place = (reached > threshold[:, None]).argmax(axis=1)
        chosen: NDArray[np.int64] = ids[np.arange(len(ids)), place].astype(np.int64)
        return chosen

    def one(self, logits: Floats, draw: int, temperature: float) -> int:
        """Choose the token of a single row; see `Sampler`."""
        return int(self(logits[None], np.array([draw], dtype=np.uint64), temperature)[0])


AnySampler = Sampler | RankedSampler


def new_sampler(rows: int, tokens: int, options: Options) -> AnySampler:
    """Make what chooses among all tokens, or among the likeliest where that is asked for."""
    if options.top_k is None and options.top_p is None:
        return Sampler(rows, tokens)
    return RankedSampler(rows, tokens, options)
