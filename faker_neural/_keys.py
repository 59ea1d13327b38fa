"""64-bit keys and the uniform integers drawn from them: no state, no order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def split_mix(seed: Keys, step: Keys) -> Keys:
    """Give output number `step` of the SplitMix64 generator that starts at `seed`.

    Args:
        seed: uint64, any shape.
        step: uint64 counted from 0, of a shape that broadcasts with `seed`.

    Returns:
        uint64 of the broadcast shape.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    z = seed + (step + np.uint64(1)) * _GAMMA
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    mixed: Keys = z ^ (z >> np.uint64(31))
    return mixed


def uniform(keys: Keys, steps: int) -> Keys:
    """Draw the uniform 32-bit integers of each key's first steps.

    Args:
        keys: uint64 [strings].
        steps: how many draws a key, at least 1.

    Returns:
        uint64 [strings, steps], each below 2**32.
    """
    return split_mix(keys[:, None], np.arange(steps, dtype=np.uint64)) >> np.uint64(32)


def row_keys(seed: int, start: int, count: int) -> Keys:
    """Give the keys of rows `start` to `start + count` of the column that `seed` names.

    Args:
        seed: 0 to 2**64 - 1.
        start: the first row, at least 0.
        count: how many rows, at least 0.

    Returns:
        uint64 [count]; a row's key depends on (seed, row) alone.
    """
    rows = np.arange(start, start + count, dtype=np.uint64)
    return split_mix(np.array([seed], dtype=np.uint64), rows)
