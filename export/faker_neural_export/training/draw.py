"""Sample texts from a network during training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from faker_neural._model_file.row_columns import shown
from faker_neural_export.conversion.step import StepNetwork
from faker_neural_export.data.dataset import SamplePlan
from faker_neural_export.network.word_vectors import to_plain_keras
from faker_neural_export.training.checkpoint import Checkpoint
from faker_neural_export.vocabulary.likelihood import log_probabilities

__all__ = ["Draw"]

Tensor = Any


class Draw:
    """Draws a text for each temperature from the current weights of a network.

    Args:
        network: the network in training.
        checkpoint: has the tokens, labels and classes of the network.
        begin: the prompt, the end, the length limit and the temperatures.
        seed: seed of the draws, which differ between epochs.
    """

    def __init__(
        self, network: keras.Model, checkpoint: Checkpoint, begin: SamplePlan, seed: int
    ) -> None:
        self.tokens, self.classes = checkpoint.tokens, checkpoint.classes
        ids = len(self.tokens), len(checkpoint.labels), len(self.classes)
        self.network, self.plain = network, to_plain_keras(network)
        self.stack = StepNetwork(network.name, self.plain, *ids)
        self.step = tensorflow.function(self.stack.function, autograph=False)
        self.begin, self.seed = begin, seed

    def __call__(self, epoch: int) -> tuple[str, ...]:
        """Draw a text for each temperature.

        Args:
            epoch: selects the random numbers.
        """
        return tuple(self._text(row) for row in self.ids(epoch))

    def ids(self, epoch: int) -> NDArray[np.int64]:
        """Draw the token ids of a text for each temperature.

        Args:
            epoch: selects the random numbers.

        Returns:
            The ids, int64 [texts, tokens], with as many tokens as the longest text or
            `begin.longest`. A row has random ids after the end of its text.
        """
        to_plain_keras(self.network, self.plain)
        random = np.random.default_rng((self.seed, epoch))
        temperatures = np.array(self.begin.temperatures)[:, None]
        logits, states = self._read_opening(len(temperatures))
        drawn: list[NDArray[np.int64]] = []
        ended = np.zeros(len(temperatures), dtype=bool)
        for _ in range(self.begin.longest):
            scores = log_probabilities(np.asarray(logits) / temperatures, self.classes)
            reached = np.exp(scores).cumsum(axis=1)
            parts = random.random((len(reached), 1)) * reached[:, -1:]
            token = (reached <= parts).sum(axis=1)
            drawn.append(token)
            ended |= token == self.begin.end
            if ended.all():
                break
            logits, *states = self.step(token, *states)
        return np.transpose(drawn)

    def _read_opening(self, count: int) -> tuple[Tensor, list[Tensor]]:
        states: list[Tensor] = [
            np.zeros((count, state.size), np.float32) for state in self.stack.states
        ]
        for token in self.begin.opening:
            logits, *states = self.step(np.full(count, token, dtype=np.int64), *states)
        return logits, states

    def _text(self, ids: NDArray[np.int64]) -> str:
        ends = [] if self.begin.end is None else np.flatnonzero(ids == self.begin.end).tolist()
        return shown("".join(self.tokens[i] for i in ids[: ends[0] if ends else None]))
