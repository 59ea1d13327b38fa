"""64-bit keys, and numbers drawn from them: a number depends only on its key and step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_ALL_BITS = 2**64 - 1
# steps beyond those of any text
_PICK = np.uint64(1 << 60)
_DRAFT = np.uint64(1 << 59)
_CHOICE, _NORMAL, _ATTEMPT = np.uint64(1 << 63), np.uint64(1 << 62), np.uint64(1 << 61)


def split_mix(seed: Keys, step: Keys) -> Keys:
    """Return output number `step` of the SplitMix64 generator that starts at `seed`.

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


def draws(keys: Keys, steps: Keys) -> NDArray[np.float64]:
    """Draw two uniform numbers for each key at a step: the halves of one output of SplitMix64.

    Args:
        keys: uint64 [strings].
        steps: uint64 [strings], or [1] for all strings.

    Returns:
        float64 [strings, 2], multiples of 2**-32 from 0 to below 1.
    """
    mixed = split_mix(keys, steps)
    halves = np.empty((len(mixed), 2), dtype=np.float64)
    halves[:, 0] = mixed >> np.uint64(32)
    halves[:, 1] = mixed & np.uint64(0xFFFFFFFF)
    halves *= 2.0**-32
    return halves


def draw(key: int, step: int) -> tuple[float, float]:
    """Draw the two numbers of `draws` for a single key, without the cost of arrays.

    Args:
        key: 0 to 2**64 - 1.
        step: 0 to 2**64 - 1.
    """
    z = (key + (step + 1) * 0x9E3779B97F4A7C15) & _ALL_BITS
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _ALL_BITS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _ALL_BITS
    z ^= z >> 31
    return (z >> 32) * 2.0**-32, (z & 0xFFFFFFFF) * 2.0**-32


def choice(keys: Keys, count: int) -> NDArray[np.intp]:
    """Draw an index for each key, independently of the key's steps.

    Args:
        keys: uint64 [strings].
        count: the number of indices, 1 to 2**31.

    Returns:
        intp [strings], each 0 to `count` - 1.
    """
    drawn = split_mix(keys, np.array([_CHOICE])) >> np.uint64(32)
    return (drawn * np.uint64(count) >> np.uint64(32)).astype(np.intp)


def normal(keys: Keys, size: int) -> NDArray[np.float32]:
    """Draw normal numbers for each key: the sum of 12 uniform 16-bit numbers, less its mean.

    Args:
        keys: uint64 [strings].
        size: the number of normal numbers for each key.

    Returns:
        float32 [strings, size], multiples of 2**-16 with mean 0 and variance 1, from -6 to 6. They
        are sums of integers, so they are the same on every machine.
    """
    steps = _NORMAL + np.arange(3 * size, dtype=np.uint64)
    drawn = split_mix(keys[:, None], steps)  # [strings, 3 x size], four numbers in each
    numbers = drawn.view(np.uint16).reshape(len(keys), size, 12)
    total = numbers.sum(axis=2, dtype=np.int64) - 6 * 0xFFFF
    result: NDArray[np.float32] = (total / 2**16).astype(np.float32)
    return result


def picks(keys: Keys, cumulated: NDArray[np.float64]) -> NDArray[np.intp]:
    """Draw an index for each key by weights, independently of the key's steps and of `choice`.

    Args:
        keys: uint64 [strings].
        cumulated: float64 [indices], the cumulative weights.

    Returns:
        intp [strings], each 0 to `len(cumulated)` - 1.
    """
    drawn = (split_mix(keys, np.array([_PICK])) >> np.uint64(11)) * 2.0**-53
    place = cumulated.searchsorted(cumulated[-1] * drawn, side="right")
    result: NDArray[np.intp] = np.minimum(place, len(cumulated) - 1)
    return result


def attempt_keys(keys: Keys, attempts: Sequence[int]) -> Keys:
    """Return the keys for drawing strings again.

    Args:
        keys: uint64 [strings], the keys of the first attempt.
        attempts: the numbers of the further attempts, each at least 1.

    Returns:
        uint64 [strings, attempts].
    """
    return split_mix(keys[:, None], _ATTEMPT + np.array(attempts, dtype=np.uint64))


def draft_keys(keys: Keys, count: int) -> Keys:
    """Return the keys of the drafts of texts, see `_decoding.steering`.

    Args:
        keys: uint64 [texts].
        count: how many drafts a text has.

    Returns:
        uint64 [texts, count].
    """
    return split_mix(keys[:, None], _DRAFT + np.arange(count, dtype=np.uint64))


def row_keys(seed: int, start: int, count: int) -> Keys:
    """Return the keys of rows `start` to `start + count - 1` of a column.

    Args:
        seed: the seed of the column, 0 to 2**64 - 1.
        start: the first row, at least 0.
        count: how many rows, at least 0.

    Returns:
        uint64 [count]; a row's key depends on (seed, row) alone.
    """
    rows = np.arange(start, start + count, dtype=np.uint64)
    return split_mix(np.array([seed], dtype=np.uint64), rows)
