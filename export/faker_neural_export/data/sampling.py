"""Which rows of a table make a random sample of a given size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import row_keys

__all__ = ["Rows", "blocks_of", "sampled_rows"]

_TOGETHER = 2**20  # rows whose keys are compared at once

Rows = NDArray[np.int64]


def sampled_rows(total: int, count: int, seed: int) -> Rows:
    """Return the rows with the smallest of random keys, a sample without replacement.

    A row's key depends on (seed, row) alone, so more rows replace few of the sample.

    Args:
        total: the number of rows of the table.
        count: the number of rows of the sample, 1 or more.
        seed: the seed of the keys, 0 to 2**64 - 1.

    Returns:
        int64 [at most count], ascending; all rows if there are no more than `count`.
    """
    keys, rows = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    for start in range(0, total, _TOGETHER):
        new = row_keys(seed, start, min(_TOGETHER, total - start))
        near = np.flatnonzero(new < keys.max()) if len(keys) == count else np.arange(len(new))
        keys, rows = np.concatenate([keys, new[near]]), np.concatenate([rows, start + near])
        if len(keys) > count:
            kept = np.argpartition(keys, count - 1)[:count]
            keys, rows = keys[kept], rows[kept]
    return np.sort(rows)


def blocks_of(rows: Rows, start: int, stop: int, size: int) -> Iterator[tuple[int, Rows]]:
    """Yield the blocks of a part of a table that hold rows of a sample.

    Args:
        rows: the rows of the sample, ascending.
        start: the first row of the part.
        stop: the row after its last one.
        size: the number of rows of a block.

    Yields:
        The first row of a block within the part, and the places of the rows in the block.
    """
    for begin in range(start, stop, size):
        low, high = np.searchsorted(rows, [begin, min(begin + size, stop)])
        if low < high:
            yield begin - start, rows[low:high] - begin
