"""Strings that may not come out are drawn again, each under the key of its next attempt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._keys import Keys, attempt_keys

__all__ = ["ATTEMPTS", "redraw"]

ATTEMPTS = 200


def redraw(
    texts: list[str],
    keys: Keys,
    refused: Callable[[str], bool],
    draw: Callable[[Keys], list[str]],
) -> list[str]:
    """Replace the refused texts by those of later attempts.

    Args:
        texts: of each key; changed in place.
        keys: uint64 [texts].
        refused: whether a text may not come out.
        draw: gives the text of each key.

    Returns:
        The texts that are refused still after 200 attempts, empty where all is well.
    """
    again = [i for i, text in enumerate(texts) if refused(text)]
    for attempt in range(1, ATTEMPTS + 1):
        if not again:
            break
        drawn = draw(attempt_keys(keys[np.array(again)], attempt))
        for i, text in zip(again, drawn, strict=True):
            texts[i] = text
        again = [i for i in again if refused(texts[i])]
    return [texts[i] for i in again]
