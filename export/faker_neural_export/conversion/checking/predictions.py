"""The probabilities that a Keras model and its graph give for the same inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from faker_neural_export.conversion.contracts import Network
from faker_neural_export.conversion.step import StepNetwork
from faker_neural_export.conversion.window import ScoreNetwork
from faker_neural_export.vocabulary.likelihood import log_probabilities

__all__ = ["Doubles", "Inputs", "of_graph", "of_keras"]

Doubles = NDArray[np.float64]

_STEPS = (*range(1, 7), 8, 10, 12, 16, 20, 24, 32, 48)
"""The numbers of tokens read before the predictions that are compared.

Keras reads the text again for each, if it predicts only after the last token.
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a comparison.

    Args:
        rows: texts int64 [texts, length] for `step`, tokens int64 [rows, window] for `window` and
            `score`, noise float32 [rows, noise] for `latent`.
        lengths: the number of ids of each text; only for `step`.
    """

    rows: NDArray[Any]
    lengths: NDArray[np.int64] | None = None

    def prefixes(self) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Yield after how many tokens predictions are compared, and which texts have so many."""
        assert self.lengths is not None
        for end in _STEPS:
            if (enough := self.lengths >= end).any():
                yield end, enough


def of_keras(network: Network, inputs: Inputs, classes: Sequence[int]) -> Doubles:
    """Return the probabilities of the Keras model, [predictions, tokens].

    Args:
        network: the Keras model.
        inputs: what it is fed.
        classes: the number of tokens in each class; empty for a flat softmax.
    """
    if isinstance(network, ScoreNetwork):
        return _of_scores(network.reference(inputs.rows))
    if isinstance(network, StepNetwork):
        found = _of_prefixes(network, inputs)
    else:
        found = network.reference(inputs.rows)
    flat = found.reshape(-1, found.shape[-1])
    if network.gives_logits:
        return np.exp(log_probabilities(flat, classes))
    return flat.astype(np.float64)


def _of_prefixes(network: StepNetwork, inputs: Inputs) -> NDArray[np.float32]:
    """Return the output of the Keras model after each prefix, [predictions, tokens]."""
    found = np.asarray(network.whole(inputs.rows))
    if found.shape[1] == inputs.rows.shape[1]:
        return np.concatenate([found[enough, end - 1] for end, enough in inputs.prefixes()])
    return np.concatenate(
        [
            np.asarray(network.whole(inputs.rows[enough, :end]))[:, -1]
            for end, enough in inputs.prefixes()
        ]
    )


def of_graph(
    session: onnxruntime.InferenceSession, network: Network, inputs: Inputs, classes: Sequence[int]
) -> Doubles:
    """Return the probabilities of the graph, [predictions, tokens].

    Args:
        session: a session of the graph.
        network: the Keras model, whose contract and states the graph has.
        inputs: what the graph is fed.
        classes: the number of tokens in each class; empty for a flat softmax.
    """
    if isinstance(network, StepNetwork):
        logits = _stepwise(session, network, inputs)
    else:
        logits = session.run(None, {network.signature[0].name: inputs.rows})[0]
        if isinstance(network, ScoreNetwork):
            return _of_scores(logits)
    return np.exp(log_probabilities(logits.reshape(-1, logits.shape[-1]), classes))


def _stepwise(
    session: onnxruntime.InferenceSession, network: StepNetwork, inputs: Inputs
) -> NDArray[np.float32]:
    states = {s.name: np.zeros((len(inputs.rows), s.size), np.float32) for s in network.states}
    found = []
    for token in inputs.rows.T:
        logits, *following = session.run(None, {"token": token, **states})
        states = dict(zip(states, following, strict=True))
        found.append(logits)
    return np.concatenate([found[end - 1][enough] for end, enough in inputs.prefixes()])


def _of_scores(scores: NDArray[np.float32]) -> Doubles:
    """Return the probabilities of both answers of a classifier, [rows, 2]."""
    exact = scores.astype(np.float64)
    return np.stack([exact, 1 - exact], axis=1)
