"""A choice among the likeliest tokens only: `top_k` and `top_p`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faker_neural._options import Options

from .factored import new_sampler
from .token_sampler import Draws, Floats, Mask, TokenSampler

__all__ = ["RankedSampler", "sampler_of"]

_ID_BITS = np.uint64(22)  # a probability has 41 bits
_IDS = np.uint64(2**22 - 1)
_NONE = np.uint64(0)  # no token: its id is beyond all
_FEW = 256  # tokens that are sorted for `top_p`; if they do not suffice, all are


def sampler_of(tokens: int, classes: Sequence[int], options: Options) -> TokenSampler:
    """Return a sampler of all tokens, or of the likeliest if the options ask for it.

    Args:
        tokens: the number of tokens.
        classes: the number of tokens in each class; empty for a flat model.
        options: `top_k` and `top_p` are used.
    """
    sampler = new_sampler(tokens, classes)
    if ranks(options, tokens):
        return RankedSampler(sampler, options)
    return sampler


def ranks(options: Options, tokens: int) -> bool:
    """Return whether `top_k` or `top_p` can exclude a token if there are `tokens` of them."""
    top_k, top_p = options.top_k, options.top_p
    return (top_k is not None and top_k < tokens) or (top_p is not None and top_p < 1)


class RankedSampler:
    """Chooses a token for each row among its likeliest; see `TokenSampler`.

    Args:
        sampler: chooses among the tokens that are left.
        options: `top_k` and `top_p` are used.
    """

    def __init__(self, sampler: TokenSampler, options: Options) -> None:
        self._sampler, self._top_k, self._top_p = sampler, options.top_k, options.top_p

    def __call__(
        self, logits: Floats, draws: Draws, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.int64]:
        """See `TokenSampler`."""
        if temperature > 0:
            probabilities = self._sampler.probabilities(logits, temperature)
            if mask is not None:
                probabilities *= ~mask
            mask = self.limited(probabilities) == 0
        return self._sampler(logits, draws, temperature, mask)

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """See `TokenSampler`; tokens past `top_k` and `top_p` have weight 0."""
        weights = self._sampler.weights(logits, temperature, mask).astype(np.float64)
        return self.limited(weights).astype(np.uint64)

    def probabilities(self, logits: Floats, temperature: float) -> NDArray[np.float64]:
        """See `TokenSampler`; `top_k` and `top_p` exclude no token here."""
        return self._sampler.probabilities(logits, temperature)

    def limited(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities, 0 for the tokens past `top_k` and `top_p`.

        Args:
            probabilities: float64 [rows, tokens], whole numbers below 2^41.
        """
        ids = _IDS - np.arange(probabilities.shape[1], dtype=np.uint64)
        order = probabilities.astype(np.uint64) << _ID_BITS | ids  # of equals, lower ids are first
        count = min(self._top_k or len(ids), len(ids))
        if self._top_p is None or self._top_p == 1:
            return _scattered(_largest(order, count), len(ids))
        enough = np.ceil(probabilities.sum(axis=1, keepdims=True) * self._top_p).clip(1, None)
        few = _largest(order, min(count, _FEW))
        result = _scattered(_until(few, enough), len(ids))
        short = (few >> _ID_BITS).sum(axis=1) < enough[:, 0]
        if len(few[0]) < count and short.any():
            every = _largest(order[short], count)
            result[short] = _scattered(_until(every, enough[short]), len(ids))
        return result


def _until(order: NDArray[np.uint64], enough: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the first numbers of each row whose probabilities reach `enough`, and 0 after them."""
    weights = order >> _ID_BITS
    return np.where(weights.cumsum(axis=1) - weights < enough, order, _NONE)


def _largest(order: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """Return the largest numbers of each row, sorted, the largest first."""
    rest = order.shape[1] - count
    some = np.partition(order, rest, axis=1)[:, rest:] if rest else order
    return np.sort(some, axis=1)[:, ::-1]


def _scattered(order: NDArray[np.uint64], tokens: int) -> NDArray[np.float64]:
    """Return the probabilities that numbers hold, at the places that their ids say."""
    result = np.zeros((len(order), tokens + 1))
    ids = np.minimum(_IDS - (order & _IDS), np.uint64(tokens)).astype(np.intp)
    np.put_along_axis(result, ids, (order >> _ID_BITS).astype(np.float64), axis=1)
    return result[:, :tokens]
