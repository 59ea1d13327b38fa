"""Spelled words made as rare as a reader forgives."""

from __future__ import annotations

import math

import keras
import numpy as np

from faker_neural_export.training.draw import Draw

from .lengths import add_to_bias

__all__ = ["match_spelling"]

_MOST = 4.0  # nats
_ROUNDS = 2


def match_spelling(
    network: keras.Model, draw: Draw, wanted: float, *, space: int, place: int
) -> float:
    """Lower the bias of the space before a spelled word until so few texts have a spelled word.

    A word that is spelled mostly does not exist. Spelling is learned often, so that it is learned
    well; here it becomes as rare as it may be. It never becomes more frequent.

    Args:
        network: its last layer is changed.
        draw: draws TEXTS texts from it; the end is token 0.
        wanted: share of texts with a spelled word, above 0.
        space: the id of the token that is a space.
        place: of its bias: of a factored model that of its class, where it is alone.

    Returns:
        What was added to the bias, in nats, -4 to 0.
    """
    total = 0.0
    for _ in range(_ROUNDS):
        found = _share(draw, space)
        shift = max(math.log(wanted / found), -_MOST - total) if found > wanted else 0.0
        if not shift:
            break
        add_to_bias(network, place, shift)
        total += shift
    return total


def _share(draw: Draw, space: int) -> float:
    """Return the share of texts with a spelled word after a space; the same noise each time."""
    ids = draw.ids(1)
    ended = np.logical_or.accumulate(ids == 0, axis=1)
    return float(((ids == space) & ~ended).any(axis=1).mean())
