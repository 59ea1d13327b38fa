"""A progress bar on standard error, which is taken away at the end."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.progress import Progress, ProgressColumn

from ._terminal import VisibleConsole

__all__ = ["Bar"]


class Bar:
    """Has a console and a bar of one task, shown on a terminal alone.

    Args:
        columns: of the bar.
        fields: of its task, as they are before it starts.
    """

    def __init__(self, *columns: ProgressColumn, **fields: Any) -> None:
        self._console = VisibleConsole(stderr=True)
        self._bar = Progress(
            *columns,
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", **fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
