"""Draws values in worker processes, ahead of their insertion."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from threading import Thread
from typing import Any, NamedTuple

import numpy as np

from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.drawn import RandomSource, RowSource
from faker_neural.seeding.values.row_random import column_seed, row_keys_of

from .interrupt import deferred_sigint

__all__ = ["Task", "draw_ahead", "drawn_sources"]


class Task(NamedTuple):
    """Rows of a table to draw.

    Args:
        table: the name of the table.
        start: the number of the first row.
        stop: the number after the last row.
    """

    table: str
    start: int
    stop: int


Columns = dict[str, list[Any]]
Sources = Mapping[str, Mapping[str, tuple[int, RandomSource]]]
"""The seed and the source of each column, by table and column."""


def drawn_sources(
    seed: int, table: str, sources: Mapping[str, Source]
) -> dict[str, tuple[int, RandomSource]]:
    """Return the seed and the source of each column of a table that is drawn.

    Args:
        seed: the seed of the plan.
        table: the name of the table.
        sources: the sources by column.
    """
    return {
        column: (column_seed(seed, table, *_seed_names(column, source)), source)
        for column, source in sources.items()
        if isinstance(source, RandomSource)
    }


def _seed_names(column: str, source: RandomSource) -> tuple[str, ...]:
    """Return the names that seed a column: its own, or those that it shares with its row."""
    return source.shared_key if isinstance(source, RowSource) else (column,)


def draw_ahead(
    tasks: Iterable[Task], sources: Sources, workers: int
) -> Iterator[tuple[Task, Columns]]:
    """Yield each task with its drawn values by column, in the order of the tasks.

    Args:
        tasks: the rows to draw.
        sources: the seeds and sources of the columns.
        workers: the number of processes, 1 or more; with 1 each task is drawn in this process when
            it is asked for.
    """
    if workers == 1:
        for task in tasks:
            yield task, _draw(sources, task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_start, initargs=(sources,))
    try:
        running: deque[tuple[Task, Future[Columns]]] = deque()
        for task in tasks:
            with deferred_sigint():  # it may start a worker, which must not get SIGINT
                running.append((task, pool.submit(_draw_here, task)))
            if len(running) > 2 * workers:
                yield _next(running)
        while running:
            yield _next(running)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _next(running: deque[tuple[Task, Future[Columns]]]) -> tuple[Task, Columns]:
    task, future = running.popleft()
    return task, future.result()


_sources: Sources = {}


def _start(sources: Sources) -> None:
    global _sources
    _sources = sources
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _draw_here(task: Task) -> Columns:
    return _draw(_sources, task)


def _draw(sources: Sources, task: Task) -> Columns:
    rows = np.arange(task.start, task.stop, dtype=np.int64)
    return {
        column: source.values(row_keys_of(seed, rows))
        for column, (seed, source) in sources[task.table].items()
    }
