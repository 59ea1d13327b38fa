"""Columns whose value decides the value of another column, as a zip code decides its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from faker_neural._model_file.row_columns import RowColumn, split_row
from faker_neural_export.vocabulary.rows import has_value_tokens

__all__ = ["with_dependencies"]

_LEAST_LAMBDA = 0.95
_FEWEST = 20  # rows whose value occurs in other rows too


def with_dependencies(rows: Sequence[str], columns: Sequence[RowColumn]) -> tuple[RowColumn, ...]:
    """Return the columns, each with the categories that its values decide; see `RowColumn.decides`.

    A column decides another one if, among the rows whose value is not unique, Goodman and Kruskal's
    lambda is 0.95 or more (Goodman and Kruskal, Measures of association for cross classifications,
    1954): to guess the other column, one errs at most 5 % as often when the value is known. A
    value that occurs with several values of the other column decides nothing.

    Args:
        rows: the texts of the training rows.
        columns: the columns.
    """
    table = [dict(split_row(row)) for row in rows]
    cells = [[row[i] for row in table] for i in range(len(columns))]
    whole = [has_value_tokens(*one) for one in zip(columns, cells, strict=True)]
    return tuple(
        replace(
            column,
            decides={
                other.name: found
                for j, other in enumerate(columns)
                if whole[i] and i != j and other.kind == "category"
                if (found := _decided(cells[i], cells[j]))
            },
        )
        for i, column in enumerate(columns)
    )


def _decided(values: Sequence[str], others: Sequence[str]) -> dict[str, list[str]]:
    """Return each value of a column with the values of another one that occur with it alone.

    Args:
        values: the values of the column that may decide.
        others: the values of the other column in the same rows.
    """
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for value, other in zip(values, others, strict=True):
        if value:
            together[value][other] += 1
    repeated = [counts for counts in together.values() if counts.total() > 1]
    known = Counter[str]()
    for counts in repeated:
        known.update(counts)
    rows = known.total()
    guessed = sum(max(counts.values()) for counts in repeated)
    errors = rows - max(known.values(), default=0)  # without knowing the value
    if rows < _FEWEST or errors == 0 or 1 - (rows - guessed) / errors < _LEAST_LAMBDA:
        return {}
    decided: dict[str, list[str]] = defaultdict(list)
    for value in sorted(together):
        if len(together[value]) == 1:
            decided[next(iter(together[value]))].append(value)
    return {other: decided[other] for other in sorted(decided)}
