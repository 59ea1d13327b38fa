"""A column to a model file: learn, keep the best epoch, convert."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import keras
import numpy as np
import tensorflow

from faker_neural import Card, OptionError, TextModel

from ._checkpoint import Checkpoint
from ._columns import read_column
from ._convert import check_output, convert
from ._lines import Lines
from ._network import build_network
from ._settings import Settings
from ._stack import Stack
from ._tokens import BOUNDARY, learn_tokens

__all__ = ["Epoch", "Monitor", "train"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to.

    Args:
        number: counted from 1.
        loss: mean cross-entropy while learning, in nats a token.
        bits_per_character: on the held-out lines, the end of a line counted as a character.
        best: whether no epoch before was better.
        samples: three values drawn from the model as it is now.
        seconds: how long it took.
    """

    number: int
    loss: float
    bits_per_character: float
    best: bool
    samples: tuple[str, ...]
    seconds: float


class Monitor:
    """Is told how learning goes; this one keeps it to itself."""

    def started(self, lines: int, held_out: int, tokens: int, done: int, epochs: int) -> None:
        """Learning begins, or continues after `done` epochs."""

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """A batch was learned, `done` of the epoch's `steps`; `loss` is their mean."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch ended and its checkpoint is written."""

    def exporting(self, best: int, reason: str) -> None:
        """Learning ended, for the reason given; epoch `best` becomes the file."""


def train(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    column: str | None = None,
    name: str | None = None,
    settings: Settings | None = None,
    resume: bool = False,
    data: Mapping[str, str] | None = None,
    monitor: Monitor | None = None,
) -> TextModel:
    """Learn a column of text and write a model file.

    A checkpoint is written after each epoch to the folder `output` + ".checkpoint". Ctrl-C
    (KeyboardInterrupt) ends learning; the best epoch so far becomes the file. The same column,
    settings and seed give the same file on one machine.

    Args:
        path: plain text with a value a line, or a .csv, .tsv, .jsonl, .ndjson or .parquet file.
        output: the .onnx file to write.
        column: the column to learn; may be left out where there is only one.
        name: what the values are; the output's name if not given.
        settings: how to learn.
        resume: continue from the checkpoint of the same column and settings; only `epochs` and
            `patience` may differ.
        data: what the card says of the data beside its name and size, such as
            {"licence": "CC0 1.0", "source": "..."}.
        monitor: is told how learning goes.

    Returns:
        The model of the new file.

    Raises:
        MissingFileError: the column's file or the output's folder does not exist.
        ColumnError: there is nothing to learn from.
        OptionError: `output` is no .onnx path, or resuming is not possible.
        KeyboardInterrupt: Ctrl-C came before the first epoch ended; nothing is written.
    """
    settings, monitor = settings or Settings(), monitor or Monitor()
    output = check_output(output)
    values = read_column(path, column, max_length=settings.max_length)
    sides = values.split()
    folder = output.with_name(f"{output.name}.checkpoint")
    if folder.is_file():
        raise OptionError("output", str(output), f"needs the folder {folder}, which is a file")
    if resume:
        checkpoint = Checkpoint.resume(folder, asdict(settings), values.fingerprint())
    else:
        tokens = learn_tokens(settings.tokens, *sides, settings.vocabulary)
        checkpoint = Checkpoint(folder, asdict(settings), values.fingerprint(), tokens)
    lines, held_out = (Lines.encode(side, checkpoint.tokens) for side in sides)
    reason = _learn(checkpoint, settings, lines, held_out, monitor)
    best = checkpoint.best
    monitor.exporting(best, reason)
    return convert(
        checkpoint.load(best),
        checkpoint.tokens,
        output,
        name=name,
        start=BOUNDARY,
        end=BOUNDARY,
        max_tokens=min(lines.longest + lines.longest // 4, Card.most_tokens),
        data={"name": values.path.name, "lines": len(values.values), **(data or {})},
        training=asdict(settings) | {"best_epoch": best},
        evaluation={
            "bits_per_character": checkpoint.bits[best - 1],
            "held_out_lines": len(held_out.ids),
        },
        lines=values,
    )


def _learn(
    checkpoint: Checkpoint, settings: Settings, lines: Lines, held_out: Lines, monitor: Monitor
) -> str:
    """Learn epoch after epoch and say why it ended."""
    network = _network(checkpoint, settings)
    draw = _Draw(network, checkpoint.tokens, lines.longest, settings.seed)
    monitor.started(
        len(lines.ids), len(held_out.ids), len(checkpoint.tokens), checkpoint.done, settings.epochs
    )
    try:
        for number in range(checkpoint.done + 1, settings.epochs + 1):
            if checkpoint.done and checkpoint.done - checkpoint.best >= settings.patience:
                return f"no better epoch in {settings.patience}"
            began = time.monotonic()
            loss = _learn_epoch(network, number, settings, lines, monitor)
            bits = held_out.bits_per_character(network, settings.batch)
            checkpoint.save(network, loss, bits)
            best, seconds = checkpoint.best == number, time.monotonic() - began
            monitor.epoch(Epoch(number, loss, bits, best, draw(number), seconds))
    except KeyboardInterrupt:
        if not checkpoint.done:
            raise
        return "stopped by Ctrl-C"
    return "all epochs done"


def _network(checkpoint: Checkpoint, settings: Settings) -> keras.Model:
    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.get_logger().setLevel("ERROR")  # batches differ in length, which it warns of
    if checkpoint.done:
        return checkpoint.load(checkpoint.done)
    network = build_network(len(checkpoint.tokens), settings)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(clipnorm=1.0), loss, jit_compile=False)
    return network


