"""The training of a Wasserstein GAN: a generator of short texts and a detector of them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from faker_neural import ColumnError, Detector, OptionError, TextModel
from faker_neural_export.conversion.convert import check_output, convert
from faker_neural_export.data.columns import Column, read_column
from faker_neural_export.detector.lines import LabelledLines
from faker_neural_export.settings.conversion import CardFacts, Facts, Generation, Learned
from faker_neural_export.settings.gan import GanSettings
from faker_neural_export.vocabulary.tokens import BOUNDARY, learn_tokens

from .checkpoint import GanCheckpoint
from .critic import export_critic
from .figures import GanFigures, measure
from .networks import Gan, draw, new_gan, scale_logits

__all__ = ["GanFigures", "GanMonitor", "GanProgress", "train_gan"]

SAMPLE_EVERY = 500
_MOST_FIGURES, _SAMPLES = 5000, 8


@dataclass(frozen=True, slots=True)
class GanProgress:
    """The progress of a GAN over some steps.

    Args:
        step: the last of these generator steps, counted from 1.
        critic_loss: mean over these steps; its negative is the critic's estimate of the distance
            between generated and real texts.
        generator_loss: mean over these steps.
        samples: texts of the generator after the last step.
        seconds: the time that these steps took.
    """

    step: int
    critic_loss: float
    generator_loss: float
    samples: tuple[str, ...]
    seconds: float


class GanMonitor:
    """Receives the progress of a training; this base class ignores it."""

    def started(self, lines: int, held_out: int, tokens: int, done: int, steps: int) -> None:
        """Receive the start of the training, or its continuation after `done` of the steps."""

    def left_out(self, count: int, length: int) -> None:
        """Receive the number of values longer than `length`, which are left out."""

    def step(self, done: int, critic_loss: float, generator_loss: float) -> None:
        """Receive the losses after a step; `done` steps are done."""

    def progress(self, progress: GanProgress) -> None:
        """Receive samples; a checkpoint is being written."""

    def exporting(self, step: int, reason: str) -> None:
        """Receive the reason why the training ended, and its last step."""

    def measured(self, figures: GanFigures, detector: Detector) -> None:
        """Receive the figures; both files are written."""


def train_gan(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    column: str | None = None,
    name: str | None = None,
    settings: GanSettings | None = None,
    skip_longer: bool = False,
    resume: bool = False,
    sample_every: int = SAMPLE_EVERY,
    data: Mapping[str, str] | None = None,
    monitor: GanMonitor | None = None,
) -> TextModel:
    """Learn a column of short texts by a Wasserstein GAN, and write its generator and its critic.

    The generator becomes `output`; the critic becomes a detector of generated texts beside it,
    NAME.detector.onnx. A checkpoint is written with the samples to the folder `output` +
    ".checkpoint". Ctrl-C (KeyboardInterrupt) ends training; the networks so far become the files.
    On one machine the same column, settings and seed give the same files.

    Source: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved training of Wasserstein
    GANs", 2017.

    Args:
        path: plain text with one value a line, a .csv, .tsv, .jsonl, .ndjson, .xlsx or .parquet
            file, "-" for standard input, or a `ColumnFile`.
        output: the .onnx file to write.
        column: the column to learn; None if there is only one.
        name: what the values are; the output's name if not given.
        settings: how to learn.
        skip_longer: leave out values that are longer than `settings.length`.
        resume: continue from the checkpoint of the same column and settings, which is at a
            multiple of `sample_every`; only `steps` and `temperature` may differ.
        sample_every: number of steps between samples, at least 1.
        data: facts about the data for the card besides its name and size, such as
            {"licence": "CC0 1.0", "source": "..."}.
        monitor: is told of the progress.

    Returns:
        The model of the generator's file.

    Raises:
        MissingFileError: the column's file or the output's folder does not exist.
        ColumnError: there is nothing to learn from, or a value is longer than the length.
        OptionError: `output` is no .onnx path, or there is nothing to resume.
        KeyboardInterrupt: Ctrl-C came before the first step ended; nothing is written.
    """
    output = check_output(output)
    detector = check_output(output.with_name(f"{output.stem}.detector.onnx"))
    settings, monitor = settings or GanSettings(), monitor or GanMonitor()
    if sample_every < 1:
        raise OptionError("sample_every", sample_every, "must be at least 1")
    column_values = read_column(path, column, max_length=sys.maxsize)
    values = _fitting(column_values, settings.length, skip_longer, monitor)
    checkpoint = _checkpoint(output, settings, values, resume)
    run = _Training(settings, *values.split(), monitor, sample_every)
    gan, reason = run.fit(checkpoint)
    monitor.exporting(run.done, reason)
    about: Facts = {"name": values.path.name, "lines": len(values.values), **(data or {})}
    training: Facts = asdict(settings) | {"step": run.done}
    scale_logits(gan.average, np.random.default_rng(settings.seed))
    generated = run.draw(gan.average)
    figures = measure(generated, run.draw(run.new().average), run.lines, run.held_out)
    made = convert(
        gan.average,
        run.tokens,
        output,
        generation=Generation(contract="latent", end=BOUNDARY),
        facts=CardFacts(
            name=name,
            options={"temperature": settings.temperature},
            data=about,
            training=training,
            evaluation=figures.facts(),
        ),
        learned=Learned(lines=run.lines),
    )
    judged = export_critic(
        gan.critic,
        run.tokens,
        LabelledLines(run.held_out, generated),
        detector,
        CardFacts(name=made.card.name, data=about, training=training),
    )
    monitor.measured(figures, judged)
    return made


def _fitting(values: Column, length: int, skip_longer: bool, monitor: GanMonitor) -> Column:
    """Return the values that fit into the generator's texts."""
    longer = [value for value in values.values if len(value) > length]
    if not longer:
        return values
    if not skip_longer:
        longest = max(longer, key=len)
        raise ColumnError(
            values.path,
            f"{len(longer):,} of {len(values.values):,} values are longer than length={length}; "
            f"the longest has {len(longest)} characters: {longest!r}; make length larger, or "
            "leave them out with skip_longer",
        )
    monitor.left_out(len(longer), length)
    fitting = tuple(value for value in values.values if len(value) <= length)
    if len(set(fitting)) < 2:
        raise ColumnError(
            values.path, f"has fewer than two distinct values of at most length={length}"
        )
    return Column(values.path, fitting)


