"""A table of a seeding plan as a source of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .installed import pa
from .sources import Source
from .types import array_of, type_of

if TYPE_CHECKING:
    from faker_neural.seeding import PlanTable

__all__ = ["PlanRows"]


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
