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
    "ONE",
    "SCALE",
    "SQUARINGS",
    "VERTEX",
    "WEIGHTS",
    "ZERO_WEIGHT_DISTANCE",
    "as_float32",
    "block_size",
    "check_finite",
    "fine_weights",
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
_STEP, _MOST_STEPS = 0.9844964370054085, 2**11  # exp(-1/64), and the number of steps to exp(-32)

ONE = 2.0**40
"""The sum of a row of `TokenSampler.probabilities`, and the largest fine weight."""


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


def _fine_table() -> NDArray[np.float64]:
    """Return 2^40 exp(-d / 64) for d = 0, 1, ..., rounded; computed by repeated squaring.

    `exp` differs between machines, products do not.
    """
    distance = np.arange(_MOST_STEPS + 1)
    result, square = np.full(len(distance), ONE), _STEP
    for bit in range(_MOST_STEPS.bit_length()):
        result *= np.where(distance >> bit & 1, square, 1.0)
        square *= square
    table: NDArray[np.float64] = np.rint(result).clip(1, None)
    return table


_FINE_WEIGHTS = _fine_table()


def fine_weights(largest: Floats, logits: Floats, temperature: float) -> NDArray[np.float64]:
    """Return 2^40 exp((logits - largest) / temperature), the same on every machine.

    A sum of up to 8,192 of them is exact. None is 0, while a token of a probability below about
    2^-18 may have a weight of 0 in `weights_of`.

    Args:
        largest: float32 [rows, 1] or [rows, columns], finite.
        logits: float32 [rows, columns], none above `largest`.
        temperature: above 0.

    Returns:
        float64 [rows, columns], whole numbers from 1 to 2^40; the exponent is rounded to 1/64.
    """
    distance = (largest - logits) * scale(temperature)
    distance.clip(0, np.float32(_MOST_STEPS), out=distance)
    weights: NDArray[np.float64] = _FINE_WEIGHTS[np.rint(distance, out=distance).astype(np.int32)]
    return weights


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
