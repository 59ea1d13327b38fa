"""Strings of which no two are equal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ._keys import Keys, attempt_keys
from ._redraw import ATTEMPTS, Draw

__all__ = ["distinct"]

_TOGETHER = 16


def distinct(texts: list[str], keys: Keys, draw: Draw) -> list[str]:
    """Draw again, from the first to the last, what equals an earlier string.

    Args:
        texts: of each key.
        keys: uint64 [texts].
        draw: gives the texts of keys.

    Returns:
        As many different strings, of which each depends on its key and on those before it; fewer,
        where 200 attempts of the next one gave nothing new.
    """
    found = dict[str, None]()  # in order
    for place, text in enumerate(texts):
        attempts = itertools.chain([text], _attempts(keys[place : place + 1], draw))
        new = next((text for text in attempts if text not in found), None)
        if new is None:
            break
        found[new] = None
    return list(found)


def _attempts(key: Keys, draw: Draw) -> Iterator[str]:
    for first in range(1, ATTEMPTS + 1, _TOGETHER):
        yield from draw(attempt_keys(key, range(first, min(first + _TOGETHER, ATTEMPTS + 1)))[0])
