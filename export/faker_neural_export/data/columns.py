"""Columns of text, read from plain text, from table files or from a database."""

from __future__ import annotations

import io
import itertools
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars

from faker_neural import ColumnError, MissingFileError
from faker_neural._plain_text import PLAIN, is_plain, read_text

from .database_table import DatabaseTable

__all__ = ["Column", "read_column", "read_values"]

HELD_OUT_ONE_IN = 10
FEWEST_OF_A_LABEL = 10


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column, stripped of white space at both ends.

    Empty values are left out; duplicates are kept.

    Args:
        path: the file or the database table of the column.
        values: the values, in the order of the file.
        labels: the label of each value, "" for none; empty if the column has no labels.
    """

    path: Path | DatabaseTable
    values: tuple[str, ...]
    labels: tuple[str, ...] = ()

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
        """Return the number of values and a CRC-32 of values and labels, as one text."""
        content = chr(0).join((*self.values, *self.labels))
        return f"{len(self.values)} values, crc32 {zlib.crc32(content.encode())}"

    def _where(self, kept: Iterable[bool]) -> Column:
        kept = list(kept)
        values, labels = (
            tuple(itertools.compress(cells, kept)) for cells in (self.values, self.labels)
        )
        return Column(self.path, values, labels)


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
            .ndjson or .parquet file; or a `DatabaseTable`.
        name: the column to read; None for plain text, or for a file with one column.
        label: the column of labels, for a table. Each label needs at least 10 values; an empty cell
            is no label.
        max_length: the maximum length of a value, in characters.
        prepare: the function that prepares each value, after white space is removed from its ends.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file, the column or the labels cannot be read; a value is too long or has a
            line break; there are fewer than two distinct values; or a label has too few values.
        DatabaseError: the database cannot be read.
        MissingExtraError: SQLAlchemy or the database driver is not installed.
    """
    path = path if isinstance(path, DatabaseTable) else Path(path)
    if label is not None and is_plain(path):
        raise ColumnError(path, f"is plain text and has no column {label!r} of labels")
    values = [prepare(value.strip()) for value in read_values(path, name)]
    _check_values(path, values, max_length)
    labels = () if label is None else _labels(path, label, values)
    kept, beside = (tuple(itertools.compress(cells, values)) for cells in (values, labels))
    return Column(path, kept, beside)


def _check_values(path: Path | DatabaseTable, values: Sequence[str], max_length: int) -> None:
    for row, value in enumerate(values, start=1):
        if len(value) > max_length:
            raise ColumnError(
                path,
                f"value {row} has {len(value)} characters; the limit is max_length={max_length}",
            )
        if len(value.splitlines()) > 1:
            raise ColumnError(
                path,
                f"value {row} has a line break, {_around_break(value)!r}; a value is one "
                "line: put spaces there, or learn it as running text",
            )
    distinct = set(filter(None, values))
    if len(distinct) < 2:
        found = f"one distinct value, {min(distinct)!r}" if distinct else "no values"
        raise ColumnError(path, f"the column has {found}; there must be at least two")


def _around_break(value: str) -> str:
    before, after = value.splitlines()[:2]
    return f"{before[-10:]}\n{after[:10]}"


def _labels(path: Path | DatabaseTable, name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the label of each value; labels of empty values are not counted."""
    labels = tuple(cell.strip() for cell in read_values(path, name))
    counts = Counter(filter(None, itertools.compress(labels, values)))
    if not counts:
        raise ColumnError(path, "the column of labels is empty")
    few = {label: count for label, count in counts.items() if count < FEWEST_OF_A_LABEL}
    if few:
        shown = ", ".join(f"{label!r} ({count})" for label, count in list(few.items())[:5])
        more = f" and {len(few) - 5:,} more" if len(few) > 5 else ""
        raise ColumnError(
            path,
            f"has labels with fewer than {FEWEST_OF_A_LABEL} values: {shown}{more}; merge "
            "them, or leave their cells empty to learn the values without a label",
        )
    return labels


def read_values(path: Path | DatabaseTable, name: str | None) -> list[str]:
    """Read all values of a column, or all lines of plain text, without changes.

    Args:
        path: see `read_column`.
        name: the column; see `read_column`.

    Returns:
        The values in the order of the file, an empty cell as "".

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file or the column cannot be read.
        DatabaseError: the database cannot be read.
        MissingExtraError: SQLAlchemy or the database driver is not installed.
    """
    if isinstance(path, DatabaseTable):
        return path.values(name)
    kind = path.suffix.lower()
    try:
        if kind in _TABLES:
            return _pick(path, _TABLES[kind](path), name)
        if kind not in PLAIN:
            allowed = ", ".join([*PLAIN[1:], *_TABLES])
            raise ColumnError(path, f"ends in {kind}; it must end in {allowed}")
        if name is not None:
            raise ColumnError(path, f"is plain text and has no column {name!r}")
        return read_text(path).split("\n")
    except FileNotFoundError:
        raise MissingFileError(path, "the file does not exist") from None
    except OSError as error:
        raise ColumnError(path, f"cannot be read ({error.strerror or error})") from None
    except polars.exceptions.PolarsError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ColumnError(path, f"cannot be read as {kind[1:]} ({reason})") from None


def _separated(separator: str) -> Callable[[Path], polars.DataFrame]:
    def read(path: Path) -> polars.DataFrame:
        content = io.StringIO(read_text(path))
        return polars.read_csv(content, separator=separator, infer_schema=False)

    return read


def _json_lines(path: Path) -> polars.DataFrame:
    return polars.read_ndjson(io.StringIO(read_text(path)), infer_schema_length=None)


_TABLES: dict[str, Callable[[Path], polars.DataFrame]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": lambda path: polars.read_parquet(io.BytesIO(path.read_bytes())),
}


def _pick(path: Path, table: polars.DataFrame, name: str | None) -> list[str]:
    if name is None and len(table.columns) == 1:
        name = table.columns[0]
    if name not in table.columns:
        wanted = "has several columns, name one" if name is None else f"has no column {name!r}"
        raise ColumnError(path, f"{wanted}; there are: {', '.join(table.columns)}")
    if table[name].dtype.is_nested():
        raise ColumnError(path, f"column {name!r} holds {table[name].dtype}, not text")
    return table[name].cast(polars.String).fill_null("").to_list()
