"""Random numbers that depend on (seed, table, column, row) alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys, split_mix

__all__ = ["Rows", "below", "column_seed", "null_mask", "permutation", "pick_parent", "row_keys_of"]

Rows = NDArray[np.int64]
"""Row numbers, int64 [rows], from 0."""

_NULL, _ROUNDS, _LOW = np.uint64(1 << 59), 4, np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def column_seed(seed: int, table: str, *columns: str) -> int:
    """Return the 64-bit seed of a column, or of the columns of a key.

    Args:
        seed: the seed of the plan.
        table: the name of the table.
        columns: the names of the columns.
    """
    name = "\0".join((str(seed), table, *columns))
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def row_keys_of(seed: int, rows: Rows) -> Keys:
    """Return the random keys of rows of a column, uint64 [rows].

    Args:
        seed: the column's seed, from `column_seed`.
        rows: int64 [rows].
    """
    return split_mix(np.array([seed], dtype=np.uint64), rows.astype(np.uint64))


def below(keys: Keys, count: int | NDArray[np.uint64], step: int = 0) -> NDArray[np.int64]:
    """Draw a uniform number below `count` for each random key.

    Args:
        keys: uint64 [rows].
        count: 1 to 2**63, for all rows or uint64 [rows].
        step: the number of the draw; another step gives another draw.

    Returns:
        int64 [rows]: the upper 64 bits of the product of 64 random bits and the count.
    """
    drawn = split_mix(keys, np.array([step], dtype=np.uint64))
    factor = np.asarray(count, dtype=np.uint64)
    high, low = drawn >> _32, drawn & _LOW
    high_factor, low_factor = factor >> _32, factor & _LOW
    middle = high * low_factor + (low * low_factor >> _32)
    other = low * high_factor + (middle & _LOW)
    product = high * high_factor + (middle >> _32) + (other >> _32)
    numbers: NDArray[np.int64] = product.astype(np.int64)
    return numbers


def null_mask(keys: Keys, share: float) -> NDArray[np.bool_]:
    """Draw for each random key whether its row is NULL, bool [rows].

    Args:
        keys: uint64 [rows].
        share: the share of rows that are NULL, 0 to 1.
    """
    drawn = split_mix(keys, np.array([_NULL])) >> np.uint64(11)
    chosen: NDArray[np.bool_] = drawn < np.uint64(int(share * 2**53))
    return chosen


def permutation(seed: int, rows: Rows, count: int) -> Rows:
    """Return the places of rows in a random permutation of the numbers below `count`.

    Any rows can be asked for; the whole permutation is never computed.

    Args:
        seed: selects the permutation.
        rows: int64 [rows], each below `count`.
        count: 1 to 2**62.

    Returns:
        int64 [rows], each below `count`; different rows have different numbers.

    Source: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002: a Feistel network
    over the next power of four, applied again until the number is below `count`.
    """
    half = np.uint64(max(1, ((count - 1).bit_length() + 1) // 2))
    numbers = rows.astype(np.uint64)
    outside = np.ones(len(numbers), dtype=bool)
    while outside.any():
        numbers[outside] = _feistel(seed, numbers[outside], half)
        outside = numbers >= np.uint64(count)
    return numbers.astype(np.int64)


def _feistel(seed: int, numbers: NDArray[np.uint64], half: np.uint64) -> NDArray[np.uint64]:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for turn in range(_ROUNDS):
        mixed = split_mix(
            np.array([seed], dtype=np.uint64), right * np.uint64(_ROUNDS) + np.uint64(turn)
        )
        left, right = right, (left ^ mixed) & mask
    return left << half | right


def pick_parent(
    keys: Keys, counts: NDArray[np.int64], cumulative: NDArray[np.float64] | None = None
) -> NDArray[np.int64]:
    """Pick a parent for each random key; added parents change as few picks as possible.

    Args:
        keys: uint64 [rows].
        counts: the number of parents of each row, int64 [rows], 1 or more.
        cumulative: the cumulative weights of the parents, float64 [largest count]; None for equal
            weights.

    Returns:
        The numbers of the parents, int64 [rows], each below its count.

    Source: Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014. With
    weights, the next jump goes to where the cumulative weight has grown by the drawn factor.
    """
    at = np.zeros(len(keys), dtype=np.int64)
    moving = np.flatnonzero(counts > 1)
    step = 1
    while len(moving):
        drawn = split_mix(keys[moving], np.array([step], dtype=np.uint64)) >> np.uint64(11)
        uniform = (drawn.astype(np.float64) + 1) / 2**53  # above 0, at most 1
        if cumulative is None:
            jump = np.floor((at[moving] + 1) / uniform)
        else:
            jump = np.searchsorted(cumulative, cumulative[at[moving]] / uniform, side="right")
        within = jump < counts[moving]
        moving, jump = moving[within], jump[within]
        at[moving] = jump.astype(np.int64)
        step += 1
    return at
