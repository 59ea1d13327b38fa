"""The weight of a token: a whole number, by how far its logit is below the largest one.

The distance is divided by the temperature and rounded to 1/64 nat. The weight of a distance is
the same number everywhere, since all operations are exact or correctly rounded. The graphs of
`step` models compute the same (`faker_neural_export.exact.sampling_head`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural._decoding.session import Floats

__all__ = [
    "FARTHEST",
    "GRID",
    "OFFSET",
    "SCALE",
    "SQUARINGS",
    "VERTEX",
    "WEIGHTS",
    "as_float32",
    "block_size",
    "check_finite",
    "exp_of_distance",
    "reached",
    "scale",
    "weights_of",
]


GRID = 64
"""Steps a nat. Rounding to them moves a probability by less than 0.8 %."""

VERTEX, OFFSET, SCALE, SQUARINGS = 2367, 4_156_407, 1.5132816599816579e-07, 5
"""The weight at a distance d is ((d - VERTEX)^2 + OFFSET) * SCALE, squared five times and rounded.

It is 2^18 exp(-d / 64), to 0.6 % within 4 nats: a parabola fits exp well on 1/32 of the range.
"""

_LARGEST_BLOCK = 64  # of weights up to 2^18: a float32 sum of them stays exact
_FEW = 2**13  # distances: it is faster to look them up than to compute with them
_STEP, _MOST_STEPS = 0.9844964370054085, 2**14  # exp(-1/64), and steps to exp(-256)


def _computed(distance: Floats) -> Floats:
    """Turn float32 distances, in grid steps up to where weights are 0, into weights, in place.

    For many of them this costs a third of looking them up in WEIGHTS.
    """
    distance -= np.float32(VERTEX)
    distance *= distance
    distance += np.float32(OFFSET)
    distance *= np.float32(SCALE)
    for _ in range(SQUARINGS):
        distance *= distance
    return np.rint(distance, out=distance)


def _table() -> Floats:
    """Tabulate the weights until they are 0."""
    weights = _computed(np.arange(VERTEX, dtype=np.float32))
    return weights[: int((weights == 0).argmax()) + 1].copy()


WEIGHTS = _table()
"""float32 [distances], whole numbers from 2^18 down to 0, of distances in 1/64 nat."""

FARTHEST = len(WEIGHTS) - 1
"""The distance from which weights are 0."""


def block_size(tokens: int) -> int:
    """Return how many neighbouring tokens of a flat model make a block, 1 to 64.

    Few tokens are one block. Else it is a size that leaves no rest if there is one, near the
    square root of their number.
    """
    if tokens <= _LARGEST_BLOCK:
        return tokens
    wanted = min(max(round(tokens**0.5), _LARGEST_BLOCK // 2), _LARGEST_BLOCK)
    sizes = sorted(range(_LARGEST_BLOCK // 3, _LARGEST_BLOCK + 1), key=lambda n: abs(n - wanted))
    return next((size for size in sizes if tokens % size == 0), wanted)


def as_float32(temperature: float) -> np.float32:
    """Return the temperature as float32, the largest number for what is beyond."""
    return np.float32(min(temperature, float(np.finfo(np.float32).max)))


def scale(temperature: float) -> np.float32:
    """Return what turns nats into grid steps: 64 / temperature, and 2^66 at temperature 0."""
    return np.float32(GRID) / max(as_float32(temperature), np.float32(2.0**-60))


def weights_of(
    largest: Floats, logits: Floats, temperature: float, out: Floats | None = None
) -> Floats:
    """Return the weight of each logit.

    Args:
        largest: float32 [rows, 1] or as `logits`; finite.
        logits: float32 [rows, columns], none above the largest.
        temperature: 0 or more.
        out: takes the result, if given.

    Returns:
        float32 [rows, columns], whole numbers up to 2^18.
    """
    distance = np.subtract(largest, logits, out=out)
    distance *= scale(temperature)
    distance.clip(0, np.float32(FARTHEST), out=distance)  # five times as fast as np.minimum
    np.rint(distance, out=distance)
    if distance.size > _FEW:
        return _computed(distance)
    return WEIGHTS.take(distance.astype(np.intp), out=distance)


def exp_of_distance(largest: Floats, logits: Floats, temperature: float) -> NDArray[np.float64]:
    """Compute exp of how far logits are below the largest, by squaring: no machine's `exp`.

    WEIGHTS is 0 for what is rarer than once in 2^18 times; this is not.
    """
    steps = np.rint(np.minimum((largest - logits) * scale(temperature), np.float32(_MOST_STEPS)))
    left, result, square = steps.astype(np.int64), np.ones(logits.shape), _STEP
    for bit in range(_MOST_STEPS.bit_length()):
        result *= np.where(left >> bit & 1, square, 1.0)
        square *= square
    return result


def reached(weights: NDArray[Any], draws: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where each row's cumulated weights first exceed the draw's part of their total."""
    sums = weights.cumsum(axis=1, dtype=np.float64)
    place: NDArray[np.int64] = (sums > (sums[:, -1] * draws)[:, None]).argmax(axis=1)
    return place


def check_finite(largest: NDArray[Any]) -> None:
    """Refuse logits that are no numbers.

    Raises:
        FloatingPointError: one is infinite or not a number.
    """
    if not np.isfinite(largest).all():
        raise FloatingPointError("the largest is not a finite number")
