"""Sources of rows by number: texts of models, rows of a model, and a plan's table."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from faker_neural import OptionError, OptionValues, load

from ._arrow_types import array_of, type_of
from ._pyarrow import pa

if TYPE_CHECKING:
    from faker_neural.seeding import PlanTable

__all__ = ["Draw", "Numbered", "PlanRows", "RowTexts", "Source", "Texts", "model_name"]

_BATCH = 2**14  # rows of a batch of texts


class Source(ABC):
    """Rows numbered from 0; a row is the same in every slice."""

    rows: int
    """The number of rows."""

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The columns and their types."""

    def slices(self, bounds: Sequence[tuple[int, int]]) -> list[Any]:
        """Return slices that can be pickled and made apart from one another.

        Args:
            bounds: the first row of each slice and the row after its last one.
        """
        return list(bounds)

    def of(self, columns: Sequence[str]) -> Source:
        """Return the same rows with some of the columns.

        Args:
            columns: the names of the columns.

        Raises:
            OptionError: there is no such column.
        """
        names = self.schema.names
        if other := [name for name in columns if name not in names]:
            raise OptionError("columns", other[0], f"is no column; there are: {', '.join(names)}")
        return Chosen(self, tuple(columns))

    @abstractmethod
    def batches(self, part: Any, threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches.

        Args:
            part: a slice.
            threads: the number of threads or processes; it does not change the rows.
        """


def _within(part: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the first row and the number of rows of each batch of a slice."""
    start, stop = part
    for begin in range(start, stop, _BATCH):
        yield begin, min(_BATCH, stop - begin)


@dataclass(frozen=True)
class Draw:
    """How the texts of a column are drawn.

    Args:
        model: the name or the path of the model.
        seed: the seed of the column.
        options: see `faker_neural.Options`.
    """

    model: str
    seed: int
    options: OptionValues


@dataclass(frozen=True)
class Texts(Source):
    """Columns of texts, each of a model.

    Args:
        draws: how each column is drawn, by name.
        rows: the number of rows.
    """

    draws: Mapping[str, Draw]
    rows: int

    @property
    def schema(self) -> pa.Schema:
        """The columns, all of text."""
        return pa.schema([(name, pa.string()) for name in self.draws])

    def batches(self, part: tuple[int, int], threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        for start, count in _within(part):
            columns = [
                load(draw.model).generate(
                    count, seed=draw.seed, start=start, threads=threads, **draw.options
                )
                for draw in self.draws.values()
            ]
            yield pa.record_batch(
                [pa.array(texts, pa.string()) for texts in columns], schema=self.schema
            )


@dataclass(frozen=True)
class RowTexts(Source):
    """The columns of a model of rows.

    Args:
        model: the name or the path of the model.
        seed: the seed of the rows.
        rows: the number of rows.
        given: values of columns by name, which every row has.
        options: the options of whole rows.
    """

    model: str
    seed: int
    rows: int
    given: Mapping[str, str] = field(default_factory=dict)
    options: OptionValues = field(default_factory=lambda: cast(OptionValues, {}))

    @property
    def schema(self) -> pa.Schema:
        """The columns of the model, all of text."""
        names = [column.name for column in load(self.model).card.columns]
        return pa.schema([(name, pa.string()) for name in names])

    def batches(self, part: tuple[int, int], threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        schema = self.schema
        for start, count in _within(part):
            rows = load(self.model).rows(
                count,
                seed=self.seed,
                start=start,
                threads=threads,
                given=self.given,
                **self.options,
            )
            arrays = [pa.array([row[name] for row in rows], pa.string()) for name in schema.names]
            yield pa.record_batch(arrays, schema=schema)


@dataclass(frozen=True)
class PlanRows(Source):
    """The table of a seeding plan.

    Args:
        table: the table.
    """

    table: PlanTable

    @property
    def rows(self) -> int:  # type: ignore[override]
        """The number of rows."""
        return self.table.rows

    @property
    def schema(self) -> pa.Schema:
        """The columns that the plan fills."""
        return pa.schema([(column.name, type_of(column)) for column in self.table.columns])

    def slices(self, bounds: Sequence[tuple[int, int]]) -> list[Any]:
        """Return slices that can be pickled and made apart from one another."""
        return self.table.slices(bounds)

    def batches(self, part: Any, threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        for block in self.table.blocks_of(part, workers=threads):
            yield self.batch(block)

    def batch(self, block: Mapping[str, Sequence[Any]]) -> pa.RecordBatch:
        """Return a block of the table as a batch.

        Args:
            block: the values by column name.
        """
        arrays = [array_of(column, block[column.name]) for column in self.table.columns]
        return pa.record_batch(arrays, schema=self.schema)


@dataclass(frozen=True)
class Chosen(Source):
    """Some columns of another source.

    Args:
        source: the other source.
        names: the names of the columns.
    """

    source: Source
    names: Sequence[str]

    @property
    def rows(self) -> int:  # type: ignore[override]
        """The number of rows."""
        return self.source.rows

    @property
    def schema(self) -> pa.Schema:
        """The chosen columns."""
        return pa.schema([self.source.schema.field(name) for name in self.names])

    def slices(self, bounds: Sequence[tuple[int, int]]) -> list[Any]:
        """Return slices that can be pickled and made apart from one another."""
        return self.source.slices(bounds)

    def batches(self, part: Any, threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        for batch in self.source.batches(part, threads):
            yield batch.select(list(self.names))


@dataclass(frozen=True)
class Numbered(Source):
    """Another source with the number of each row as its first column.

    Args:
        source: the other source.
        name: the name of the column.

    Raises:
        OptionError: the other source has a column of this name.
    """

    source: Source
    name: str

    def __post_init__(self) -> None:
        if self.name in self.source.schema.names:
            raise OptionError("row_number", self.name, "is a column already; use another name")

    @property
    def rows(self) -> int:  # type: ignore[override]
        """The number of rows."""
        return self.source.rows

    @property
    def schema(self) -> pa.Schema:
        """The number of the row, then the columns of the other source."""
        return self.source.schema.insert(0, pa.field(self.name, pa.int64()))

    def slices(self, bounds: Sequence[tuple[int, int]]) -> list[Any]:
        """Return slices that can be pickled and made apart from one another."""
        parts = self.source.slices(bounds)
        return [(start, part) for (start, _), part in zip(bounds, parts, strict=True)]

    def batches(self, part: Any, threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        start, of_source = part
        schema = self.schema
        for batch in self.source.batches(of_source, threads):
            stop = start + batch.num_rows
            numbers = pa.array(range(start, stop), pa.int64())
            yield pa.record_batch([numbers, *batch.columns], schema=schema)
            start = stop


def model_name(model: str | os.PathLike[str]) -> str:
    """Return a model's name, or its path so that it is found from any folder.

    Args:
        model: a model's name, or the path of a model file.
    """
    text = os.fspath(model)
    is_path = not isinstance(model, str) or text.endswith(".onnx") or os.sep in text
    return str(Path(text).absolute()) if is_path else text
