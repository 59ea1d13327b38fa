"""What a person sees while a model learns."""

from __future__ import annotations

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from faker_neural_export import Epoch, Monitor

from ._bar import Bar

__all__ = ["ProgressMonitor"]


class ProgressMonitor(Bar, Monitor):
    """A bar with the loss and the time left; a line and samples after each epoch."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            start=False,
            epoch=0,
            epochs=0,
            loss=0.0,
        )
        self._done = self._epochs = self._best = 0

    def chosen(self, reason: str) -> None:
        """Say what was chosen, and why."""
        self._console.print(reason)

    def started(
        self, learn: int, held_out: int, unit: str, tokens: int, done: int, epochs: int
    ) -> None:
        """Say what is learned and show the bar."""
        after = f", after {done} epochs" if done else ""
        self._console.print(
            f"{learn:,} {unit} to learn from, {held_out:,} held out, {tokens} tokens{after}",
            soft_wrap=True,
        )
        self._done, self._epochs = done, epochs
        self._bar.update(self._task, epoch=done + 1, epochs=epochs)
        self._bar.start()

    def continues(self, origin: str, added: int) -> None:
        """Say what learning starts from."""
        self._console.print(f"starts from {origin}; {added} tokens added", soft_wrap=True)

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """Move the bar."""
        if not self._bar.tasks[0].started:
            self._bar.update(self._task, total=(self._epochs - self._done) * steps)
            self._bar.start_task(self._task)
        completed = (epoch - 1 - self._done) * steps + done
        self._bar.update(
            self._task, completed=completed, epoch=epoch, epochs=self._epochs, loss=loss
        )

    def epoch(self, epoch: Epoch) -> None:
        """Print the figures, and indented below them the samples, each on a line."""
        self._best = epoch.number if epoch.best else self._best
        self._console.print(
            f"epoch {epoch.number}: loss {epoch.loss:.3f}, held out "
            f"{epoch.bits_per_character:.3f} bits/char{', the best' if epoch.best else ''}, "
            f"{epoch.seconds:.0f} s"
        )
        named = len(set(epoch.temperatures)) > 1
        for sample, temperature in zip(epoch.samples, epoch.temperatures, strict=True):
            prefix = f"{temperature}: " if named else ""
            self._console.print(f"    {prefix}{sample}".replace("\n", " "), soft_wrap=True)

    def exporting(self, epoch: int, reason: str) -> None:
        """Take the bar away and say what becomes the file."""
        self._bar.stop()
        other = f"; --keep best exports epoch {self._best}" if self._best not in (0, epoch) else ""
        self._console.print(f"{reason}; exporting epoch {epoch}{other}")
