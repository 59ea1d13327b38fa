"""Log-probabilities of tokens, from the logits of flat and of factored softmax models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_probabilities"]

Doubles = NDArray[np.float64]


def log_probabilities(logits: NDArray[Any], classes: Sequence[int] = ()) -> Doubles:
    """Return the log-probability of each token.

    Args:
        logits: floats [..., tokens], or [..., tokens + classes] of a factored softmax.
        classes: the number of tokens in each class; empty for a flat softmax.

    Returns:
        float64 [..., tokens].
    """
    exact = logits.astype(np.float64)
    if not classes:
        return _log_softmax(exact)
    sizes = np.array(classes)
    first, tokens = sizes.cumsum() - sizes, int(sizes.sum())
    of_class = _log_softmax(exact[..., tokens:])
    members = exact[..., :tokens]
    largest = np.maximum.reduceat(members, first, axis=-1)
    within = members - np.repeat(largest, sizes, axis=-1)
    total = np.log(np.add.reduceat(np.exp(within), first, axis=-1))
    result: Doubles = within + np.repeat(of_class - total, sizes, axis=-1)
    return result


def _log_softmax(logits: Doubles) -> Doubles:
    logits = logits - logits.max(axis=-1, keepdims=True)
    result: Doubles = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return result
