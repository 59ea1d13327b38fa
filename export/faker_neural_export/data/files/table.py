"""A table as its readers return it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Table", "pick"]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file, of which only those that are asked for are kept.

    Args:
        names: the names of the columns.
        columns: returns the cells of the columns at some positions, an empty cell as "".
    """

    names: Sequence[str]
    columns: Callable[[Sequence[int]], list[list[str]]]


def pick(rows: Iterable[Sequence[str]], places: Sequence[int]) -> list[list[str]]:
    """Return the cells of some columns.

    Args:
        rows: the cells of each row.
        places: the positions of the columns in a row.
    """
    columns: list[list[str]] = [[] for _ in places]
    for row in rows:
        for column, place in zip(columns, places, strict=True):
            column.append(row[place])
    return columns
