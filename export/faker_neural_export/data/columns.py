"""Columns of text, read from plain text, from table files or from a database."""

from __future__ import annotations

import itertools
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from faker_neural import ColumnError
from faker_neural._model_file.row_columns import (
    MOST_COLUMNS,
    RowColumn,
    has_marker,
    join_row,
)
from faker_neural._model_file.training_lines import TrainingLines
from faker_neural_export.vocabulary.rows import FEW_WORDS

from .database_table import DatabaseTable
from .files.column_file import ColumnFile

__all__ = ["Column", "Source", "as_source", "read_column", "read_rows", "read_values"]

Source = ColumnFile | DatabaseTable

HELD_OUT_ONE_IN = 10
FEWEST_OF_A_LABEL = 10
_MOST_CATEGORIES = 4_000  # distinct values of a category
_ONCE = 0.9  # share of different values in a column that names its rows
_LONGEST_CATEGORY = 250  # characters; a value is one token


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column, stripped of white space at both ends.

    Empty values are left out; duplicates are kept.

    Args:
        path: the file or the database table of the column; it has a `name`.
        values: the values, in the order of the file.
        labels: the label of each value, "" for none; empty if the column has no labels.
        columns: if the values are the texts of rows, the columns of these rows; else empty.
    """

    path: Path | Source
    values: tuple[str, ...]
    labels: tuple[str, ...] = ()
    columns: tuple[RowColumn, ...] = ()

    def split(self) -> tuple[list[str], list[str]]:
        """Return the values of the training split and of the held-out split; see `sides`."""
        learn, held_out = self.sides()
        return list(learn.values), list(held_out.values)

    def sides(self) -> tuple[Column, Column]:
        """Return the training split and the held-out split.

        About a tenth of the distinct values is held out. The CRC-32 of a value decides its split.
        So equal values are in the same split, and values keep their split when the file grows. If a
        split would be empty, the value with the lowest CRC-32 is held out alone.
        """
        sums = {value: zlib.crc32(value.encode()) for value in self.values}
        held_out = {value for value in sums if sums[value] % HELD_OUT_ONE_IN == 0}
        if not held_out or len(held_out) == len(sums):
            held_out = {min(sums, key=lambda value: (sums[value], value))}
        kept = [value in held_out for value in self.values]
        return self._where(not there for there in kept), self._where(kept)

    @property
    def distinct_labels(self) -> tuple[str, ...]:
        """Return the distinct labels, sorted, without ""."""
        return tuple(sorted(set(filter(None, self.labels))))

    def fingerprint(self) -> str:
        """Return the number of values and a CRC-32 of values, labels and columns, as one text."""
        columns = (f"{one.name} {one.kind} {bool(one.training_values)}" for one in self.columns)
        content = chr(0).join((*self.values, *self.labels, *columns))
        return f"{len(self.values)} values, crc32 {zlib.crc32(content.encode())}"

    def _where(self, kept: Iterable[bool]) -> Column:
        kept = list(kept)
        values, labels = (
            tuple(itertools.compress(cells, kept)) for cells in (self.values, self.labels)
        )
        return Column(self.path, values, labels, self.columns)


def read_column(
    path: str | os.PathLike[str],
    name: str | None = None,
    *,
    label: str | None = None,
    max_length: int = 1000,
    prepare: Callable[[str], str] = str,
) -> Column:
    """Read a column of text and, if asked for, the column of its labels.

    Args:
        path: a plain text file with one value per line (.txt or no ending); a .csv, .tsv, .jsonl,
            .ndjson, .xlsx or .parquet file; "-" for standard input; a `ColumnFile`, which has
            options; or a `DatabaseTable`.
        name: the column to read; None for plain text, or for a file with one column.
        label: the column of labels, for a table. A label with fewer than 10 values is left out,
            as is an empty cell; the value is kept without a label.
        max_length: the maximum length of a value, in characters.
        prepare: the function that prepares each value, after white space is removed from its ends.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file, the column or the labels cannot be read; a value is too long or has a
            line break; there are fewer than two distinct values; or all labels have too few.
        DatabaseError: the database cannot be read.
        OptionError: an option of a `ColumnFile` has no meaning for its kind of file.
        MissingExtraError: the library that reads the file or the database is not installed.
    """
    path = as_source(path)
    if label is not None and path.is_plain:
        raise ColumnError(path, f"is plain text and has no column {label!r} of labels")
    cells, *of_labels = path.values([name] if label is None else [name, label], cells=True)
    values = [prepare(value.strip()) for value in cells]
    _check_values(path, values, max_length)
    labels = _labels(path, of_labels[0], values) if of_labels else ()
    kept, beside = (tuple(itertools.compress(cells, values)) for cells in (values, labels))
    return Column(path, kept, beside)


def _check_values(path: Source, values: Sequence[str], max_length: int, where: str = "") -> None:
    for row, value in enumerate(values, start=1):
        if len(value) > max_length:
            raise ColumnError(
                path,
                f"{where}value {row} has {len(value)} characters; the limit is "
                f"max_length={max_length}",
            )
        if len(value.splitlines()) > 1:
            raise ColumnError(
                path,
                f"{where}value {row} has a line break, {_around_break(value)!r}; a value is one "
                "line: put spaces there, or learn it as running text",
            )
    distinct = set(filter(None, values))
    if len(distinct) < 2:
        found = f"one distinct value, {min(distinct)!r}" if distinct else "no values"
        what = where or "the column "
        raise ColumnError(path, f"{what}has {found}; there must be at least two")


def read_rows(
    path: str | os.PathLike[str],
    names: Sequence[str],
    *,
    max_length: int = 1000,
    private: Sequence[str] = (),
    prepare: Callable[[str], str] = str,
) -> Column:
    """Read several columns of a table as rows.

    A column is a category if it has few distinct values: at most 4,000, and at most a quarter of
    the number of rows.

    Args:
        path: a table; see `read_column`.
        names: the columns, two or more.
        max_length: the maximum length of a value, in characters.
        private: columns of which no training value may come out.
        prepare: the function that prepares each value, after white space is removed from its ends.

    Returns:
        The rows as texts, see `row_columns`, with their columns. Rows of empty cells are left out.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file or a column cannot be read, a column is named twice, a value is too
            long or has a line break or a private-use character, or a column has fewer than two
            distinct values.
        DatabaseError: the database cannot be read.
        OptionError: an option of a `ColumnFile` has no meaning for its kind of file.
        MissingExtraError: the library that reads the file or the database is not installed.
    """
    path = as_source(path)
    if path.is_plain:
        raise ColumnError(path, f"is plain text and has no columns {', '.join(names)}")
    _check_names(path, names, private)
    found = path.values(names, cells=True)
    table = [
        row
        for row in zip(*([prepare(v.strip()) for v in values] for values in found), strict=True)
        if any(row)
    ]
    cells = list(zip(*table, strict=True)) or [()] * len(names)
    columns = []
    for name, values in zip(names, cells, strict=True):
        where = f"column {name!r}: "
        _check_values(path, values, max_length, where)
        if broken := next((value for value in values if has_marker(value)), None):
            raise ColumnError(path, f"{where}{broken!r} has a private-use character")
        columns.append(_row_column(name, values, name in private))
        if columns[-1].kind == "text" and not private and len(set(values)) > _ONCE * len(values):
            path.tell(
                f"most values of {name} occur once, so a row would pair a known {name} with other "
                f"cells; --private {name} draws new ones that fit them better"
            )
    first = _drawn_first(cells)
    columns[first] = replace(columns[first], draws_first=True)
    return Column(path, tuple(map(join_row, table)), columns=tuple(columns))


def _drawn_first(cells: Sequence[Sequence[str]]) -> int:
    """Return the column that best decides the others: the most different values of few words.

    A zip code or a city decides its state; a street of three words decides nothing.
    """
    words = [sum(len(value.split()) for value in values) / len(values) for values in cells]
    short = [i for i, count in enumerate(words) if count < FEW_WORDS]
    if not short:
        return words.index(min(words))
    return max(short, key=lambda i: len(set(cells[i])))


def _check_names(path: Source, names: Sequence[str], private: Sequence[str]) -> None:
    if repeated := next((name for name, count in Counter(names).items() if count > 1), None):
        raise ColumnError(path, f"column {repeated!r} is named twice")
    if not 2 <= len(names) <= MOST_COLUMNS:
        raise ColumnError(path, f"rows need 2 to {MOST_COLUMNS} columns, not {len(names)}")
    if unknown := next((name for name in private if name not in names), None):
        raise ColumnError(path, f"column {unknown!r} is private, but not among {', '.join(names)}")


def _row_column(name: str, values: Sequence[str], private: bool) -> RowColumn:
    distinct = set(filter(None, values))
    few = len(distinct) <= min(_MOST_CATEGORIES, len(values) // 4) and not private
    longest = max(map(len, values))
    return RowColumn(
        name=name,
        kind="category" if few and longest < _LONGEST_CATEGORY else "text",
        max_length=longest,
        may_be_empty="" in values,
        training_values=TrainingLines.of(distinct if private else []),
    )


def _around_break(value: str) -> str:
    before, after = value.splitlines()[:2]
    return f"{before[-10:]}\n{after[:10]}"


def _labels(path: Source, cells: Sequence[str], values: Sequence[str]) -> tuple[str, ...]:
    """Return the label of each value, "" instead of labels that too few values have."""
    labels = tuple(cell.strip() for cell in cells)
    counts = Counter(filter(None, itertools.compress(labels, values)))
    if not counts:
        raise ColumnError(path, "the column of labels is empty")
    few = {label: count for label, count in counts.items() if count < FEWEST_OF_A_LABEL}
    shown = ", ".join(f"{label!r} ({count})" for label, count in list(few.items())[:5])
    more = f" and {len(few) - 5:,} more" if len(few) > 5 else ""
    if len(few) == len(counts):
        rule = f"has no label with at least {FEWEST_OF_A_LABEL} values: {shown}{more}; merge them"
        raise ColumnError(path, rule)
    if few:
        path.tell(
            f"labels with fewer than {FEWEST_OF_A_LABEL} values are left out, and their "
            f"{sum(few.values()):,} values learned without a label: {shown}{more}"
        )
    return tuple("" if label in few else label for label in labels)


def read_values(path: str | os.PathLike[str], *names: str | None) -> list[list[str]]:
    """Read all values of columns, or all lines of plain text, as running text.

    Only characters that no text should have are dropped; see `drop_characters`.

    Args:
        path: see `read_column`.
        names: the columns; see `read_column`.

    Returns:
        The values of each column in the order of the file, an empty cell as "".

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file or the column cannot be read.
        DatabaseError: the database cannot be read.
        OptionError: an option of a `ColumnFile` has no meaning for its kind of file.
        MissingExtraError: the library that reads the file or the database is not installed.
    """
    return as_source(path).values(names, cells=False)


def as_source(path: str | os.PathLike[str]) -> Source:
    """Return the source of values at a path.

    Args:
        path: see `read_column`.
    """
    return path if isinstance(path, ColumnFile | DatabaseTable) else ColumnFile(path)
