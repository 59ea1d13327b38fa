"""`train --gan`: what it takes, and what a person sees while a GAN learns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from faker_neural import Detector, OptionError
from faker_neural_export import GanFigures, GanMonitor, GanProgress, GanSettings, train_gan

from ._app import report
from ._bar import Bar
from ._terminal import say

__all__ = ["GanProgressMonitor", "gan_settings", "learn_gan"]


def learn_gan(
    file: os.PathLike[str],
    output: Path,
    settings: GanSettings,
    *,
    column: str | None = None,
    name: str | None = None,
    skip_longer: bool = False,
    resume: bool = False,
    sample_every: int = 500,
    data: Mapping[str, str] | None = None,
) -> None:
    """Learn a column by a GAN and say what came of it."""
    with GanProgressMonitor() as monitor:
        made = train_gan(
            file,
            output,
            column=column,
            name=name,
            settings=settings,
            skip_longer=skip_longer,
            resume=resume,
            sample_every=sample_every,
            data=data,
            monitor=monitor,
        )
    say(*monitor.outcome.split("\n"))
    report(made)


def gan_settings(typed: Mapping[str, Any]) -> GanSettings:
    """Return the settings that were typed.

    Args:
        typed: the typed options and their values.

    Raises:
        OptionError: an option has no meaning for a GAN, or a value is not allowed.
    """
    known = GanSettings.__dataclass_fields__
    for name, value in typed.items():
        if name not in known:
            shown = ", ".join(f"--{name.replace('_', '-')}" for name in known)
            raise OptionError(name, value, f"is no option of --gan, which has {shown}")
    units = typed.get("units", "1")
    if not units.isdecimal():
        raise OptionError("units", units, "must be one size with --gan")
    return GanSettings(**{**typed, "units": int(units)} if "units" in typed else typed)


class GanProgressMonitor(Bar, GanMonitor):
    """A bar with both losses and the time left; a line and samples every so many steps."""

    def __init__(self) -> None:
        self.outcome = ""
        super().__init__(
            TextColumn("step {task.completed:.0f}/{task.total:.0f}"),
            BarColumn(),
            TextColumn(
                "critic {task.fields[critic]:+.2f}, generator {task.fields[generator]:+.2f}"
            ),
            TimeRemainingColumn(elapsed_when_finished=True),
            start=False,
            total=1,
            critic=0.0,
            generator=0.0,
        )

    def left_out(self, count: int, length: int) -> None:
        """Say what is not learned from."""
        self._console.print(f"{count} values longer than {length} characters left out")

    def started(self, lines: int, held_out: int, tokens: int, done: int, steps: int) -> None:
        """Say what is learned and show the bar."""
        after = f", after {done} steps" if done else ""
        self._console.print(
            f"{lines} values to learn from, {held_out} held out, {tokens} tokens{after}"
        )
        self._bar.update(self._task, completed=done, total=steps)
        self._bar.start()
        self._bar.start_task(self._task)

    def step(self, done: int, critic_loss: float, generator_loss: float) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, critic=critic_loss, generator=generator_loss)

    def progress(self, progress: GanProgress) -> None:
        """Print both losses, and the samples in one line below."""
        self._console.print(
            f"step {progress.step}: critic {progress.critic_loss:+.3f}, generator "
            f"{progress.generator_loss:+.3f}, {progress.seconds:.0f} s"
        )
        self._console.print(f"    {' | '.join(progress.samples)}", soft_wrap=True)

    def exporting(self, step: int, reason: str) -> None:
        """Take the bar away and say what becomes the files."""
        self._bar.stop()
        self._console.print(f"{reason}; exporting step {step}")

    def measured(self, figures: GanFigures, detector: Detector) -> None:
        """Keep the figures, to be printed at the end."""
        self.outcome = (
            f"{figures.texts} texts: {figures.unique_share:.1%} unique, {figures.new_share:.1%} "
            f"new; trigram divergence from held-out lines {figures.trigram_divergence:.3f} "
            f"(untrained {figures.untrained_divergence:.3f}, other real lines "
            f"{figures.real_divergence:.3f})\n"
            f"wrote {os.fspath(detector.path)}, which tells held-out lines from the generator's "
            f"with AUC {detector.card.evaluation['auc']:.3f}"
        )
