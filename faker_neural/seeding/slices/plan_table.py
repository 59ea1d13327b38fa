"""A plan's table whose rows are made slice by slice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import URL, Engine

from faker_neural._options import check_count
from faker_neural.seeding.connection import read_connection
from faker_neural.seeding.keys.reference import Reference
from faker_neural.seeding.keys.unique import Block
from faker_neural.seeding.run.checked_rows import RowChecks
from faker_neural.seeding.run.prefetch import Task, draw_ahead, drawn_sources
from faker_neural.seeding.run.table_rows import TableBlocks
from faker_neural.seeding.schema.schema import Column

from .needed_columns import needed_columns
from .settled_keys import Changes, RecordedKey, RepeatedKey

__all__ = ["Database", "PlanTable", "Slice", "part_of"]

Database = str | URL | Engine

_BLOCK = 2**13  # rows made together


@dataclass(frozen=True)
class Slice:
    """Some rows of a table, with all that other rows decide about them; it can be pickled.

    Args:
        start: the number of the first row.
        stop: the number after the last row.
        changes: for each compared unique key, the values that it changes in these rows; None if
            the keys are compared when the rows are made, which may come from row 0 on.
    """

    start: int
    stop: int
    changes: Sequence[Changes] | None


@dataclass(frozen=True)
class PlanTable:
    """The rows that a run of a plan would write to an empty table, made without writing them.

    Rows are numbered from 0. A row is the same in every slice.

    Args:
        filling: makes the rows of the first pass, of no more columns than are needed.
        later: the foreign keys of a second pass.
        names: the names of the columns to return, in the table's order.
        rows: the number of rows of the table.
        database: the database that is asked about CHECK constraints while rows are made; None if
            there are none that relate these columns.
    """

    filling: TableBlocks
    later: Sequence[Reference]
    names: Sequence[str]
    rows: int
    database: Database | None = None

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.filling.table.name

    @property
    def columns(self) -> list[Column]:
        """The columns that have values."""
        return [self.filling.table.columns[name] for name in self.names]

    def slices(self, bounds: Sequence[tuple[int, int]]) -> list[Slice]:
        """Return slices whose rows can be made apart from one another.

        If values of a unique key are compared with those of earlier rows, the values of the key in
        all these rows are drawn here once.

        Args:
            bounds: the first row of each slice and the row after its last one, within the table.

        Raises:
            OptionError: a slice is not within the table.
        """
        for start, stop in bounds:
            self._check(start, stop)
        if len(bounds) == 1 and bounds[0][0] == 0:
            return [Slice(0, bounds[0][1], None)]
        self._record.until(max((stop for _, stop in bounds), default=0))
        return [Slice(start, stop, self._record.within(start, stop)) for start, stop in bounds]

    def blocks(
        self, start: int = 0, stop: int | None = None, *, workers: int = 1
    ) -> Iterator[dict[str, list[Any]]]:
        """Yield rows, some thousand at a time, as values by column name.

        Args:
            start: the number of the first row, 0 or more.
            stop: the number after the last row, at most `rows`; None for `rows`.
            workers: the number of processes that draw, 1 to 256; it does not change the rows.

        Raises:
            OptionError: the rows are not within the table, or `workers` is out of range.
        """
        workers = check_count("workers", workers, least=1, below=257)
        stop = self.rows if stop is None else stop
        self._check(start, stop)
        return self.blocks_of(self.slices([(start, stop)])[0], workers=workers)

    def blocks_of(self, part: Slice, *, workers: int = 1) -> Iterator[dict[str, list[Any]]]:
        """Yield the rows of a slice, some thousand at a time, as values by column name.

        Args:
            part: the slice, from `slices`.
            workers: the number of processes that draw; it does not change the rows.
        """
        with _checked(self.filling, self.database) as checked:
            filling = _fresh(checked, part.changes)
            for block in _made(filling, part.start, part.stop, workers):
                for reference in self.later:
                    reference.fill(block, filling.first, reference.key.columns)
                yield {name: block.columns[name] for name in self.names}

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: not the record of unique keys, of which slices have parts."""
        return {name: value for name, value in vars(self).items() if name != "_record"}

    def _check(self, start: int, stop: int) -> None:
        check_count("stop", stop, below=self.rows + 1)
        check_count("start", start, below=stop + 1)

    @cached_property
    def _record(self) -> _Record:
        return _Record(self.filling, self.database, self.rows)


class _Record:
    """What the compared unique keys of a table change, recorded from row 0 on as far as needed."""

    def __init__(self, filling: TableBlocks, database: Database | None, rows: int) -> None:
        self._filling, self._database, self._rows = filling, database, rows
        self._keys: list[RecordedKey] | None = None
        self._done = 0

    def until(self, stop: int) -> None:
        """Record the rows before `stop`; all rows at once if the database is asked about keys."""
        if self._keys is None or stop > self._done:
            with _checked(self._filling, self._database) as filling:
                if self._keys is None:
                    self._begin(filling)
                stop = stop if self._database is None else self._rows
                for _ in _made(self._making, self._done, stop, 1) if self._keys else ():
                    pass
            self._done = stop

    def _begin(self, filling: TableBlocks) -> None:
        compared = {name for key in _fresh(filling).compared for name in key.columns}
        self._making = _fresh(part_of(filling, compared))
        self._keys = [RecordedKey(key) for key in self._making.compared]
        self._making.settling = self._keys

    def within(self, start: int, stop: int) -> list[Changes]:
        """Return the changes of some recorded rows, of each key."""
        return [key.within(start, stop) for key in self._keys or ()]


@contextmanager
def _checked(filling: TableBlocks, database: Database | None) -> Iterator[TableBlocks]:
    """Yield what makes rows that CHECK constraints accept, as long as the database is open."""
    if database is None:
        yield filling
        return
    with read_connection(database) as connection:
        yield replace(filling, checks=RowChecks(connection, filling.table, filling.columns))


def part_of(filling: TableBlocks, wanted: Collection[str]) -> TableBlocks:
    """Return what makes the same values of some columns, with no more columns than this needs.

    Args:
        filling: makes all columns.
        wanted: the names of the columns.
    """
    keys = [one.key for one in filling.references]
    checked = [check.columns for check in filling.checks.checks] if filling.checks else []
    needed = needed_columns(filling.table, filling.sources, keys, checked, wanted)
    part = replace(
        filling,
        sources={name: one for name, one in filling.sources.items() if name in needed},
        references=[one for one in filling.references if set(one.key.columns) <= needed],
    )
    if part.checks is None:
        return part
    left_out = set(filling.columns).difference(part.columns)
    kept = [name for name in filling.table.columns if name not in left_out]
    return replace(part, checks=part.checks.within(kept))


def _fresh(filling: TableBlocks, changes: Sequence[Changes] | None = None) -> TableBlocks:
    """Return the same with unique keys that hold no values yet, or that repeat their changes."""
    fresh = replace(filling)
    fresh.settle_keys(empty=True)
    if changes is not None:
        fresh.settling = [
            RepeatedKey(key.columns, one) for key, one in zip(fresh.compared, changes, strict=True)
        ]
    return fresh


def _made(filling: TableBlocks, start: int, stop: int, workers: int) -> Iterator[Block]:
    name = filling.table.name
    drawn: Mapping[str, Any] = {name: drawn_sources(filling.seed, name, filling.sources)}
    tasks = (Task(name, begin, min(begin + _BLOCK, stop)) for begin in range(start, stop, _BLOCK))
    for task, columns in draw_ahead(tasks, drawn, workers):
        yield filling.block(np.arange(task.start, task.stop, dtype=np.int64), columns)
