"""A classifier that tells generated lines from real ones."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from faker_neural import Detector
from faker_neural_export.conversion.convert import check_output, convert_detector
from faker_neural_export.settings.conversion import CardFacts, Samples
from faker_neural_export.settings.detector import DetectorSettings

from .lines import Kinds, LabelledLines, encode

__all__ = ["DetectorMonitor", "train_detector"]

# Kernel sizes of the convolutions, in characters. With three or more convolutions, TensorFlow adds
# their gradients in an order that may change from run to run.
_WIDTHS = (3, 5)


class DetectorMonitor:
    """Receives the progress of a training; this base class ignores it."""

    def started(self, real: int, generated: int, held_out: int, in_both: int) -> None:
        """Receive the numbers of lines; `in_both` lines are in both files and are left out."""

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """Receive the mean loss after `done` of the epoch's `steps` batches."""

    def epoch(self, number: int, loss: float, auc: float, best: bool, seconds: float) -> None:
        """Receive the end of an epoch; `auc` is measured on lines set aside for validation."""

    def exporting(self, best: int, reason: str) -> None:
        """Receive the reason why the training ended; epoch `best` becomes the file."""


def train_detector(
    real: str | os.PathLike[str],
    generated: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    column: str | None = None,
    name: str | None = None,
    settings: DetectorSettings | None = None,
    data: Mapping[str, str] | None = None,
    monitor: DetectorMonitor | None = None,
) -> Detector:
    """Learn to tell generated lines from real ones, and write a detector.

    A tenth of each kind of line is held out; the AUC on it is in the card's evaluation. Ctrl-C
    (KeyboardInterrupt) ends training; the best epoch so far becomes the file. On one machine the
    same lines, settings and seed give the same file.

    Args:
        real: plain text with one value a line, a .csv, .tsv, .jsonl, .ndjson, .xlsx or .parquet
            file, "-" for standard input, or a `ColumnFile`.
        generated: such a file; or the name or .onnx path of a model, from which as many lines are
            drawn as there are real lines.
        output: the .onnx file to write.
        column: the column of each table; None if there is only one.
        name: what the values are; the output's name if not given.
        settings: how to learn.
        data: facts about the data for the card besides the names and sizes.
        monitor: is told of the progress.

    Returns:
        The detector of the new file.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ColumnError: one of the files has too few lines that are not in the other.
        ModelFileError: `generated` is no model file.
        OptionError: `output` is no .onnx path.
        KeyboardInterrupt: Ctrl-C came before the first epoch ended; nothing is written.
    """
    settings, monitor = settings or DetectorSettings(), monitor or DetectorMonitor()
    output = check_output(output)
    kinds = Kinds.read(real, generated, column, settings.seed)
    run = _Training(settings, *kinds.split(), monitor)
    sizes = len(kinds.real.values), len(kinds.generated.values)
    monitor.started(*sizes, len(run.held_out.texts), kinds.in_both)
    reason = run.fit()
    monitor.exporting(run.best, reason)
    return convert_detector(
        run.network,
        run.tokens,
        output,
        Samples(run.aside.texts, run.held_out.texts, "held-out lines"),
        CardFacts(
            name=name,
            data={
                "name": kinds.real.path.name,
                "lines": sizes[0],
                "generated": kinds.generated.path.name,
                "generated_lines": sizes[1],
                **(data or {}),
            },
            training=asdict(settings) | {"best_epoch": run.best},
            evaluation={
                "auc": run.auc(run.held_out),
                "held_out_lines": len(run.held_out.texts),
                "lines_in_both": kinds.in_both,
            },
        ),
    )


