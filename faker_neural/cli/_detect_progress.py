"""What a person sees while a detector learns."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from faker_neural_export import DetectorMonitor

__all__ = ["DetectorProgress"]


class DetectorProgress(DetectorMonitor):
    """A bar with the loss; a line after each epoch."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1, epoch=1, loss=0.0)

    def __enter__(self) -> DetectorProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

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
