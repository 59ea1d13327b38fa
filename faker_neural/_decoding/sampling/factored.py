"""The choice of a token in a factored model: first a class, then a token of that class.

Source: Goodman, "Classes for fast maximum entropy training", 2001.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .token_sampler import Draws, FlatSampler, Floats, GroupSampler, Mask
from .weights import (
    ONE,
    WEIGHTS,
    ZERO_WEIGHT_DISTANCE,
    check_finite,
    fine_weights,
    reached,
    scale,
    weights_of,
)

__all__ = ["FactoredSampler", "new_sampler"]

_SHARE_BITS = 40


def new_sampler(tokens: int, classes: Sequence[int]) -> GroupSampler:
    """Return the sampler of a model.

    Args:
        tokens: the number of tokens.
        classes: the number of tokens in each class; empty for a flat model.
    """
    return FactoredSampler(classes) if classes else FlatSampler(tokens)


class FactoredSampler:
    """Chooses tokens of a factored model: first a class, then a token of that class.

    Args:
        classes: the number of tokens in each class; class 0 has the first ids.
    """

    def __init__(self, classes: Sequence[int]) -> None:
        sizes = np.array(classes, dtype=np.int64)
        self._tokens, self._sizes = int(sizes.sum()), sizes
        self._first = sizes.cumsum() - sizes  # [classes] first id
        self._class = np.repeat(np.arange(len(sizes)), sizes)  # [tokens]
        self._place = np.arange(self._tokens) - self._first[self._class]  # [tokens] index in class
        self._places = np.arange(sizes.max())  # [members]

    def __call__(
        self, logits: Floats, draws: Draws, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.int64]:
        """See `TokenSampler`."""
        if mask is None:
            of_classes = logits[:, self._tokens :]
            largest = of_classes.max(axis=1, keepdims=True)
            check_finite(largest)
            shares = weights_of(largest, of_classes, temperature).astype(np.float64)
            members = logits
        else:
            shares, members = self._shares(logits, temperature, mask)
        chosen = reached(shares, draws[:, 0])
        inside = self._places < self._sizes[chosen, None]  # [rows, members]
        ids = self._first[chosen, None] + np.where(inside, self._places, 0)
        some = np.where(inside, np.take_along_axis(members, ids, axis=1), np.float32(-np.inf))
        largest = some.max(axis=1, keepdims=True)
        check_finite(largest)
        return self._first[chosen] + reached(weights_of(largest, some, temperature), draws[:, 1])

    def groups(
        self, logits: Floats, temperature: float, mask: Mask | None
    ) -> tuple[NDArray[np.float64], Floats, NDArray[np.int64]]:
        """See `GroupSampler`."""
        if mask is None:
            mask = np.zeros((len(logits), self._tokens), dtype=np.bool_)
        shares, members = self._shares(logits, temperature, mask)
        largest = np.maximum.reduceat(members, self._first, axis=1)
        weights = self._member_weights(members, largest, temperature)
        padded = np.zeros((len(logits), len(self._sizes), len(self._places)), dtype=np.float32)
        padded[:, self._class, self._place] = weights
        return shares, padded, self._first

    def weights(
        self, logits: Floats, temperature: float, mask: Mask | None = None
    ) -> NDArray[np.uint64]:
        """See `TokenSampler`."""
        shares, members, _ = self.groups(logits, temperature, mask)
        total = members.sum(axis=2, dtype=np.float64).clip(1, None)
        joint = members * (shares / total)[:, :, None]
        result: NDArray[np.uint64] = np.rint(joint[:, self._class, self._place]).astype(np.uint64)
        return result

    def probabilities(self, logits: Floats, temperature: float) -> NDArray[np.float64]:
        """See `TokenSampler`."""
        members, of_classes = logits[:, : self._tokens], logits[:, self._tokens :]
        best = of_classes.max(axis=1, keepdims=True)
        check_finite(best)
        shares = fine_weights(best, of_classes, temperature)
        largest = np.maximum.reduceat(members, self._first, axis=1)
        within = fine_weights(largest[:, self._class], members, temperature)
        shares *= ONE / shares.sum(axis=1, keepdims=True)
        within *= (shares / np.add.reduceat(within, self._first, axis=1))[:, self._class]
        return np.rint(within, out=within).clip(1, None, out=within)

    def _shares(
        self, logits: Floats, temperature: float, mask: Mask
    ) -> tuple[NDArray[np.float64], Floats]:
        """Return the classes' shares, whole numbers [rows, classes], and the tokens' masked logits.

        The share of a class is its weight times the fraction of its tokens' weight that is not
        masked. Without masked tokens, the shares are the weights times a power of two.
        """
        free, of_classes = logits[:, : self._tokens], logits[:, self._tokens :]
        members = np.where(mask, np.float32(-np.inf), free)
        largest, left = (np.maximum.reduceat(x, self._first, axis=1) for x in (free, members))
        check_finite(largest)
        possible = left > -np.inf
        check_finite(np.where(possible.any(axis=1), of_classes.max(axis=1), np.float32(np.nan)))
        every = self._sums(self._member_weights(free, largest, temperature))
        kept = self._sums(self._member_weights(members, left, temperature))
        step = scale(temperature)
        gap = np.rint((largest - left) * step)  # how much the mask lowers a class's largest
        best = of_classes.max(axis=1, keepdims=True)
        distance = np.where(possible, np.rint((best - of_classes) * step) + gap, np.inf)
        distance = distance - distance.min(axis=1, keepdims=True)
        weight = WEIGHTS[np.minimum(distance, ZERO_WEIGHT_DISTANCE).astype(np.intp)].astype(
            np.float64
        )
        share = np.where(possible, weight * (kept / every), 0)
        exponent = np.frexp(share.max(axis=1, keepdims=True))[1]
        return np.rint(np.ldexp(share, _SHARE_BITS - exponent)), members

    def _member_weights(self, members: Floats, largest: Floats, temperature: float) -> Floats:
        """Return the weight of each token by its distance to the largest logit of its class."""
        near = np.where(largest > -np.inf, largest, np.float32(0))[:, self._class]
        return weights_of(near, members, temperature)

    def _sums(self, weights: Floats) -> NDArray[np.float64]:
        """Return the sum of the weights in each class."""
        return np.add.reduceat(weights, self._first, axis=1, dtype=np.float64)
