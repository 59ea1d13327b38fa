"""A choice among the likeliest tokens only: `top_k` and `top_p`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faker_neural._options import Options

from .factored import new_sampler
from .token_sampler import Draws, Floats, Mask, TokenSampler

__all__ = ["RankedSampler", "sampler_of"]

_ID_BITS = np.uint64(22)  # a weight has 41 bits
_IDS = np.uint64(2**22 - 1)


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
            weights = self._sampler.weights(logits, temperature, mask)
            beyond = self._beyond(weights)
            mask = beyond if mask is None else mask | beyond
        return self._sampler(logits, draws, temperature, mask)

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """See `TokenSampler`; tokens past `top_k` and `top_p` have weight 0."""
        weights = self._sampler.weights(logits, temperature, mask)
        return np.where(self._beyond(weights), np.uint64(0), weights)

    def scores(self, logits: Floats, temperature: float, mask: Mask) -> NDArray[np.float64]:
        """See `TokenSampler`; `top_k` and `top_p` exclude no token here."""
        return self._sampler.scores(logits, temperature, mask)

    def _beyond(self, weights: NDArray[np.uint64]) -> Mask:
        """Return which tokens are not among the likeliest, bool [rows, tokens]."""
        ids = np.arange(weights.shape[1], dtype=np.uint64)
        order = weights << _ID_BITS | (_IDS - ids)  # among equal weights, the lower id comes first
        order.sort(axis=1)
        order = order[:, ::-1]  # the likeliest first
        beyond = np.zeros(order.shape, dtype=np.bool_)
        if self._top_k is not None:
            beyond[:, self._top_k :] = True
        if self._top_p is not None and self._top_p < 1:
            sorted_weights = order >> _ID_BITS
            reached = sorted_weights.cumsum(axis=1)
            enough = np.ceil(reached[:, -1:] * self._top_p)
            beyond |= (reached - sorted_weights) >= np.maximum(enough, 1)
        result = np.empty_like(beyond)
        places = (_IDS - (order & _IDS)).astype(np.intp)
        np.put_along_axis(result, places, beyond, axis=1)
        return result
