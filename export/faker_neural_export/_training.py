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
from numpy.typing import NDArray

from faker_neural import OptionError, TextModel

from ._checkpoint import Checkpoint
from ._columns import read_column
from ._convert import check_output, convert
from ._network import build_network
from ._stack import Stack
from ._tokens import BOUNDARY, KINDS, Encoder, learn_tokens

__all__ = ["Epoch", "Monitor", "Settings", "train"]

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to learn a column; the defaults suit 5,000 to 50,000 short values on two cores.

    Args:
        tokens: "char", "word" or "piece".
        vocabulary: how many tokens words or pieces may make, at least 2.
        embedding: numbers a token is turned into, at least 1.
        units: size of each LSTM layer, at least 1.
        layers: LSTM layers, at least 1.
        projection: size of a layer between the last LSTM and the tokens, which makes a large
            vocabulary cheaper to serve; 0 for none.
        dropout: share of each layer's outputs dropped while learning, 0 to below 1.
        epochs: how often the column is read at most, at least 1.
        patience: epochs without a better one after which learning ends, at least 1.
        batch: lines that are learned from together, at least 1.
        learning_rate: of Adam at the start, above 0; it falls to 0 along a half cosine.
        seed: of the weights, the order of the lines and the dropout, 0 to 2**32 - 1.
        max_length: longest value allowed, in characters, at least 1.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    tokens: str = "char"
    vocabulary: int = 1000
    embedding: int = 64
    units: int = 256
    layers: int = 1
    projection: int = 0
    dropout: float = 0.3
    epochs: int = 30
    patience: int = 5
    batch: int = 64
    learning_rate: float = 0.003
    seed: int = 0
    max_length: int = 1000

    def __post_init__(self) -> None:
        if self.tokens not in KINDS:
            raise OptionError("tokens", self.tokens, f"must be one of {', '.join(KINDS)}")
        for name in ("embedding", "units", "layers", "epochs", "patience", "batch", "max_length"):
            _check(name, getattr(self, name), int, 1)
        _check("vocabulary", self.vocabulary, int, 2)
        _check("projection", self.projection, int, 0)
        _check("seed", self.seed, int, 0, 2**32)
        _check("dropout", self.dropout, float, 0, 1)
        _check_type("learning_rate", self.learning_rate, float)
        if not 0 < self.learning_rate < math.inf:
            raise OptionError("learning_rate", self.learning_rate, "must be above 0 and finite")


def _check(
    name: str, value: float, kind: type[int | float], least: float, below: float = math.inf
) -> None:
    _check_type(name, value, kind)
    if not least <= value < below:
        above = f" and below {below}" if below < math.inf else ""
        raise OptionError(name, value, f"must be at least {least}{above}")


def _check_type(name: str, value: float, kind: type[int | float]) -> None:
    if isinstance(value, bool) or not isinstance(value, kind | int):
        raise OptionError(name, value, f"must be {kind.__name__}, not {type(value).__name__}")


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
    folder = output.with_name(f"{output.name}.checkpoint")
    if folder.is_file():
        raise OptionError("output", str(output), f"needs the folder {folder}, which is a file")
    if resume:
        checkpoint = Checkpoint.resume(folder, asdict(settings), values.fingerprint())
    else:
        tokens = learn_tokens(settings.tokens, *values.split(), settings.vocabulary)
        checkpoint = Checkpoint(folder, asdict(settings), values.fingerprint(), tokens)
    lines, held_out = (Lines.encode(side, checkpoint.tokens) for side in values.split())
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
        max_tokens=min(lines.longest + lines.longest // 4, 10_000),
        data={"name": values.path.name, "lines": len(values.values), **(data or {})},
        training=asdict(settings) | {"best_epoch": best},
        evaluation={
            "bits_per_character": checkpoint.bits[best - 1],
            "held_out_lines": len(held_out.ids),
        },
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


@dataclass(frozen=True, slots=True)
class Lines:
    """Encoded values: token ids of each without the boundary, and how many characters in all."""

    ids: Sequence[Sequence[int]]
    characters: int

    @classmethod
    def encode(cls, values: Sequence[str], tokens: Sequence[str]) -> Lines:
        """Encode values, each made of characters that are tokens."""
        encoder = Encoder(tokens)
        return cls([encoder(value) for value in values], sum(map(len, values)))

    @property
    def longest(self) -> int:
        """Tokens in the longest line, its end included."""
        return max(map(len, self.ids)) + 1

    def batch(self, rows: NDArray[np.intp]) -> tuple[Ids, Ids, Floats]:
        """Give some lines as input, target and weight, each [rows, longest of them + 1].

        The weights are 0 behind a line's end and otherwise equal, 1 in the mean.
        """
        ids = [self.ids[row] for row in rows]
        tokens = np.zeros((len(ids), max(map(len, ids)) + 2), dtype=np.int32)
        weights = np.zeros((len(ids), tokens.shape[1] - 1), dtype=np.float32)
        for row, line in enumerate(ids):
            tokens[row, 1 : len(line) + 1] = line
            weights[row, : len(line) + 1] = 1
        return tokens[:, :-1], tokens[:, 1:], weights / weights.mean()

    def bits_per_character(self, network: keras.Model, batch: int) -> float:
        """Measure the network on these lines, the end of a line counted as a character."""
        nats = 0.0
        for rows in np.array_split(np.arange(len(self.ids)), math.ceil(len(self.ids) / batch)):
            network.reset_metrics()
            loss = float(network.test_on_batch(*self.batch(rows)))
            nats += loss * sum(len(self.ids[row]) + 1 for row in rows)
        return nats / math.log(2) / (self.characters + len(self.ids))


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
        texts, open_ = [""] * count, np.ones(count, dtype=bool)
        for _ in range(self.longest):
            logits, *states = self.step(token, *states)
            token = (logits.numpy() + random.gumbel(size=logits.shape)).argmax(axis=1)
            open_ &= token != 0
            texts = [
                text + self.tokens[i] if more else text
                for text, i, more in zip(texts, token, open_, strict=True)
            ]
        return tuple(texts)
