"""Logits to token ids with integers alone, so that equal logits give equal tokens anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS_A_NAT = 256
"""Distances from the largest logit are rounded to 1/256 nat, which moves a probability by 0.2 %."""

_WEIGHT_BITS = 24


def _exp_table() -> NDArray[np.uint32]:
    """Tabulate round(2**24 * exp(-i / 256)) until it is 0, in integers: no machine's `exp`."""
    guard = 160
    ratio = term = 1 << guard  # exp(-1 / 256) by its Taylor series, in units of 2**-160
    for n in range(1, 40):
        term = -term // (n * STEPS_A_NAT)
        ratio += term
    half = 1 << (guard - _WEIGHT_BITS - 1)
    weights, power = [], 1 << guard
    while weight := (power + half) >> (guard - _WEIGHT_BITS):
        weights.append(weight)
        power = power * ratio >> guard
    return np.array([*weights, 0], dtype=np.uint32)


_WEIGHTS = _exp_table()
_LAST = len(_WEIGHTS) - 1


class Sampler:
    """Chooses a token for each row, in arrays of its own that every step uses again.

    Args:
        rows: the most rows there can be.
        tokens: how many tokens there are.
    """

    def __init__(self, rows: int, tokens: int) -> None:
        self._distance = np.empty((rows, tokens), dtype=np.float32)
        self._index = np.empty((rows, tokens), dtype=np.int32)
        self._weights = np.empty((rows, tokens), dtype=np.uint32)
        self._cumulated = np.empty((rows, tokens), dtype=np.uint64)

    def weights(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.uint32]:
        """Turn logits into integers proportional to softmax(logits / temperature).

        Args:
            logits: float32 [rows, tokens].
            temperature: above 0; 1 is the learned distribution.

        Returns:
            uint32 [rows, tokens], until the next call; the largest of each row is 2**24, what is
            below 3e-8 of it is 0.

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """
        rows = len(logits)
        largest = logits.max(axis=1, keepdims=True)
        if not np.isfinite(largest).all():
            raise FloatingPointError("the largest is not a finite number")
        with np.errstate(over="ignore"):  # what is infinitely far has weight 0
            distance = np.subtract(largest, logits, out=self._distance[:rows])
            if temperature != 1.0:
                divided = distance.astype(np.float64) / temperature
                np.minimum(divided, _LAST, out=distance, casting="same_kind")
            distance *= STEPS_A_NAT
        np.rint(np.minimum(distance, _LAST, out=distance), out=distance)
        index = self._index[:rows]
        index[:] = distance
        return _WEIGHTS.take(index, out=self._weights[:rows], mode="clip")

    def __call__(
        self, logits: NDArray[np.float32], draws: NDArray[np.uint64], temperature: float
    ) -> NDArray[np.int64]:
        """Choose one token for each row.

        Args:
            logits: float32 [rows, tokens].
            draws: uint64 [rows], uniform below 2**32.
            temperature: above 0.

        Returns:
            int64 [rows]: the first token whose cumulated weight exceeds draw / 2**32 of the total.

        Raises:
            FloatingPointError: the largest logit of a row is not a finite number.
        """
        weights = self.weights(logits, temperature)
        cumulated = weights.cumsum(axis=1, dtype=np.uint64, out=self._cumulated[: len(logits)])
        threshold = _scaled(cumulated[:, -1], draws)
        chosen: NDArray[np.int64] = (cumulated > threshold[:, None]).argmax(axis=1)
        return chosen


def _scaled(total: NDArray[np.uint64], draws: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Compute floor(total * draw / 2**32) in two halves, since the product may need 72 bits."""
    bits, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    return (total >> bits) * draws + ((total & low) * draws >> bits)
