"""What a person sees while a model is evaluated."""

from __future__ import annotations

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

from faker_neural_export import EvaluationMonitor

from ._bar import Bar

__all__ = ["EvaluationProgress"]


class EvaluationProgress(Bar, EvaluationMonitor):
    """A bar with what is being measured."""

    def __init__(self) -> None:
        super().__init__(
            BarColumn(), TextColumn("{task.fields[title]}"), TimeElapsedColumn(), title=""
        )

    def step(self, title: str, done: int, steps: int) -> None:
        """Move the bar."""
        self._bar.start()
        self._bar.update(self._task, total=steps, completed=done, title=title)
