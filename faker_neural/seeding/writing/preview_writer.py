"""Keeps rows in memory for a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from faker_neural.seeding.schema.schema import ForeignKey, Table

from .writer import Row, Writer

__all__ = ["PreviewWriter"]


class PreviewWriter(Writer):
    """Keeps the first rows of each table in memory.

    Args:
        most: the largest number of rows of each table.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def insert(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Keep rows until the table has `most` rows."""
        kept = self.rows.setdefault(table.name, [])
        wanted = islice(rows, self._most - len(kept))
        kept += [dict(zip(columns, row, strict=True)) for row in wanted]

    def update(self, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Update columns of the kept rows."""
        kept = {row[key]: row for row in self.rows.get(table.name, [])}
        for *values, of in rows:
            if of in kept:
                kept[of].update(zip(columns, values, strict=True))

    def defer(self) -> None:
        """Do nothing."""

    def suspend(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Do nothing."""

    def resume(self, keys: Mapping[ForeignKey, Table]) -> None:
        """Do nothing."""

    def empty(self, table: Table, columns: Sequence[str]) -> None:
        """Do nothing."""

    def delete(self, table: Table) -> None:
        """Do nothing."""

    def restart(self, table: Table, column: str) -> None:
        """Do nothing."""
