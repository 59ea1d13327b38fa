"""What a person sees while a detector learns."""

from __future__ import annotations

from rich.progress import BarColumn, TextColumn

from faker_neural_export import DetectorMonitor

from ._bar import Bar

__all__ = ["DetectorProgress"]


class DetectorProgress(Bar, DetectorMonitor):
    """A bar with the loss; a line after each epoch."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            total=1,
            epoch=1,
            loss=0.0,
        )

    def started(self, real: int, generated: int, held_out: int, in_both: int) -> None:
        """Say what is learned and show the bar."""
        self._console.print(
            f"{real} real and {generated} generated lines, {held_out} of them held out; "
            f"{in_both} lines in both kinds left out"
        )
        self._bar.start()

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        """Move the bar."""
        self._bar.update(self._task, total=steps, completed=done, epoch=epoch, loss=loss)

    def epoch(self, number: int, loss: float, auc: float, best: bool, seconds: float) -> None:
        """Print the figures."""
        self._console.print(
            f"epoch {number}: loss {loss:.3f}, AUC {auc:.3f} on lines set aside"
            f"{', the best' if best else ''}, {seconds:.0f} s"
        )

    def exporting(self, best: int, reason: str) -> None:
        """Take the bar away and say what becomes the file."""
        self._bar.stop()
        self._console.print(f"{reason}; exporting epoch {best}")
