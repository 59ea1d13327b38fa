"""Adjustment of a network so that its texts are as long as real texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Container

import keras
import numpy as np

from faker_neural_export.training.draw import Draw

__all__ = ["TEXTS", "add_to_bias", "match_length"]

TEXTS = 1500
"""Number of texts to measure a mean length or a share of texts."""

_NEAR = 0.01  # relative error of the length that needs no shift
_MOST = 1.0  # nats of shift
_WORSE = 0.1  # bits per character that held-out texts may lose
_FARTHER = 4  # largest shift, in first shifts: the mean of drawn lengths is only an estimate
_FIRST = 3  # nats of bias for a length that is wrong by a factor of e, roughly


def match_length(
    network: keras.Model,
    draw: Draw,
    length: float,
    bits: Callable[[], float],
    *,
    end: int = 0,
    known: Container[str] = (),
) -> float:
    """Shift the bias of the end until drawn texts have the wanted mean length.

    In training, a network predicts each token after real tokens; when it draws, after its own. It
    then ends texts too early, although a later end would fit real texts as well. A low temperature
    changes the lengths too, and so do training lines that are drawn again, because they are short.

    The shift is at most one nat. It is undone if held-out texts need over 0.1 bits per character
    more, or if it does not bring the mean length nearer.

    Args:
        network: the network, whose last layer is changed.
        draw: draws TEXTS texts from the network; token 0 is the end.
        length: the wanted mean length, in characters.
        bits: returns the bits per character of held-out texts.
        end: index of the end's bias: token 0 or, in a factored model, its class, which has no other
            token.
        known: texts that are drawn again, so that their lengths do not count.

    Returns:
        The shift of the bias in nats, -1 to 1; 0 if nothing changed.
    """
    before, found = bits(), _length(draw, known)
    if abs(found / length - 1) < _NEAR:
        return 0.0
    first = _bounded(_FIRST * math.log(found / length), _MOST / 2)
    add_to_bias(network, end, first)
    after = _length(draw, known)
    shift = first if after == found else first * (length - found) / (after - found)
    shift = _bounded(shift, min(_FARTHER * abs(first), _MOST))
    add_to_bias(network, end, shift - first)
    if bits() > before + _WORSE or abs(_length(draw, known) - length) >= abs(found - length):
        add_to_bias(network, end, -shift)
        return 0.0
    return shift


def _length(draw: Draw, known: Container[str]) -> float:
    """Return the mean length of texts that are not `known`, always from the same noise."""
    texts = draw(1)
    new = [text for text in texts if text not in known] or texts
    return float(np.mean([*map(len, new)]))


def _bounded(shift: float, most: float) -> float:
    return min(max(shift, -most), most)


def add_to_bias(network: keras.Model, place: int, shift: float) -> None:
    """Add a shift to one bias of a network's last layer.

    Args:
        network: ends in a layer with a kernel and a bias.
        place: index of the bias.
        shift: in nats.
    """
    kernel, bias = network.layers[-1].get_weights()
    bias[place] += np.float32(shift)
    network.layers[-1].set_weights([kernel, bias])
