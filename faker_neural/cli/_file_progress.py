"""Bars of the subcommands that write files: of rows, or of bytes."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeRemainingColumn,
)

from ._bar import Bar

__all__ = ["ByteProgress", "RowProgress"]


class RowProgress(Bar):
    """A bar of rows, with rows a second and the time left.

    Args:
        rows: the number of rows.
    """

    def __init__(self, rows: int) -> None:
        super().__init__(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            total=rows,
            speed="",
        )
        self._bar.start()

    def done(self, rows: int) -> None:
        """Move the bar.

        Args:
            rows: the number of rows made so far.
        """
        speed = self._bar.tasks[0].speed
        shown = f"{speed:,.0f} rows/s" if speed else ""
        self._bar.update(self._task, completed=rows, speed=shown)


class ByteProgress(Bar):
    """A bar of the bytes read, with the time left."""

    def __init__(self) -> None:
        super().__init__(
            BarColumn(), DownloadColumn(), TimeRemainingColumn(elapsed_when_finished=True)
        )
        self._bar.start()

    def done(self, read: int, size: int) -> None:
        """Move the bar.

        Args:
            read: the number of bytes read so far.
            size: the number of bytes of the file.
        """
        self._bar.update(self._task, completed=read, total=size)
