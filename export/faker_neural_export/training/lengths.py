"""The end of a text made as likely as it takes for drawn texts to be as long as real ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Container

import keras
import numpy as np

from faker_neural_export.training.draw import Draw

__all__ = ["TEXTS", "add_to_bias", "match_length"]

TEXTS = 1500
"""Texts that a mean length, or a share of texts, needs."""

_NEAR = 0.01  # of the length
_MOST = 1.0  # nats
_WORSE = 0.1  # bits a character
_FARTHER = 4  # times the first shift, at most: drawn lengths are only about right
_FIRST = 3  # nats of the end's bias for each nat of length, about


def match_length(
    network: keras.Model,
    draw: Draw,
    length: float,
    bits: Callable[[], float],
    *,
    end: int = 0,
    known: Container[str] = (),
) -> float:
    """Move the end's bias until texts drawn from a network have the wanted mean length.

    A network that learned each token after real ones meets its own when it draws: it ends texts
    too early, though it would be as good a model of real ones with a later end; a low temperature
    and redrawn training lines, which are short, change the lengths, too. Nothing moves further
    than one nat, or where real texts would become less likely by more than a tenth of a bit a
    character.

    Args:
        network: its last layer is changed.
        draw: draws TEXTS texts from it; the end is token 0.
        length: wanted, in characters.
        bits: measures the network on held-out texts.
        end: the place of the end's bias: token 0, or of a factored model its class, where it is
            alone.
        known: texts that would be drawn again.

    Returns:
        What was added to the bias, in nats.
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
    """Return the mean length of texts, in characters; the same noise each time."""
    texts = draw(1)
    new = [text for text in texts if text not in known] or texts
    return float(np.mean([*map(len, new)]))


def _bounded(shift: float, most: float) -> float:
    return min(max(shift, -most), most)


def add_to_bias(network: keras.Model, place: int, shift: float) -> None:
    """Add so many nats to one bias of a network's last layer."""
    kernel, bias = network.layers[-1].get_weights()
    bias[place] += np.float32(shift)
    network.layers[-1].set_weights([kernel, bias])
