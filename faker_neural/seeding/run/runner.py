"""The steps of a run: makes rows block by block and writes them, at once or in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from faker_neural import PlanError
from faker_neural._options import check_count
from faker_neural.seeding.keys.parent_keys import STREAMED
from faker_neural.seeding.keys.unique import Block
from faker_neural.seeding.plan.order import Order, insertion_order
from faker_neural.seeding.plan.plan import Plan
from faker_neural.seeding.schema.schema import ForeignKey, Schema, Table
from faker_neural.seeding.values.counted import SequenceSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.writing.database_writers import RefusedRowError
from faker_neural.seeding.writing.orphans import check_references
from faker_neural.seeding.writing.refusals import refusal
from faker_neural.seeding.writing.writer import Writer

from .checked_rows import RowChecks
from .interrupt import deferred_sigint
from .journal import Entry, Journal
from .prefetch import Task, draw_ahead, drawn_sources
from .references import References
from .table_rows import TableBlocks

__all__ = ["CheckedPlan", "Monitor", "RunSettings", "RunSteps", "count_rows"]

_BLOCK = 2_000  # rows made and written together
_PARALLEL = 20_000  # drawn values that repay the half second in which processes start
_REFERRED = 10_000  # rows of a parent table made for a preview of its children

Monitor = Callable[[str, int, int], None]
"""Called with the name of a table, its rows written so far and its number of rows."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of a run.

    Args:
        append: whether the rows continue the rows in each table; they are then the rows that a
            larger first run would have written. Otherwise they are the first rows of the plan.
        chunk: the number of rows between commits, 1 or more; a stopped run can be continued. None
            for one transaction.
        truncate: the tables to empty first.
        workers: the number of processes that draw, 1 to 256; with 1 this process draws.
        most: the largest number of rows to make of each table; None for all rows. Up to 10,000
            are made if other tables need the keys.
        monitor: is called with the progress.

    Raises:
        OptionError: `chunk` or `workers` is out of range.
    """

    append: bool = False
    chunk: int | None = None
    truncate: Sequence[str] = ()
    workers: int = 1
    most: int | None = None
    monitor: Monitor = lambda table, done, rows: None

    def __post_init__(self) -> None:
        check_count("workers", self.workers, least=1, below=257)
        if self.chunk is not None:
            check_count("chunk", self.chunk, least=1)


@dataclass(frozen=True)
class CheckedPlan:
    """A plan that fits a database, with all that a run needs.

    Args:
        schema: the schema of the database.
        plan: the plan, including the foreign keys that the user left out.
        sources: the sources by table and column.
        order: the order of the tables.
        journal: the progress so far; empty unless a stopped run is continued.
        counts: the number of rows in each table now.
    """

    schema: Schema
    plan: Plan
    sources: Mapping[str, Mapping[str, Source]]
    order: Order
    journal: Journal
    counts: Mapping[str, int]


def count_rows(
    connection: Connection, schema: Schema, tables: Sequence[str] | Mapping[str, Any]
) -> dict[str, int]:
    """Return the number of rows in each table, by table name.

    Args:
        connection: a connection to the database.
        schema: the schema of the database.
        tables: the names of the tables.
    """
    return {
        name: connection.execute(
            select(func.count()).select_from(schema.tables[name].sql)
        ).scalar_one()
        for name in tables
    }


class RunSteps:
    """The steps of a run: `fill`, `fill_later`, `restart_sequences` and `end`, in this order.

    Args:
        connection: a connection to the database.
        writer: the writer of the rows.
        prepared: the plan and all that a run needs.
        settings: the settings of the run.
        committed: is updated with the number of committed rows of each table.

    Raises:
        PlanError: a foreign key cannot be filled, or a sequence leaves the range of its column.
    """

    def __init__(
        self,
        connection: Connection,
        writer: Writer,
        prepared: CheckedPlan,
        settings: RunSettings,
        committed: dict[str, int],
    ) -> None:
        self._connection, self._writer, self._settings = connection, writer, settings
        self._committed, self._suspended = committed, dict[ForeignKey, Table]()
        self._schema, self._plan = prepared.schema, prepared.plan
        self._order, self._journal = prepared.order, prepared.journal
        self._sources = {name: dict(sources) for name, sources in prepared.sources.items()}
        self._chunk = settings.chunk if prepared.journal.kept else None
        self._references = References(
            connection,
            dry=writer.dry,
            schema=self._schema,
            plan=self._plan,
            order=self._order,
            journal=self._journal,
            sources=self._sources,
            truncated=settings.truncate,
        )
        if not self._journal.entries:
            self._begin(prepared.counts)
        self._note_committed()
        for name, entry in self._journal.entries.items():
            for column, start in entry.starts.items():
                source = self._sources[name][column]
                assert isinstance(source, SequenceSource)
                self._sources[name][column] = source.starting(start, entry.first)

    def written(self) -> dict[str, int]:
        """Return the number of rows that the plan has for each table, by table name."""
        return {name: self._plan.rows_of(name) for name in self._order.tables}

    def fill(self) -> None:
        """Write all rows, with NULL in the foreign keys that the second pass fills."""
        drawn = {
            name: drawn_sources(self._plan.seed, name, self._sources[name])
            for name in self._order.tables
        }
        tasks = list(self._tasks())
        left = sum((task.stop - task.start) * len(drawn[task.table]) for task in tasks)
        workers = self._settings.workers if left >= _PARALLEL else 1
        filling: TableBlocks | None = None
        if tasks:
            self._tell(tasks[0].table)  # before its rows are drawn
        for task, columns in draw_ahead(tasks, drawn, workers):
            if filling is None or filling.table.name != task.table:
                filling = self._filling(task.table)
                self._tell(task.table)
            self._write(filling, task, columns)

    def fill_later(self) -> None:
        """Fill the foreign keys that had to wait for their parents: the second pass."""
        for name in self._order.tables:
            keys = [key for key in self._references.later if key.table == name]
            if keys and self._plan.rows_of(name):
                self._fill_later(self._schema.tables[name], keys)

    def restart_sequences(self) -> None:
        """Let PostgreSQL's sequences continue after the largest number of their columns."""
        for name, entry in self._journal.entries.items():
            table = self._schema.tables[name]
            for column in entry.starts:
                if self._schema.dialect == "postgresql" and table.columns[column].default:
                    self._writer.restart(table, column)

    def resume_checks(self) -> None:
        """Let the database check the suspended foreign keys again, after a check of all rows.

        Raises:
            DatabaseError: a row refers to no parent.
        """
        if not self._suspended:
            return
        if not self._writer.dry:
            tables = [self._schema.tables[name] for name in self._order.tables]
            check_references(self._connection, self._schema, tables)
        self._writer.resume(self._suspended)

    def _suspend(self, order: Order) -> None:
        keys = {key: self._schema.tables[key.table] for key in order.suspended}
        new = {key: table for key, table in keys.items() if key not in self._suspended}
        if new:
            self._writer.suspend(new)
            self._suspended |= new

    def end(self) -> None:
        """Commit and drop the journal; in a dry run roll back."""
        if self._writer.dry:
            self._connection.rollback()
        else:
            with deferred_sigint():  # so that the noted rows are the committed rows
                self._connection.commit()
                self._note_committed()
            self._journal.drop(self._connection)
            self._connection.commit()

    def _begin(self, counts: Mapping[str, int]) -> None:
        truncated, append = self._settings.truncate, self._settings.append
        if self._order.deferred and self._journal.kept:
            key = self._order.deferred[0]
            problem = f"{key}: is checked when all is written, which a run in chunks cannot"
            raise PlanError(self._plan.name, [problem])
        entries = {  # before any change, because _starts may raise
            name: Entry(counts[name] if append and name not in truncated else 0, self._starts(name))
            for name in self._order.tables
        }
        if self._journal.kept:
            self._connection.commit()  # ends the transaction that has read the tables
            self._journal.create(self._connection)
        if self._order.deferred:
            self._writer.defer()
            self._suspend(self._order)
        self._truncate()
        self._journal.begin(self._connection, entries)
        if self._journal.kept:
            self._connection.commit()

    def _truncate(self) -> None:
        named = {name: self._schema.tables[name] for name in self._settings.truncate}
        order = insertion_order(named, "truncate", defer=self._plan.defer_constraints)
        if order.deferred:
            self._writer.defer()
            self._suspend(order)
        for name in order.tables:
            loose = [
                column
                for key in named[name].foreign_keys
                if key in order.later or key.parent == name
                for column in key.columns
                if named[name].columns[column].nullable
            ]
            if loose:
                self._writer.empty(named[name], loose)
        for name in reversed(order.tables):
            self._writer.delete(named[name])

    def _starts(self, name: str) -> dict[str, int]:
        """Return the first number of each sequence: its start, or past its column's largest."""
        starts = {}
        for column, source in self._sources[name].items():
            if isinstance(source, SequenceSource):
                largest = None
                if name not in self._settings.truncate:
                    largest = self._largest(self._schema.tables[name], column)
                start = source.start
                starts[column] = start if largest is None else max(start, largest + source.step)
                self._check_reach(name, column, source.starting(starts[column], 0))
        return starts

    def _largest(self, table: Table, column: str) -> int | None:
        cell = table.sql.c[column]
        if table.columns[column].kind != "text":
            largest = self._connection.execute(select(func.max(cell))).scalar_one()
            return None if largest is None else int(largest)
        texts = self._connection.execute(select(cell), execution_options=STREAMED).scalars()
        return max((int(text) for text in texts if text and text.isdecimal()), default=None)

    def _check_reach(self, name: str, column: str, source: SequenceSource) -> None:
        rows = self._plan.rows_of(name)
        try:
            source.at(np.array([0, max(0, rows - 1)]))
        except ValueError as error:
            problem = f"{name}.{column}: a sequence of {rows:,} more rows {error}"
            raise PlanError(self._plan.name, [problem]) from None

    def _tasks(self) -> Iterator[Task]:
        size = min(_BLOCK, self._chunk or _BLOCK)
        for name in self._order.tables:
            entry, rows = self._journal.entries[name], self._plan.rows_of(name)
            if self._settings.most is not None:
                referred = self._references.kept(name)
                rows = min(rows, _REFERRED if referred else self._settings.most)
            begin, end = entry.first + entry.done, entry.first + rows
            while begin < end:
                room = size
                if self._chunk is not None:  # a block does not cross the end of a chunk
                    room = min(size, self._chunk - (begin - entry.first) % self._chunk)
                stop = min(begin + room, end)
                yield Task(name, begin, stop)
                begin = stop

    def _filling(self, name: str) -> TableBlocks:
        table, entry = self._schema.tables[name], self._journal.entries[name]
        filling = TableBlocks(
            table,
            self._plan.tables[name],
            self._plan.seed,
            self._sources[name],
            self._references.of(table),
            entry.first,
        )
        if table.checks:
            filling.checks = RowChecks(self._connection, table, filling.columns)
        there = self._count(table)
        filling.settle_keys(empty=there == entry.done)
        for key in filling.compared if there else ():
            cells = [table.sql.c[column] for column in key.columns]
            found = self._connection.execute(select(*cells), execution_options=STREAMED)
            for part in found.partitions(_BLOCK):
                key.seen.add(np.unique(key.hashes(row for row in part if None not in row)))
        return filling

    def _count(self, table: Table) -> int:
        if self._writer.dry and table.name in self._settings.truncate:
            return 0
        return count_rows(self._connection, self._schema, [table.name])[table.name]

    def _write(self, filling: TableBlocks, task: Task, columns: dict[str, list[Any]]) -> None:
        name, rows = task.table, np.arange(task.start, task.stop, dtype=np.int64)
        block, names = filling.block(rows, columns), filling.columns
        cells = [block.columns[column] for column in names]
        try:
            self._writer.insert(filling.table, names, zip(*cells, strict=True))
        except RefusedRowError as error:
            row = {column: block.columns[column][error.place] for column in names}
            number = task.start + error.place
            raise refusal(filling.table, number, row, error.cause) from error.cause
        self._references.add(name, block.columns)
        entry = self._journal.entries[name]
        entry.done = task.stop - entry.first
        self._journal.save(self._connection, name)
        self._tell(name)
        self._commit_chunk(entry.done, self._plan.rows_of(name))

    def _tell(self, name: str) -> None:
        self._settings.monitor(name, self._journal.entries[name].done, self._plan.rows_of(name))

    def _fill_later(self, table: Table, keys: Sequence[ForeignKey]) -> None:
        column, by_row = self._references.row_key(table.name)
        references = [self._references.of_later(key) for key in keys]
        names = [name for key in keys for name in key.columns]
        entry, count = self._journal.entries[table.name], self._plan.rows_of(table.name)
        size = min(_BLOCK, self._chunk or _BLOCK)
        if self._settings.most is not None:
            count = min(count, self._settings.most)
        for start in range(entry.filled, count, size):
            stop = min(start + size, count)
            rows = entry.first + np.arange(start, stop, dtype=np.int64)
            block = Block(rows, {})
            for reference in references:
                reference.fill(block, entry.first, reference.key.columns)
            cells = [block.columns[name] for name in names]
            self._writer.update(table, column, names, zip(*cells, by_row(rows), strict=True))
            entry.filled = stop
            self._journal.save(self._connection, table.name)
            self._tell(table.name)
            self._commit_chunk(stop, count)

    def _commit_chunk(self, done: int, rows: int) -> None:
        if self._chunk is None or (done % self._chunk and done != rows):
            return
        with deferred_sigint():  # so that the noted rows are the committed rows
            self._connection.commit()
            self._note_committed()

    def _note_committed(self) -> None:
        entries = self._journal.entries.items()
        self._committed.update({name: entry.done for name, entry in entries if entry.done})