def _learn_epoch(
    network: keras.Model, number: int, settings: Settings, lines: Lines, monitor: Monitor
) -> float:
    """Read every line once, in an order of this epoch's own; give the mean loss a token."""
    progress = (number - 1) / settings.epochs
    network.optimizer.learning_rate = (
        settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2
    )
    _seed_dropout(network, settings.seed, number)
    order = np.random.default_rng((settings.seed, number)).permutation(len(lines.ids))
    batches = np.array_split(order, math.ceil(len(order) / settings.batch))
    total = 0.0
    for done, rows in enumerate(batches, start=1):
        network.reset_metrics()
        total += float(network.train_on_batch(*lines.batch(rows)))
        monitor.step(number, done, len(batches), total / done)
    return total / len(batches)


def _seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Let an epoch drop the same outputs whether or not it is the first of a resumed run."""
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    for i, layer in enumerate(dropouts):
        if layer.rate:
            layer.seed_generator.state.assign(
                np.random.SeedSequence((seed, epoch, i)).generate_state(2)
            )


class _Draw:
    """Draws a few values from the network as it is, for a person to look at."""

    def __init__(
        self, network: keras.Model, tokens: Sequence[str], longest: int, seed: int
    ) -> None:
        self.stack = Stack(network.name, network, len(tokens))
        self.step = tensorflow.function(self.stack.step, autograph=False)
        self.tokens, self.longest, self.seed = tokens, longest, seed

    def __call__(self, epoch: int, count: int = 3) -> tuple[str, ...]:
        random = np.random.default_rng((self.seed, epoch))
        token = np.zeros(count, dtype=np.int64)
        states = [np.zeros((count, state.size), np.float32) for state in self.stack.states]
        texts, unfinished = [""] * count, np.ones(count, dtype=bool)
        for _ in range(self.longest):
            logits, *states = self.step(token, *states)
            token = (logits.numpy() + random.gumbel(size=logits.shape)).argmax(axis=1)
            unfinished &= token != 0
            texts = [
                text + self.tokens[i] if more else text
                for text, i, more in zip(texts, token, unfinished, strict=True)
            ]
        return tuple(texts)
