"""The Spark data source: batches of rows, and a stream of them at a rate."""

from __future__ import annotations

import pickle
import socket
import time
from collections.abc import Iterable, Iterator, Sequence

import pyspark
from pyspark.sql.datasource import (
    DataSource,
    DataSourceReader,
    DataSourceStreamReader,
    EqualNullSafe,
    EqualTo,
    Filter,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    InputPartition,
    IsNotNull,
    LessThan,
    LessThanOrEqual,
)
from pyspark.sql.types import StructType

from faker_neural import MissingFileError, ModelFileError, OptionError, UnknownModelError
from faker_neural.integrations._arrow.installed import pa
from faker_neural.integrations._arrow.sources import Source

from .installed import Portable, check_version, pickled
from .options import SourceOptions, read_options
from .types import for_spark, struct_of

__all__ = ["FORMAT", "NeuralDataSource"]

FORMAT = "faker_neural"
_STREAMS = "4.2"  # the first Spark whose stream readers are told where they are


class NeuralDataSource(Portable, DataSource):
    """The format "faker_neural": texts of a model, rows of a model, or a table of a plan."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return FORMAT

    def schema(self) -> StructType:
        """Return the columns and their types."""
        stream = "rows" not in self.options
        return struct_of(read_options(self.options, stream=stream).source.schema)

    def reader(self, schema: StructType) -> DataSourceReader:
        """Return a reader of batches.

        Args:
            schema: the columns to read; fewer than all, if the user gave them.
        """
        read = read_options(self.options, schema.names)
        _check_schema(read.source, schema)
        return (_FilteredReader if read.filtered else _Reader)(read, schema)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:  # noqa: N802
        """Return a reader of a stream.

        Args:
            schema: the columns to read.
        """
        check_version(pyspark.__version__, _STREAMS)
        read = read_options(self.options, schema.names, stream=True)
        _check_schema(read.source, schema)
        return _StreamReader(read, schema)


def _check_schema(source: Source, schema: StructType) -> None:
    """Check the types of a schema that the user gave."""
    ours = {field.name: field.dataType for field in struct_of(source.schema)}
    for field in schema:
        if field.dataType != ours[field.name]:
            given = f"{field.name} {field.dataType.simpleString()}"
            rule = f"must be {field.name} {ours[field.name].simpleString()}"
            raise OptionError("schema", given, rule)


class _Slices(Portable):
    """Makes slices of rows on executors.

    Args:
        read: the options.
        schema: the columns, in the order that Spark wants.
    """

    def __init__(self, read: SourceOptions, schema: StructType) -> None:
        self._options, self._source, self._names = read, read.source, schema.names
        self._start, self._stop = read.start, read.stop

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a partition.

        Args:
            partition: one of `partitions`.
        """
        if partition.value is None:  # Spark's own partition, in the place of none
            return
        try:
            for batch in self._source.batches(pickle.loads(partition.value)):
                yield for_spark(batch, self._names)
        except (MissingFileError, ModelFileError, UnknownModelError) as error:
            hint = "every machine needs the model file, at the same path"
            raise MissingFileError(f"executor {socket.gethostname()}", f"{error}; {hint}") from None

    def _slices(self, start: int, stop: int) -> list[InputPartition]:
        bounds = self._options.bounds(start, stop) if start < stop else []
        return [InputPartition(pickled(part)) for part in self._source.slices(bounds)]


class _Reader(_Slices, DataSourceReader):
    """Reads all rows."""

    def partitions(self) -> Sequence[InputPartition]:
        """Return the slices of the rows."""
        return self._slices(self._start, self._stop)


class _FilteredReader(_Reader):
    """Reads the rows whose numbers a filter leaves.

    It is for a read that is used once: Spark 4.3 keeps the rows of a filter for the next use of the
    same data frame, also for one without the filter.
    """

    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:  # noqa: N802
        """Limit the rows by filters on their number.

        Args:
            filters: the filters, which hold together.

        Returns:
            The filters that Spark must apply itself.
        """
        return [one for one in filters if not self._take(one)]

    def _take(self, one: Filter) -> bool:
        """Limit the rows by a filter; return whether it is applied in full."""
        if getattr(one, "attribute", None) != (self._options.filtered,):
            return False
        if isinstance(one, IsNotNull):
            return True
        if isinstance(one, In):
            numbers = [value for value in one.value if value is not None]
            self._limit(min(numbers, default=0), max(numbers, default=-1) + 1)
            return False
        low, high = _LIMITS.get(type(one), (None, None))
        value = getattr(one, "value", None)
        if not isinstance(value, int) or low is high:
            return False
        start = self._start if low is None else value + low
        self._limit(start, self._stop if high is None else value + high)
        return True

    def _limit(self, start: int, stop: int) -> None:
        self._start, self._stop = max(self._start, start), min(self._stop, stop)


_LIMITS: dict[type[Filter], tuple[int | None, int | None]] = {
    EqualTo: (0, 1),
    EqualNullSafe: (0, 1),
    GreaterThan: (1, None),
    GreaterThanOrEqual: (0, None),
    LessThan: (None, 0),
    LessThanOrEqual: (None, 1),
}
"""What a filter adds to its value to get the first row, and the row after the last one."""


class _StreamReader(_Slices, DataSourceStreamReader):
    """Makes rows at a rate, from where the stream was left."""

    _begun: tuple[float, int] | None = None  # when the first rows were asked for, and from where

    def initialOffset(self) -> dict[str, int]:  # noqa: N802
        """Return the place of the first row."""
        return {"row": self._start}

    def latestOffset(self, start: dict[str, int], limit: object) -> dict[str, int]:  # noqa: N802
        """Return the place up to which there are rows now.

        Args:
            start: the place up to which rows are read.
            limit: how many rows Spark wants at most.
        """
        now = time.monotonic()
        self._begun = self._begun or (now, start["row"])
        since, first = self._begun
        due = first + int((now - since) * self._options.rows_per_second)
        most = start["row"] + getattr(limit, "max_rows", self._stop)
        return {"row": max(start["row"], min(due, most, self._stop))}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        """Return the slices of new rows.

        Args:
            start: the place of the first row.
            end: the place after the last row.
        """
        return self._slices(start["row"], end["row"])

    def commit(self, end: dict[str, int]) -> None:
        """Do nothing: rows can be made again at any time.

        Args:
            end: the place up to which rows are done with.
        """
