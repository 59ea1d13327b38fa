"""Compare a converted graph with its Keras model: log-probabilities, then greedy text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card, ConversionError
from faker_neural_export.conversion.contracts import Network
from faker_neural_export.conversion.step import StepNetwork
from faker_neural_export.conversion.window import LatentNetwork, ScoreNetwork, WindowNetwork
from faker_neural_export.data.lines import Floats
from faker_neural_export.vocabulary.likelihood import log_probabilities

__all__ = ["Check", "check"]

TOLERANCE = 1e-4
"""The largest allowed difference of a log-probability, in nats, or of a detector's score.

float32 sums in another order differ by about 1e-6.
"""

_TINY = np.float32(1e-30)  # the smallest probability whose logarithm is taken
_LEAST = np.float32(1e-6)
"""Smaller probabilities are compared as this number.

The logits of what never comes are far from the others, and so are their rounding errors.
"""

_SEQUENCES, _STEPS, _INPUTS, _TEXTS, _MOMENTS = 4, 24, 64, 16, 40
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a comparison with Keras.

    Args:
        steps: the number of predictions compared. The inputs are sampled texts for `step`, windows
            of sampled texts for `window`, random tokens for `score`, noise for `latent`.
        largest_difference: the largest difference of log-probabilities in nats, for a detector of
            scores.
        greedy_tokens: the number of tokens of greedy text compared, all equal; 0 for `latent` and
            `score`.
    """

    steps: int
    largest_difference: float
    greedy_tokens: int


def check(network: Network, graph: onnx.ModelProto, card: Card) -> Check:
    """Compare the predictions and the greedy text of a graph with those of its Keras model.

    Args:
        network: the Keras model.
        graph: the float ONNX graph converted from it.
        card: the model's card.

    Raises:
        ConversionError: a log-probability or a score differs by more than TOLERANCE, or a greedy
            token differs.
    """
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    match network:
        case StepNetwork():
            return _check_steps(network, session, card)
        case WindowNetwork():
            return _check_windows(network, session, card)
    return _check_whole(network, session)


def _check_steps(stack: StepNetwork, session: onnxruntime.InferenceSession, card: Card) -> Check:
    classes = card.classes
    sequences = _sampled(stack, session, card)
    theirs = _keras_at_each_step(stack, sequences, classes)
    ours = _onnx(session, stack, sequences, classes)
    difference = _difference(stack.path, theirs, ours, _LEAST)
    our_text = keras_text = np.array([[card.start]])
    for _ in range(_STEPS):
        our_text = _greedy(our_text, _onnx(session, stack, our_text, classes)[:, -1], card)
        keras_text = _greedy(keras_text, _keras(stack, keras_text, classes)[:, -1], card)
    return Check(sequences.size, difference, _equal(stack.path, our_text, keras_text))


def _sampled(stack: StepNetwork, session: onnxruntime.InferenceSession, card: Card) -> Ids:
    """Return texts of the graph after random first ids, [sequences, steps].

    After tokens that never follow one another, a network that is trained for long amplifies the
    rounding of float32 sums to 1e-4 nats and more.
    """
    random = np.random.default_rng(0)
    least = 1 if stack.padded else 0  # Keras skips padding; a graph is never fed padding
    texts = random.integers(least, stack.ids, (_SEQUENCES, 1))
    while texts.shape[1] < _STEPS:
        predicted = _onnx(session, stack, texts, card.classes)[:, -1]
        noise = random.gumbel(size=predicted.shape).astype(np.float32)
        texts = _greedy(texts, predicted + noise, card)
    return texts


def _check_windows(
    window: WindowNetwork, session: onnxruntime.InferenceSession, card: Card
) -> Check:
    def ours(windows: Ids) -> Floats:
        return _log_softmax(session.run(None, {"tokens": windows[:, -window.window :]})[0])

    def theirs(windows: Ids) -> Floats:
        found = window.reference(windows[:, -window.window :])
        return _log_softmax(found) if window.gives_logits else _log(found)

    texts = _started(card, _TEXTS)
    drawn, now, random = [texts], texts, np.random.default_rng(0)
    every = 2 * window.window // _MOMENTS + 1
    for step in range(1, 2 * window.window):  # until windows have left the start of a long text
        noise = random.gumbel(size=(_TEXTS, window.tokens)).astype(np.float32)
        following = _greedy(now, ours(now) + noise, card)[:, -window.window :]
        now = np.where(following[:, -1:] == card.end, texts, following)
        drawn += [now] if step % every == 0 else []
    windows = np.concatenate(drawn)
    difference = _difference(window.path, theirs(windows), ours(windows), _LEAST)
    our_text = keras_text = texts[:1]
    for _ in range(_STEPS):
        our_text = _greedy(our_text, ours(our_text), card)
        keras_text = _greedy(keras_text, theirs(keras_text), card)
    return Check(len(windows), difference, _equal(window.path, our_text, keras_text))