def _checkpoint(output: Path, settings: GanSettings, values: Column, resume: bool) -> GanCheckpoint:
    folder = output.with_name(f"{output.name}.checkpoint")
    if folder.is_file():
        raise OptionError("output", str(output), f"needs the folder {folder}, which is a file")
    begin = GanCheckpoint.resume if resume else GanCheckpoint
    return begin(folder, asdict(settings), values.fingerprint())


class _Training:
    """The training of a GAN on one column, step by step."""

    def __init__(
        self,
        settings: GanSettings,
        lines: Sequence[str],
        held_out: Sequence[str],
        monitor: GanMonitor,
        sample_every: int,
    ) -> None:
        self.settings, self.lines, self.held_out = settings, lines, held_out
        self.monitor, self.sample_every = monitor, sample_every
        self.tokens = learn_tokens("char", lines, held_out, 0)
        self.done = 0

    def new(self) -> Gan:
        """Return untrained networks."""
        return new_gan(len(self.tokens), self.settings)

    def fit(self, checkpoint: GanCheckpoint) -> tuple[Gan, str]:
        """Train, and return the networks and the reason why the training ended."""
        tensorflow.config.experimental.enable_op_determinism()
        gan = checkpoint.load() if checkpoint.step else self.new()
        self.done, steps = checkpoint.step, self.settings.steps
        sizes = len(self.lines), len(self.held_out), len(self.tokens)
        self.monitor.started(*sizes, self.done, steps)
        try:
            while self.done < steps:
                self._some_steps(gan, min(self.done + self.sample_every, steps))
                checkpoint.save(gan, self.done)
        except KeyboardInterrupt:
            if not self.done:
                raise
            return gan, "stopped by Ctrl-C"
        return gan, "all steps done"

    def draw(self, generator: keras.Model) -> list[str]:
        """Draw one text for each held-out line, for the figures."""
        random = np.random.default_rng(self.settings.seed)
        count = min(len(self.held_out), _MOST_FIGURES)
        return draw(generator, self.tokens, count, self.settings.temperature, random)

    def _some_steps(self, gan: Gan, last: int) -> None:
        """Train up to a step, and report the progress."""
        ids, began, losses = self._ids(), time.monotonic(), []
        for step in range(self.done + 1, last + 1):
            random = np.random.default_rng((self.settings.seed, step))
            rows = random.integers(len(ids), size=(self.settings.critic_steps, self.settings.batch))
            losses.append(gan.train(step, ids[rows], self.settings.learning_rate_at(step), random))
            self.done = step
            self.monitor.step(step, *losses[-1])
        critic_loss, generator_loss = np.mean(losses, axis=0).tolist()
        random = np.random.default_rng((self.settings.seed, last))
        samples = draw(gan.average, self.tokens, _SAMPLES, self.settings.temperature, random)
        seconds = time.monotonic() - began
        self.monitor.progress(
            GanProgress(last, critic_loss, generator_loss, tuple(samples), seconds)
        )

    def _ids(self) -> NDArray[np.int32]:
        """Return the token ids of the lines, padded at the end, int32 [lines, length]."""
        position = {token: i for i, token in enumerate(self.tokens)}
        ids = np.zeros((len(self.lines), self.settings.length), dtype=np.int32)
        for row, line in zip(ids, self.lines, strict=True):
            row[: len(line)] = [position[character] for character in line]
        return ids