class _Training:
    """The training of a detector; `network` has the weights of the best epoch at the end."""

    def __init__(
        self,
        settings: DetectorSettings,
        lines: LabelledLines,
        aside: LabelledLines,
        held_out: LabelledLines,
        monitor: DetectorMonitor,
    ) -> None:
        tensorflow.config.experimental.enable_op_determinism()
        self.settings, self.monitor = settings, monitor
        self.lines, self.aside, self.held_out = lines, aside, held_out
        self.tokens = lines.tokens()
        self.length = min(settings.length, max(map(len, lines.texts)))
        self.network = build_detector(len(self.tokens), self.length, settings)
        self.best = self.done = 0

    def fit(self) -> str:
        """Train, and return the reason why the training ended."""
        best_auc, weights = -1.0, self.network.get_weights()
        reason = "all epochs done"
        try:
            while self.done < self.settings.epochs:
                if self.done - self.best >= self.settings.patience:
                    reason = f"no better epoch in {self.settings.patience}"
                    break
                auc = self._epoch(self.done + 1, best_auc)
                self.done += 1
                if auc > best_auc:
                    best_auc, self.best, weights = auc, self.done, self.network.get_weights()
        except KeyboardInterrupt:
            if not self.best:
                raise
            reason = "stopped by Ctrl-C"
        self.network.set_weights(weights)
        return reason

    def auc(self, lines: LabelledLines) -> float:
        """Return the chance that a generated line scores higher than a real one."""
        scores = self.network.predict(self._encode(lines), batch_size=256, verbose=0)
        return float(roc_auc_score(lines.labels, scores[:, 0]))

    def _epoch(self, number: int, best_auc: float) -> float:
        began = time.monotonic()
        loss = self._read_all(number)
        auc = self.auc(self.aside)
        seconds = time.monotonic() - began
        self.monitor.epoch(number, loss, auc, auc > best_auc, seconds)
        return auc

    def _read_all(self, number: int) -> float:
        """Train on every line once, in an order that depends on the epoch; return the mean loss."""
        ids, labels, weights = self._encode(self.lines), self.lines.labels, self.lines.weights
        order = np.random.default_rng((self.settings.seed, number)).permutation(len(ids))
        batches = np.array_split(order, math.ceil(len(ids) / self.settings.batch))
        total = 0.0
        for done, rows in enumerate(batches, start=1):
            self.network.reset_metrics()
            loss = self.network.train_on_batch(ids[rows], labels[rows, None], weights[rows])
            total += float(loss)
            self.monitor.step(number, done, len(batches), total / done)
        return total / len(batches)

    def _encode(self, lines: LabelledLines) -> NDArray[np.int32]:
        return encode(lines.texts, self.tokens, self.length)


def build_detector(tokens: int, length: int, settings: DetectorSettings) -> keras.Model:
    """Build an embedding, parallel convolutions of two widths, and the maximum of each over time.

    Source: Kim, "Convolutional neural networks for sentence classification", 2014.

    Returns:
        A compiled model of token ids int32 [batch, length] to the probability float32 [batch, 1]
        that a text was generated.
    """
    seeds = itertools.count(settings.seed * 1000)  # explicit, so that no global generator is read
    ids = keras.Input((length,), dtype="int32", name="tokens")
    initial = keras.initializers.RandomUniform(seed=next(seeds))
    x = keras.layers.Embedding(tokens, settings.embedding, embeddings_initializer=initial)(ids)
    found = []
    for width in _WIDTHS:
        initial = keras.initializers.GlorotUniform(seed=next(seeds))
        convolution = keras.layers.Conv1D(
            settings.units,
            width,
            padding="same",
            activation="relu",
            kernel_initializer=initial,
            name=f"width_{width}",  # tf2onnx orders branches by their names
        )
        largest = keras.layers.GlobalMaxPooling1D(name=f"largest_of_width_{width}")
        found.append(largest(convolution(x)))
    x = keras.layers.Dropout(settings.dropout, seed=next(seeds))(keras.layers.Concatenate()(found))
    initial = keras.initializers.GlorotUniform(seed=next(seeds))
    score = keras.layers.Dense(1, activation="sigmoid", kernel_initializer=initial)(x)
    network = keras.Model(ids, score, name="detector")
    adam = keras.optimizers.Adam(settings.learning_rate)
    network.compile(adam, "binary_crossentropy", jit_compile=False)
    return network
