"""The columns of a model of rows, and the text that stands for a row.

A row is one text: each column is a marker, a private-use character, and then the value. So a model
of rows is drawn from like any other model. The columns may come in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .training_lines import TrainingLines

__all__ = [
    "MOST_COLUMNS",
    "ColumnKind",
    "RowColumn",
    "has_marker",
    "join_row",
    "marker",
    "shown",
    "split_row",
]

MOST_COLUMNS = 256
_FIRST = 0xE000
_PART = re.compile(rf"([{chr(_FIRST)}-{chr(_FIRST + MOST_COLUMNS - 1)}])([^\ue000-\ue0ff]*)")

ColumnKind = Literal["text", "category"]


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of a model of rows.

    Args:
        name: the name of the column.
        kind: "category" if the column has only the values of the training data, each of them one
            token; "text" if it may have new values.
        max_length: the length of the longest training value, in characters.
        may_be_empty: whether the training data has empty cells.
        draws_first: whether this column is drawn before the others, because its values decide
            theirs.
        training_values: the training values, if none of them may come out; else an empty set.
        decides: for another column, a category, its values by which values of this column occur
            with that value alone: {"state": {"TX": ("75001", "75002")}}. A row in which they do
            not come together is rejected.
    """

    name: str
    kind: ColumnKind
    max_length: int
    may_be_empty: bool = False
    draws_first: bool = False
    training_values: TrainingLines = field(default_factory=TrainingLines)
    decides: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


def marker(column: int) -> str:
    """Return the character that begins a column.

    Args:
        column: the index of the column, 0 to 255.
    """
    return chr(_FIRST + column)


def has_marker(text: str) -> bool:
    """Return whether a text has a character that begins a column."""
    return _PART.search(text) is not None


def join_row(values: Sequence[str]) -> str:
    """Return the text of a row, with its columns in order.

    Args:
        values: the value of each column.
    """
    return "".join(marker(i) + value for i, value in enumerate(values))


def split_row(text: str) -> Iterable[tuple[int, str]]:
    """Yield the index and the value of each column of a row's text, in the order of the text.

    Args:
        text: the text of a row or of a part of a row.
    """
    for found in _PART.finditer(text):
        yield ord(found[1]) - _FIRST, found[2]


def shown(text: str) -> str:
    """Return a text as people see it: of a row, the values with " | " between them.

    Args:
        text: any text, or the text of a row with its columns in any order.
    """
    return " | ".join(value for _, value in sorted(split_row(text))) or text
