"""The weight of a token: a whole number that depends on how far its logit is below the largest.

The distance is divided by the temperature and rounded to 1/64 nat. A distance has the same weight
on every machine, because all operations are exact or correctly rounded. The graphs of `step` models
compute the same weights (`faker_neural_export.exact.sampling_head`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural._decoding.session import Floats

__all__ = [
    "GRID",
    "OFFSET",
    "SCALE",
    "SQUARINGS",
    "VERTEX",
    "WEIGHTS",
    "ZERO_WEIGHT_DISTANCE",
    "as_float32",
    "block_size",
    "check_finite",
    "exp_of_distance",
    "reached",
    "scale",
    "weights_of",
]


GRID = 64
"""Grid steps in a nat. Rounding to the grid changes a probability by less than 0.8 %."""

VERTEX, OFFSET, SCALE, SQUARINGS = 2367, 4_156_407, 1.5132816599816579e-07, 5
"""The weight at a distance d is ((d - VERTEX)^2 + OFFSET) * SCALE, squared five times and rounded.

It is 2^18 exp(-d / 64) with an error of 0.6 % within 4 nats: a parabola fits exp well on 1/32 of
the range.
"""

_LARGEST_BLOCK = 64  # a float32 sum of 64 weights up to 2^18 is exact
_FEW = 2**13  # up to so many distances, a table is faster than the formula
_STEP, _MOST_STEPS = 0.9844964370054085, 2**14  # exp(-1/64), and the number of steps to exp(-256)


def _computed(distance: Floats) -> Floats:
    """Convert float32 distances, 0 to VERTEX grid steps, to weights in place.

    For many distances, this takes a third of the time of a lookup in WEIGHTS.
    """
    distance -= np.float32(VERTEX)
    distance *= distance
    distance += np.float32(OFFSET)
    distance *= np.float32(SCALE)
    for _ in range(SQUARINGS):
        distance *= distance
    return np.rint(distance, out=distance)


def _table() -> Floats:
    """Return the weights of distances 0, 1, ... up to the first weight of 0."""
    weights = _computed(np.arange(VERTEX, dtype=np.float32))
    return weights[: int((weights == 0).argmax()) + 1].copy()


WEIGHTS = _table()
"""float32 [distances], the weight of each distance in 1/64 nat, from 2^18 down to 0."""

ZERO_WEIGHT_DISTANCE = len(WEIGHTS) - 1
"""The first distance whose weight is 0, in grid steps."""


def block_size(tokens: int) -> int:
    """Return the number of tokens in a block of a flat model, 1 to 64.

    Up to 64 tokens are one block. For more tokens, the size is near the square root of their
    number: the nearest size from 21 to 64 that divides it, or else 32 to 64.

    Args:
        tokens: the number of tokens in the model.
    """
    if tokens <= _LARGEST_BLOCK:
        return tokens
    wanted = min(max(round(tokens**0.5), _LARGEST_BLOCK // 2), _LARGEST_BLOCK)
    sizes = sorted(range(_LARGEST_BLOCK // 3, _LARGEST_BLOCK + 1), key=lambda n: abs(n - wanted))
    return next((size for size in sizes if tokens % size == 0), wanted)


def as_float32(temperature: float) -> np.float32:
    """Return the temperature as float32, at most the largest float32.

    Args:
        temperature: 0 or more.
    """
    return np.float32(min(temperature, float(np.finfo(np.float32).max)))


def scale(temperature: float) -> np.float32:
    """Return the factor from nats to grid steps: 64 / temperature, and 2^66 at temperature 0.

    Args:
        temperature: 0 or more.
    """
    return np.float32(GRID) / max(as_float32(temperature), np.float32(2.0**-60))


def weights_of(
    largest: Floats, logits: Floats, temperature: float, out: Floats | None = None
) -> Floats:
    """Return the weight of each logit.

    Args:
        largest: float32 [rows, 1] or [rows, columns], finite.
        logits: float32 [rows, columns], none above `largest`.
        temperature: 0 or more.
        out: an array for the result; None for a new array.

    Returns:
        float32 [rows, columns], whole numbers up to 2^18.
    """
    distance = np.subtract(largest, logits, out=out)
    distance *= scale(temperature)
    distance.clip(
        0, np.float32(ZERO_WEIGHT_DISTANCE), out=distance
    )  # five times as fast as np.minimum
    np.rint(distance, out=distance)
    if distance.size > _FEW:
        return _computed(distance)
    return WEIGHTS.take(distance.astype(np.intp), out=distance)


def exp_of_distance(largest: Floats, logits: Floats, temperature: float) -> NDArray[np.float64]:
    """Return exp((logits - largest) / temperature), the same on every machine.

    It is computed by repeated squaring, because `exp` differs between machines. It is never 0,
    while a token of a probability below about 2^-18 may have a weight of 0.

    Args:
        largest: float32 [rows, 1] or [rows, columns], finite.
        logits: float32 [rows, columns], none above `largest`.
        temperature: 0 or more.

    Returns:
        float64 [rows, columns], from exp(-256) to 1; the exponent is rounded to 1/64.
    """
    steps = np.rint(np.minimum((largest - logits) * scale(temperature), np.float32(_MOST_STEPS)))
    left, result, square = steps.astype(np.int64), np.ones(logits.shape), _STEP
    for bit in range(_MOST_STEPS.bit_length()):
        result *= np.where(left >> bit & 1, square, 1.0)
        square *= square
    return result


def reached(weights: NDArray[Any], draws: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, for each row, the first index where the sum of weights exceeds draw * total.

    Args:
        weights: [rows, columns].
        draws: float64 [rows], from 0 to below 1.

    Returns:
        int64 [rows].
    """
    sums = weights.cumsum(axis=1, dtype=np.float64)
    place: NDArray[np.int64] = (sums > (sums[:, -1] * draws)[:, None]).argmax(axis=1)
    return place


def check_finite(largest: NDArray[Any]) -> None:
    """Check that the largest logits are finite.

    Args:
        largest: the largest logits, of any shape.

    Raises:
        FloatingPointError: a number is infinite or NaN.
    """
    if not np.isfinite(largest).all():
        raise FloatingPointError("the largest is not a finite number")