def _started(card: Card, rows: int) -> Ids:
    """Return windows that hold only the start token, after padding, [rows, window]."""
    windows = np.full((rows, card.window), card.start if card.padding is None else card.padding)
    windows[:, -1] = np.array(card.start)
    return windows


def _check_whole(
    network: LatentNetwork | ScoreNetwork, session: onnxruntime.InferenceSession
) -> Check:
    random = np.random.default_rng(0)
    if isinstance(network, ScoreNetwork):
        tokens = random.integers(0, network.tokens, (_INPUTS, network.window))
        ours = session.run(None, {"tokens": tokens})[0]
        return Check(_INPUTS, _difference(network.path, network.reference(tokens), ours), 0)
    noise = random.standard_normal((_INPUTS, network.noise), dtype=np.float32)
    theirs = network.reference(noise)
    theirs = _log_softmax(theirs) if network.gives_logits else _log(theirs)
    ours = _log_softmax(session.run(None, {"noise": noise})[0])
    return Check(_INPUTS * network.length, _difference(network.path, theirs, ours, _LEAST), 0)


def _difference(
    path: str | os.PathLike[str], theirs: Floats, ours: Floats, least: np.float32 = _TINY
) -> float:
    """Return the largest difference; probabilities below `least` count as `least`."""
    floor = np.log(least)
    difference = float(np.abs(np.maximum(theirs, floor) - np.maximum(ours, floor)).max())
    if not difference <= TOLERANCE:
        raise ConversionError(
            path,
            f"the ONNX graph differs from Keras by {difference:.1e} nats, more than "
            f"{TOLERANCE:.0e}",
        )
    return difference


def _equal(path: str | os.PathLike[str], ours: Ids, theirs: Ids) -> int:
    if ours.tolist() != theirs.tolist():
        raise ConversionError(path, "the ONNX graph's greedy text differs from Keras'")
    return _STEPS


def _greedy(tokens: Ids, log_probabilities: Floats, card: Card) -> Ids:
    if card.padding is not None:
        log_probabilities[:, card.padding] = -np.inf
    return np.concatenate([tokens, log_probabilities.argmax(axis=-1)[:, None]], axis=1)


def _keras_at_each_step(stack: StepNetwork, tokens: Ids, classes: Sequence[int]) -> Floats:
    """Return Keras' log-probabilities after each prefix, [sequences, steps, tokens]."""
    found = _keras(stack, tokens, classes)
    if found.shape[1] == tokens.shape[1]:
        return found
    prefixes = range(1, tokens.shape[1] + 1)  # Keras returns the last step only: one run for each
    return np.concatenate([_keras(stack, tokens[:, :end], classes) for end in prefixes], axis=1)


def _keras(stack: StepNetwork, tokens: Ids, classes: Sequence[int]) -> Floats:
    """Return Keras' log-probabilities, [sequences, steps, tokens] or of the last step only."""
    found = np.array(stack.whole(tokens))
    return _log_softmax(found, classes) if stack.gives_logits else _log(found)


def _onnx(
    session: onnxruntime.InferenceSession, stack: StepNetwork, tokens: Ids, classes: Sequence[int]
) -> Floats:
    """Return the graph's log-probabilities after each step, [sequences, steps, tokens]."""
    names = [state.name for state in stack.states]
    states = [np.zeros((len(tokens), state.size), np.float32) for state in stack.states]
    steps = []
    for token in tokens.T:
        logits, *states = session.run(
            None, {"token": token, **dict(zip(names, states, strict=True))}
        )
        steps.append(_log_softmax(logits, classes))
    return np.stack(steps, axis=1)


def _log_softmax(logits: Floats, classes: Sequence[int] = ()) -> Floats:
    return log_probabilities(logits, classes).astype(np.float32)


def _log(probabilities: Floats) -> Floats:
    result: Floats = np.log(np.maximum(probabilities, _TINY))
    return result
