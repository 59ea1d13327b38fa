"""Learning, epoch after epoch, and what is told of it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from faker_neural_export._settings import Settings
from faker_neural_export.data.dataset import Dataset, Split
from faker_neural_export.data.lines import Floats, Ids, Lines
from faker_neural_export.network.network import build_network, compile_network, feed
from faker_neural_export.network.word_vectors import begin_with_frequencies
from faker_neural_export.training.draw import Draw

from .checkpoint import Checkpoint
from .start_from import Origin

__all__ = ["Epoch", "Monitor", "TrainingRun"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to.

    Args:
        number: counted from 1.
        loss: mean cross-entropy while learning, in nats a token.
        bits_per_character: on what is held out, the end of a line counted as a character.
        best: whether no epoch before was better.
        samples: texts drawn from the model as it is now; none if it was not their turn.
        temperatures: of each sample.
        seconds: how long it took.
    """

    number: int
    loss: float
    bits_per_character: float
    best: bool
    samples: tuple[str, ...]
    temperatures: tuple[float, ...]
    seconds: float


class Monitor:
    """Is told how learning goes; this one keeps it to itself."""

    def chosen(self, reason: str) -> None:
        """Settings were chosen for the column; the reason is a line for a person."""

    def started(
        self, learn: int, held_out: int, unit: str, tokens: int, done: int, epochs: int
    ) -> None:
        """Learning begins, or continues after `done` epochs; both sides are counted in `unit`."""

    def continues(self, origin: str, added: int) -> None:
        """Learning starts from an earlier model, to which so many tokens were added."""

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """A batch was learned, `done` of the epoch's `steps`; `loss` is their mean."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch ended and its checkpoint is written."""

    def exporting(self, epoch: int, reason: str) -> None:
        """Learning ended, for the reason given; the epoch of this number becomes the file."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Epoch after epoch over one column or text.

    Args:
        checkpoint: where it stands.
        settings: how to learn.
        dataset: what to learn.
        monitor: is told how it goes.
        sample_every: epochs from one drawing of samples to the next, 0 for none.
        checkpoint_every: epochs from one network that is kept to the next, 0 for none.
    """

    checkpoint: Checkpoint
    settings: Settings
    dataset: Dataset
    monitor: Monitor
    sample_every: int
    checkpoint_every: int

    def network(self, origin: Origin | None) -> keras.Model:
        """Return the network as the run left it, or as it begins."""
        tensorflow.config.experimental.enable_op_determinism()
        tensorflow.get_logger().setLevel("ERROR")  # batches differ in length, which it warns of
        if self.checkpoint.done:
            return self.checkpoint.load(self.checkpoint.done)
        checkpoint = self.checkpoint
        vocabulary, labels = checkpoint.vocabulary, checkpoint.labels
        if origin is None:
            network = build_network(vocabulary, self.settings, len(labels))
        else:
            added = set(vocabulary.tokens).difference(origin.checkpoint.tokens)
            self.monitor.continues(str(origin), len(added))
            network = origin.network(vocabulary, labels, self.settings)
        lines = self.dataset.learn
        if isinstance(lines, Lines) and not (origin and origin.has(vocabulary)):
            begin_with_frequencies(network, lines.counts(len(vocabulary.tokens)))
        return compile_network(network, vocabulary.classes)

    def learn(self, network: keras.Model) -> str:
        """Learn and say why it ended."""
        checkpoint, settings, dataset = self.checkpoint, self.settings, self.dataset
        sizes = (dataset.learn.size, dataset.held_out.size, dataset.unit)
        self.monitor.started(*sizes, len(checkpoint.tokens), checkpoint.done, settings.epochs)
        draw = Draw(network, checkpoint, dataset.begin(), settings.seed)
        try:
            for number in range(checkpoint.done + 1, settings.epochs + 1):
                if settings.keep == "best" and self._waited >= settings.patience:
                    return f"no better epoch in {settings.patience}"
                self._epoch(number, network, draw)
        except KeyboardInterrupt:
            if not checkpoint.done:
                raise
            return "stopped by Ctrl-C"
        return "all epochs done"

    @property
    def _waited(self) -> int:
        """Epochs since the best one."""
        return self.checkpoint.done - self.checkpoint.best if self.checkpoint.done else 0

    def _epoch(self, number: int, network: keras.Model, draw: Draw) -> None:
        began = time.monotonic()
        replaceable = self.checkpoint.vocabulary.replaceable(len(self.checkpoint.labels))
        loss = _learn_epoch(
            network, number, self.settings, self.dataset.learn, replaceable, self.monitor
        )
        bits = self.dataset.held_out.bits_per_character(network, self.settings.batch)
        keep = _is_turn(number, self.checkpoint_every)
        self.checkpoint.save(network, loss, bits, keep=keep)
        best, seconds = self.checkpoint.best == number, time.monotonic() - began
        samples = draw(number) if _is_turn(number, self.sample_every) else ()
        temperatures = draw.begin.temperatures[: len(samples)]
        self.monitor.epoch(Epoch(number, loss, bits, best, samples, temperatures, seconds))


def _is_turn(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def _learn_epoch(
    network: keras.Model,
    number: int,
    settings: Settings,
    side: Split,
    replaceable: NDArray[np.bool_],
    monitor: Monitor,
) -> float:
    """Read everything once, in an order of this epoch's own; return the mean loss a token."""
    network.optimizer.learning_rate = _learning_rate(settings, number)
    _seed_dropout(network, settings.seed, number)
    random = np.random.default_rng((settings.seed, number))
    batches = side.batches(random, settings.batch)
    total = 0.0
    for done, rows in enumerate(batches, start=1):
        network.reset_metrics()
        tokens, targets, weights = side.training_batch(rows, random)
        inputs = _noised(tokens, targets, weights, settings.noising, replaceable, random)
        inputs = feed(network, inputs, targets)
        total += float(network.train_on_batch(inputs, targets, weights))
        monitor.step(number, done, len(batches), total / done)
    return total / len(batches)


def _noised(
    tokens: Ids,
    targets: Ids,
    weights: Floats,
    share: float,
    replaceable: NDArray[np.bool_],
    random: np.random.Generator,
) -> Ids:
    """Replace a share of the input tokens by others of the batch; never the first of a row.

    Where words are tokens, both the token and the one that follows it are words, so that the
    network does not learn to put a full stop or the rest of a spelled word anywhere.
    """
    if not share:
        return tokens
    read = (weights > 0) & replaceable[tokens] & replaceable[targets]
    read[:, 0] = False
    replaced = read & (random.random(tokens.shape) < share)
    noised = tokens.copy()
    if replaced.any():
        noised[replaced] = random.choice(tokens[read], np.count_nonzero(replaced))
    return noised


def _learning_rate(settings: Settings, epoch: int) -> float:
    """Return the learning rate of an epoch, counted from 1: it falls along a half cosine.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """
    progress = (epoch - 1) / settings.epochs
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2


def _seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Let an epoch drop the same outputs whether or not it is the first of a resumed run."""
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    for i, layer in enumerate(dropouts):
        if layer.rate:
            layer.seed_generator.state.assign(
                np.random.SeedSequence((seed, epoch, i)).generate_state(2)
            )
