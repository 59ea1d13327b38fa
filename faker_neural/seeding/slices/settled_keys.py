"""What a unique key changes in the rows of a table, recorded once and repeated in any slice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faker_neural.seeding.keys.unique import Block, UniqueKey

__all__ = ["Changes", "RecordedKey", "RepeatedKey"]

Changes = Mapping[int, Mapping[str, Any]]
"""The new values of rows by row number and column."""


class RecordedKey:
    """A unique key that notes which values it changes; blocks must come from the first row on.

    Args:
        key: the unique key.
    """

    def __init__(self, key: UniqueKey) -> None:
        self._key = key
        self._rows: list[int] = []  # ascending
        self._changes: dict[int, dict[str, Any]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        return self._key.columns

    def settle(self, block: Block) -> None:
        """Settle the key and note the values that it changes.

        Args:
            block: the rows; changed in place.
        """
        before = {name: list(cells) for name, cells in block.columns.items()}
        self._key.settle(block)
        found: dict[int, dict[str, Any]] = {}
        for name, cells in block.columns.items():
            for row, new, old in zip(block.rows.tolist(), cells, before[name], strict=True):
                if new is not old:
                    found.setdefault(row, {})[name] = new
        self._rows += sorted(found)
        self._changes |= found

    def within(self, start: int, stop: int) -> Changes:
        """Return the noted changes of some rows.

        Args:
            start: the first row.
            stop: the row after the last one.
        """
        kept = self._rows[bisect_left(self._rows, start) : bisect_left(self._rows, stop)]
        return {row: self._changes[row] for row in kept}


@dataclass(frozen=True)
class RepeatedKey:
    """A unique key that repeats recorded changes; blocks may come in any order.

    Args:
        columns: the names of the key's columns.
        changes: the recorded changes, of these rows at least.
    """

    columns: tuple[str, ...]
    changes: Changes

    def settle(self, block: Block) -> None:
        """Set the recorded values.

        Args:
            block: the rows; changed in place.
        """
        for place, row in enumerate(block.rows.tolist() if self.changes else ()):
            for name, value in self.changes.get(row, {}).items():
                block.columns[name][place] = value
