"""Replaces columns of a CSV file by pseudonyms, row by row."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TypeVar, Unpack

from faker_neural import ColumnError, MissingFileError, OptionValues, load
from faker_neural._drafts import draft

from .table_files import check_output

__all__ = ["replace_columns"]

_T = TypeVar("_T")
_TOGETHER = 2**12  # rows whose pseudonyms are drawn together
_DELIMITERS = (",", ";", "\t", "|")
_SUFFIXES = (".csv", ".tsv")

Monitor = Callable[[int, int], object]
"""Called with the number of bytes read so far and the number of bytes of the file."""


def replace_columns(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    columns: Sequence[str],
    model: str | os.PathLike[str],
    secret: str | bytes,
    *,
    force: bool = False,
    monitor: Monitor = lambda done, size: None,
    **options: Unpack[OptionValues],
) -> int:
    """Write a copy of a CSV file in which each value of some columns is a pseudonym.

    Equal values get equal pseudonyms, in every file for which the secret is the same, and empty
    cells stay empty; see `TextModel.like`. Other cells are copied. Memory does not grow.

    Args:
        path: the .csv or .tsv file, in UTF-8, whose first line names the columns.
        output: the file to write; it is written beside its place and renamed.
        columns: the names of the columns to replace.
        model: the name of a model of texts, or the path of a model file.
        secret: the secret, at least 16 bytes.
        force: whether to replace an existing file.
        monitor: is called with the number of bytes read so far and the number of bytes of the file.
        options: see `faker_neural.Options`.

    Returns:
        The number of rows.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file cannot be read, or has no such column.
        OptionError: an argument is out of range, or the output exists.
    """
    source, target = Path(path), Path(output)
    if source.suffix.lower() not in _SUFFIXES:
        raise ColumnError(source, f"must end in {', '.join(_SUFFIXES)}")
    check_output(target, _SUFFIXES, force=force)
    opened = load(model)
    opened.like([], secret, **options)  # checks secret and options
    with _reading(source) as file, draft(target) as unfinished:
        rows = _Rows(source, file)
        places = [rows.place(name) for name in dict.fromkeys(columns)]
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=rows.delimiter, lineterminator=rows.line_end)
            writer.writerow(rows.header)
            while block := list(islice(rows, _TOGETHER)):
                for place in places:
                    cells = [row[place] if row else "" for row in block]
                    pseudonyms = iter(opened.like(filter(None, cells), secret, **options))
                    for row, cell in zip(block, cells, strict=True):
                        if cell:
                            row[place] = next(pseudonyms)
                writer.writerows(block)
                monitor(file.tell(), source.stat().st_size)
    return rows.count


class _Rows(Iterator[list[str]]):
    """The rows of a CSV file after its header.

    Args:
        path: the file, for errors.
        file: the file.

    Raises:
        ColumnError: a line is not UTF-8, is no CSV, or has another number of cells than the header.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self.count, self.header = path, 0, list[str]()
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        first = self._line(self._text.readline)
        if not first:
            raise ColumnError(path, "is empty")
        self.line_end = "\r\n" if first.endswith("\r\n") else "\n"
        usual = "\t" if path.suffix.lower() == ".tsv" else ","
        self.delimiter = max((usual, *_DELIMITERS), key=first.count)
        self._reader = csv.reader(chain([first], self._text), delimiter=self.delimiter, strict=True)
        self.header = self._row()

    def place(self, name: str) -> int:
        """Return the place of a column.

        Args:
            name: the name of the column.

        Raises:
            ColumnError: there is no such column, or there are two.
        """
        if self.header.count(name) > 1:
            raise ColumnError(self._path, f"has {self.header.count(name)} columns {name!r}")
        if name not in self.header:
            near = get_close_matches(name, self.header, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.header)}"
            raise ColumnError(self._path, f"has no column {name!r}; {hint}")
        return self.header.index(name)

    def __next__(self) -> list[str]:
        row = self._row()
        if row and len(row) != len(self.header):
            cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
            problem = f"line {self._reader.line_num:,} has {cells}, and line 1 has "
            raise ColumnError(self._path, f"{problem}{len(self.header)}")
        self.count += bool(row)
        return row

    def _row(self) -> list[str]:
        try:
            return self._line(self._reader.__next__)
        except csv.Error as error:
            problem = f"line {self._reader.line_num:,} is no CSV ({error})"
            raise ColumnError(self._path, problem) from None

    def _line(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except UnicodeDecodeError:
            problem = f"after row {self.count:,} there is text that is not UTF-8; convert the file"
            raise ColumnError(self._path, problem) from None


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise MissingFileError(path, "the file does not exist") from None
    except OSError as error:
        raise ColumnError(path, f"cannot be read ({error.strerror})") from None
    with file:
        yield file
