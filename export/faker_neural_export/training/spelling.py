"""Adjustment of a network so that spelled words are rare in its texts."""

from __future__ import annotations

import math

import keras
import numpy as np

from faker_neural_export.training.draw import Draw

from .lengths import add_to_bias

__all__ = ["match_spelling"]

_MOST = 4.0  # nats in all
_ROUNDS = 2


def match_spelling(
    network: keras.Model, draw: Draw, wanted: float, *, space: int, place: int
) -> float:
    """Lower the bias of the space before a spelled word, until only some texts have a spelled word.

    A spelled word is mostly a word that does not exist. Training spells many words, so that
    spelling is learned well; this function then makes spelled words rare. It never makes them more
    frequent.

    Args:
        network: the network, whose last layer is changed.
        draw: draws TEXTS texts from the network; token 0 is the end.
        wanted: wanted share of texts with a spelled word, above 0.
        space: id of the token " ".
        place: index of the bias of this token; in a factored model, of its class, which has no
            other token.

    Returns:
        The shift of the bias in nats, -4 to 0.
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
    """Return the share of texts with a spelled word after a space, always from the same noise."""
    ids = draw.ids(1)
    ended = np.logical_or.accumulate(ids == 0, axis=1)
    return float(((ids == space) & ~ended).any(axis=1).mean())
