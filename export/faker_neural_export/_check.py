"""How far a file is from the Keras model it was made from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from faker_neural import ConversionError

from ._stack import Stack

__all__ = ["Check", "check"]

TOLERANCE = 1e-4
"""Largest difference of a log-probability; float32 sums in another order give about 1e-6."""

_TINY = np.float32(1e-30)  # probabilities below it are compared as if they were it
_SEQUENCES, _STEPS = 4, 24
Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Check:
    """What was compared and what was found.

    Args:
        steps: how many steps were compared, of random sequences of tokens.
        largest_difference: of log-probabilities, in nats.
        greedy_tokens: how many tokens of greedy text were equal, all of those compared.
    """

    steps: int
    largest_difference: float
    greedy_tokens: int


def check(path: str | os.PathLike[str], stack: Stack, file: Path, start: int) -> Check:
    """Compare a file with the Keras model at every step, then their greedy texts.

    Args:
        path: what the model is called in errors.
        stack: the Keras model.
        file: the ONNX file made from it.
        start: the token that greedy text starts with.

    Raises:
        ConversionError: a log-probability differs by more than TOLERANCE, or a greedy token does.
    """
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    least = 1 if stack.padded else 0  # Keras passes over padding, and nobody feeds it to a file
    sequences = np.random.default_rng(0).integers(least, stack.tokens, (_SEQUENCES, _STEPS))
    theirs, ours = _keras_at_each_step(stack, sequences), _onnx(session, stack, sequences)
    difference = float(np.abs(theirs - ours).max())
    if not difference <= TOLERANCE:
        raise ConversionError(
            path, f"the ONNX graph differs from Keras by {difference:.1e} nats, more than "
            f"{TOLERANCE:.0e}"
        )  # fmt: skip
    our_text = keras_text = np.array([[start]])
    for _ in range(_STEPS):
        our_text = _greedy(our_text, _onnx(session, stack, our_text))
        keras_text = _greedy(keras_text, _keras(stack, keras_text))
    if our_text.tolist() != keras_text.tolist():
        raise ConversionError(path, "the ONNX graph's greedy text differs from Keras'")
    return Check(sequences.size, difference, _STEPS)


def _greedy(tokens: Ids, log_probabilities: Floats) -> Ids:
    return np.concatenate([tokens, log_probabilities[:, -1:].argmax(axis=-1)], axis=1)


def _keras_at_each_step(stack: Stack, tokens: Ids) -> Floats:
    """Give Keras' log-probabilities after each prefix, [sequences, steps, tokens]."""
    found = _keras(stack, tokens)
    if found.shape[1] == tokens.shape[1]:
        return found
    prefixes = range(1, tokens.shape[1] + 1)  # only the last step's is given: a run for each
    return np.concatenate([_keras(stack, tokens[:, :end]) for end in prefixes], axis=1)


def _keras(stack: Stack, tokens: Ids) -> Floats:
    """Give Keras' log-probabilities, [sequences, steps or 1, tokens]."""
    found = np.asarray(stack.whole(tokens))
    return _log_softmax(found) if stack.gives_logits else np.log(np.maximum(found, _TINY))


def _onnx(session: onnxruntime.InferenceSession, stack: Stack, tokens: Ids) -> Floats:
    """Give the file's log-probabilities after each step, [sequences, steps, tokens]."""
    names = [state.name for state in stack.states]
    states = [np.zeros((len(tokens), state.size), np.float32) for state in stack.states]
    steps = []
    for token in tokens.T:
        logits, *states = session.run(
            None, {"token": token, **dict(zip(names, states, strict=True))}
        )
        steps.append(_log_softmax(logits))
    return np.maximum(np.stack(steps, axis=1), np.log(_TINY))


def _log_softmax(logits: Floats) -> Floats:
    result: Floats = np.asarray(keras.ops.log_softmax(logits))
    return result
