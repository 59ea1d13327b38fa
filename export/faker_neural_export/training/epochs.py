"""The training loop over epochs, and the monitor that it reports to."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from faker_neural_export.data.dataset import Dataset, Split
from faker_neural_export.data.lines import Floats, Ids, Lines
from faker_neural_export.network.network import build_network, compile_network, feed
from faker_neural_export.network.word_vectors import initialise_from_counts
from faker_neural_export.settings.training import Settings
from faker_neural_export.training.draw import Draw

from .checkpoint import Checkpoint
from .start_from import BaseModel

__all__ = ["Epoch", "Monitor", "TrainingRun"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """The result of an epoch.

    Args:
        number: counted from 1.
        loss: mean cross-entropy of the training batches, in nats per token.
        bits_per_character: cross-entropy of the held-out split; the end of a line counts as a
            character.
        best: whether this epoch is the best so far.
        samples: sample texts from the current network; empty in epochs without samples.
        temperatures: the temperature of each sample.
        seconds: duration of the epoch.
    """

    number: int
    loss: float
    bits_per_character: float
    best: bool
    samples: tuple[str, ...]
    temperatures: tuple[float, ...]
    seconds: float


class Monitor:
    """Receives the events of a training run. This base class ignores them."""

    def chosen(self, reason: str) -> None:
        """Handle the choice of settings for a column.

        Args:
            reason: one line for the user.
        """

    def started(
        self, learn: int, held_out: int, unit: str, tokens: int, done: int, epochs: int
    ) -> None:
        """Handle the start of training, or its continuation after `done` epochs.

        Args:
            learn: size of the training split, in `unit`.
            held_out: size of the held-out split, in `unit`.
            unit: what both sizes count.
            tokens: number of tokens in the vocabulary.
            done: number of epochs that are done.
            epochs: maximum number of epochs.
        """

    def continues(self, origin: str, added: int) -> None:
        """Handle the start from an earlier model.

        Args:
            origin: the earlier model and its epoch.
            added: number of tokens that the earlier model does not have.
        """

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """Handle the end of a batch.

        Args:
            epoch: counted from 1.
            done: number of batches that are done in this epoch.
            steps: number of batches in this epoch.
            loss: mean loss of the batches that are done, in nats per token.
        """

    def epoch(self, epoch: Epoch) -> None:
        """Handle the end of an epoch, after its checkpoint is written.

        Args:
            epoch: the result of the epoch.
        """

    def exporting(self, epoch: int, reason: str) -> None:
        """Handle the end of training, before the model file is written.

        Args:
            epoch: the epoch that becomes the file, counted from 1.
            reason: why training ended.
        """


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Training on one column or text, epoch after epoch.

    Args:
        checkpoint: the checkpoint of the run.
        settings: the settings of training.
        dataset: the dataset to train on.
        monitor: receives the events of the run.
        sample_every: number of epochs between samples, 0 for no samples.
        checkpoint_every: number of epochs between networks that are kept, 0 for none.
    """

    checkpoint: Checkpoint
    settings: Settings
    dataset: Dataset
    monitor: Monitor
    sample_every: int
    checkpoint_every: int

    def network(self, origin: BaseModel | None) -> keras.Model:
        """Return the network after the last epoch that is done, or a new one.

        Args:
            origin: the earlier run whose weights a new network starts from; None for random
                weights.

        Returns:
            The network, compiled.

        Raises:
            OptionError: the network of the checkpoint or of `origin` cannot be read.
        """
        tensorflow.config.experimental.enable_op_determinism()
        tensorflow.get_logger().setLevel("ERROR")  # no warnings about batch lengths
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
        lines = self.dataset.train
        if isinstance(lines, Lines) and not (origin and origin.has(vocabulary)):
            initialise_from_counts(network, lines.counts(len(vocabulary.tokens)))
        return compile_network(network, vocabulary.classes)

    def fit(self, network: keras.Model) -> str:
        """Train the network, and return why training ended.

        Args:
            network: a compiled network.

        Raises:
            KeyboardInterrupt: Ctrl-C came before the first epoch ended.
        """
        checkpoint, settings, dataset = self.checkpoint, self.settings, self.dataset
        sizes = (dataset.train.size, dataset.held_out.size, dataset.unit)
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
        """Return the number of epochs since the best epoch."""
        return self.checkpoint.done - self.checkpoint.best if self.checkpoint.done else 0

    def _epoch(self, number: int, network: keras.Model, draw: Draw) -> None:
        began = time.monotonic()
        replaceable = self.checkpoint.vocabulary.replaceable(len(self.checkpoint.labels))
        loss = _learn_epoch(
            network, number, self.settings, self.dataset.train, replaceable, self.monitor
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
    """Train on all batches once, in the order of this epoch; return the mean loss per token."""
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
    """Return inputs with a share replaced by others of the batch, never the first of a row."""
    if not share:
        return tokens
    # Both the token and the token after it must be replaceable: in a word model both are words, so
    # that the network does not learn to put a full stop or the rest of a spelled word anywhere.
    read = (weights > 0) & replaceable[tokens] & replaceable[targets]
    read[:, 0] = False
    replaced = read & (random.random(tokens.shape) < share)
    noised = tokens.copy()
    if replaced.any():
        noised[replaced] = random.choice(tokens[read], np.count_nonzero(replaced))
    return noised


def _learning_rate(settings: Settings, epoch: int) -> float:
    """Return the learning rate of an epoch, counted from 1. It falls along a half cosine.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """
    progress = (epoch - 1) / settings.epochs
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2


def _seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Seed the dropout of an epoch, so that a resumed run drops the same outputs."""
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    for i, layer in enumerate(dropouts):
        if layer.rate:
            layer.seed_generator.state.assign(
                np.random.SeedSequence((seed, epoch, i)).generate_state(2)
            )
