"""Compare a converted graph with its Keras model: the distribution at each step of real texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card, ConversionError
from faker_neural_export.conversion.contracts import Network
from faker_neural_export.exact.calibration import Feeds

from .inputs import choose_inputs, greedy_text
from .predictions import Doubles, of_graph, of_keras
from .rounding import last_bits_changed

__all__ = ["Check", "check"]

ALLOWED = 4.0
"""The allowed difference, in multiples of what changed last bits of the weights make in Keras."""

MEAN_FLOOR, WORST_FLOOR = 1e-6, 1e-5
"""Differences that are always allowed. float32 sums in another order differ by about 1e-7."""

_GROUPS, _CHANGES = 8, 3
_BLIND = 0.05  # draws; where rounding changes more of them everywhere, a fault would not show


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a comparison with Keras.

    A difference is the total variation distance of two distributions: the share of draws that
    would differ. For a detector it is the difference of two scores.

    Args:
        predictions: the number of predictions compared.
        difference: the mean difference between the graph and Keras.
        largest_difference: the largest one.
        rounding: the mean difference between Keras and Keras with changed last bits of its
            weights. In a network that amplifies rounding it is as large as `difference`.
        greedy_tokens: the number of predictions whose likeliest token rounding cannot change; the
            graph and Keras agree on all of these tokens.
    """

    predictions: int
    difference: float
    largest_difference: float
    rounding: float
    greedy_tokens: int


def check(network: Network, graph: onnx.ModelProto, card: Card, feeds: Feeds) -> Check:
    """Compare the predictions of a graph with those of its Keras model.

    Args:
        network: the Keras model.
        graph: the float ONNX graph converted from it.
        card: the model's card.
        feeds: texts, given ones or the model's own; noise for `latent`. Greedy text is added.

    Raises:
        ConversionError: the graph differs by more than rounding explains.
    """
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    inputs = choose_inputs(feeds, greedy_text(session, card))
    theirs = of_keras(network, inputs, card.classes)
    ours = of_graph(session, network, inputs, card.classes)
    random, changed = np.random.default_rng(0), []
    for _ in range(_CHANGES):
        with last_bits_changed(network.model, random):
            changed.append(_distance(theirs, of_keras(network, inputs, card.classes)))
    differences = _distance(theirs, ours)
    if problem := _problem(differences, changed):
        raise ConversionError(network.path, problem)
    clear = _clear(theirs, np.max(changed, axis=0))
    if not np.array_equal(theirs[clear].argmax(axis=1), ours[clear].argmax(axis=1)):
        raise ConversionError(network.path, "the ONNX graph's likeliest tokens differ from Keras'")
    return Check(
        predictions=len(differences),
        difference=float(differences.mean()),
        largest_difference=float(differences.max()),
        rounding=float(np.mean(changed)),
        greedy_tokens=0 if card.start is None else int(clear.sum()),
    )


def _problem(differences: Doubles, changed: Sequence[Doubles]) -> str:
    """Say which difference is larger than rounding explains; "" if none is.

    The predictions are compared in groups, ordered by what one change of the last bits makes of
    them. The other changes show what is allowed in a group. So the predictions that rounding
    hardly moves are held to much, however chaotic the network is elsewhere.
    """
    if not np.isfinite(differences).all():
        return "predicts probabilities that are not finite numbers"
    order, *others = changed
    groups = np.array_split(order.argsort(kind="stable"), min(_GROUPS, len(order)))
    rounding = [float(np.mean(others, axis=0)[group].mean()) for group in groups]
    if min(rounding) > _BLIND:
        return (
            f"cannot be checked: it amplifies rounding until {np.mean(changed):.0%} of the draws "
            "change with the last bits of its weights, in Keras too"
        )
    for group, by_rounding in zip(groups, rounding, strict=True):
        found, most = float(differences[group].mean()), max(MEAN_FLOOR, ALLOWED * by_rounding)
        if found > most:
            return _said(found, most, f"at {len(group)} of {len(order)} predictions")
    most = max(WORST_FLOOR, ALLOWED * float(np.max(changed)))
    if differences.max() > most:
        return _said(float(differences.max()), most, "at one prediction")
    return ""


def _said(found: float, most: float, where: str) -> str:
    return (
        f"the ONNX graph differs from Keras {where}: {found:.1e} of the draws would differ, and "
        f"rounding explains {most:.1e}"
    )


def _clear(probabilities: Doubles, changed: Doubles) -> NDArray[np.bool_]:
    """Return for each prediction whether rounding cannot change its likeliest token."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    clear: NDArray[np.bool_] = first - second > 2 * np.maximum(WORST_FLOOR, ALLOWED * changed)
    return clear


def _distance(one: Doubles, other: Doubles) -> Doubles:
    """Return the total variation distance of distributions [predictions, tokens]."""
    result: Doubles = np.abs(one - other).sum(axis=1) / 2
    return result
