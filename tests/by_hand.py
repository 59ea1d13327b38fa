"""The rule by which a token is drawn, in Python's whole numbers and one float32 at a time.

It is written apart from the package, to be held against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

GRID, VERTEX, OFFSET, SQUARINGS = 64, 2367, 4156407, 5


def rounded(number: Fraction) -> Fraction:
    """Round to the nearest float32, ties to even, by whole numbers; for 2^-60 and more."""
    if not number:
        return number
    exponent = number.numerator.bit_length() - number.denominator.bit_length() - 24
    unit = Fraction(2) ** exponent
    while abs(number) / unit >= 2**24:
        unit *= 2
    return round(number / unit) * unit


def weight(distance: int) -> int:
    """The weight of a distance in 1/64 nat."""
    scale = Fraction(float(np.float32(1.5132816599816579e-07)))
    value = rounded(rounded(Fraction((distance - VERTEX) ** 2 + OFFSET)) * scale)
    for _ in range(SQUARINGS):
        value = rounded(value * value)
    return round(value)


WEIGHTS = [weight(i) for i in range(849)]
"""Down to the first that is 0."""


def weights(logits: Sequence[float], temperature: float) -> list[int]:
    """The weights of a row of logits; -inf has none."""
    scale = rounded(Fraction(GRID) / rounded(max(Fraction(temperature), Fraction(1, 2**60))))
    exact = [None if logit == -np.inf else Fraction(float(logit)) for logit in logits]
    largest = max(logit for logit in exact if logit is not None)
    found = []
    for logit in exact:
        if logit is None:
            found.append(0)
            continue
        distance = rounded(rounded(largest - logit) * scale)
        found.append(WEIGHTS[min(round(min(distance, Fraction(10**6))), len(WEIGHTS) - 1)])
    return found


def reached(weights: Sequence[int], draw: float) -> int:
    """Where the cumulated weights first exceed the draw's part of their total."""
    threshold, total = sum(weights) * Fraction(draw), 0
    for place, one in enumerate(weights):
        total += one
        if total > threshold:
            return place
    raise AssertionError("a draw is below 1")


def flat(logits: Sequence[float], draws: Sequence[float], temperature: float, block: int) -> int:
    """Choose a token of a flat model."""
    every = weights(logits, temperature)
    blocks = [every[i : i + block] for i in range(0, len(every), block)]
    chosen = reached([sum(some) for some in blocks], draws[0])
    return chosen * block + reached(blocks[chosen], draws[1])


def factored(
    logits: Sequence[float], draws: Sequence[float], temperature: float, classes: Sequence[int]
) -> int:
    """Choose a token of a factored model: its class, then the token in it."""
    tokens = sum(classes)
    chosen = reached(weights(logits[tokens:], temperature), draws[0])
    first = sum(classes[:chosen])
    members = logits[first : first + classes[chosen]]
    return first + reached(weights(members, temperature), draws[1])
