"""A source of rows by number, and what can be done with any."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from faker_neural import OptionError

from .installed import pa

__all__ = ["Chosen", "Numbered", "Source"]


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
