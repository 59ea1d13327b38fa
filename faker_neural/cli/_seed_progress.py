"""What a person sees while a database is filled."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from faker_neural._shown import visible
from faker_neural.seeding import RunSettings, SeedRun

from ._app import print_table
from ._terminal import VisibleConsole, VisibleTable, say

if TYPE_CHECKING:
    from faker_neural.seeding import Plan

__all__ = ["SeedProgress"]


class SeedProgress:
    """A bar for each table, with rows a second and the time left; in the end what was written."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=VisibleConsole(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, tuple[float, int]] = {}
        self._seconds: dict[str, float] = {}
        self._rows: dict[str, int] = {}
        self._stopped = False

    def __enter__(self) -> Self:
        self._bars.start()
        self._heard = signal.signal(signal.SIGINT, self._stop)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._heard)
        sys.unraisablehook = self._hook
        self._bars.stop()

    def _stop(self, number: int, frame: object) -> None:
        self._stopped = True  # Python drops an exception that is raised in a finalizer
        raise KeyboardInterrupt

    def _dropped(self, unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not KeyboardInterrupt:  # which is seen to before the next block
            self._hook(unraisable)

    def fill(self, database: str, plan: Plan, settings: RunSettings, seed: int | None) -> None:
        """Fill the database; what Ctrl-C leaves behind is said."""
        filling = SeedRun(database, plan, replace(settings, monitor=self._show), seed=seed)
        try:
            self._rows = dict(filling.run().rows)
        except KeyboardInterrupt:
            self._bars.stop()
            say(f"faker-neural: {filling.progress()}", error=True)
            raise

    def report(self) -> None:
        """Print what was written."""
        table = VisibleTable(Column("table"), *_right("rows", "seconds", "rows/s"), box=None)
        for name, rows in self._rows.items():
            seconds, (_, before) = self._seconds.get(name, 0.0), self._begun.get(name, (0.0, rows))
            speed = _speed(rows - before, seconds) if rows > before else ""
            table.add_row(name, f"{rows:,}", f"{seconds:.1f}", speed)
        print_table(table)

    def _show(self, table: str, done: int, rows: int) -> None:
        if self._stopped:
            raise KeyboardInterrupt
        now = time.monotonic()
        if table not in self._tasks:
            self._tasks[table] = self._bars.add_task(visible(table), total=rows, speed="")
            self._begun[table] = (now, done)
        began, before = self._begun[table]
        self._seconds[table] = now - began
        speed = _speed(done - before, self._seconds[table])
        self._bars.update(self._tasks[table], completed=done, speed=f"{speed} rows/s")


def _speed(rows: int, seconds: float) -> str:
    return f"{rows / max(seconds, 1e-3):,.0f}"


def _right(*titles: str) -> list[Column]:
    return [Column(title, justify="right") for title in titles]
