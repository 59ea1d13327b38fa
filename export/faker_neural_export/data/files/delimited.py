"""Tables with a delimiter between the cells of a line: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from faker_neural import ColumnError

from .decoding import split_lines
from .notes import Notes, counted
from .options import ReadingOptions
from .table import Table, pick

if TYPE_CHECKING:
    from _csv import Reader as _Csv

__all__ = ["read_delimited"]

_DELIMITERS = ("\t", "|", ";", ",")  # the later ones are more frequent in text
_SAMPLE = 200  # lines
_DIRECTIVE = re.compile(r'"?sep=([^"])"?[\r\n]*', re.IGNORECASE)  # Excel's first line


def read_delimited(
    path: os.PathLike[str], text: str, options: ReadingOptions, notes: Notes, *, usual: str = ","
) -> Table:
    """Read a table as Python's `csv` does.

    Where a quote opens a cell and nothing closes it, the quote is a character of the cell. Lines
    with too few cells are filled up.

    Args:
        path: the file, for errors.
        text: its text.
        options: its delimiter, and whether it has a header.
        notes: counts what is changed.
        usual: the delimiter that is not worth a note.

    Raises:
        ColumnError: the text is empty. When the columns are read: a line has too many cells, or a
            quote that cannot be a character; the message names the line.
    """
    lines = split_lines(text)
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise ColumnError(path, "is empty")
    delimiter = options.separator
    if directive := _DIRECTIVE.fullmatch(lines[start]):
        delimiter, start = delimiter or directive[1], start + 1
    delimiter = delimiter or _recognise(lines[start : start + _SAMPLE], usual)
    if delimiter != usual and not options.separator:
        notes.say(f"read {delimiter!r} as the delimiter")
    reader = _Reader(path, lines, start, delimiter, notes)
    first = reader.first()
    if not options.header:
        reader.at = start
        first = [str(i) for i, _ in enumerate(first, start=1)]
    return Table(first, lambda places: pick(reader.rows(), places))


def _recognise(lines: Sequence[str], usual: str) -> str:
    """Return the delimiter that divides most lines into as many cells as the first line.

    The first line must have two cells or more. Among equals, the one with most cells is best.
    """
    best, score = usual, (0.5, 0, 0)
    for rank, delimiter in enumerate(reversed(_DELIMITERS)):
        widths = _widths(lines, delimiter)
        if widths and widths[0] > 1:
            share = widths.count(widths[0]) / len(widths)
            best, score = max((best, score), (delimiter, (share, widths[0], rank)), key=_score)
    return best


def _score(found: tuple[str, tuple[float, int, int]]) -> tuple[float, int, int]:
    return found[1]


def _widths(lines: Sequence[str], delimiter: str) -> list[int]:
    try:
        return [
            len(cells)
            for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
            if cells
        ]
    except csv.Error:  # a cell is too long
        return []


class _Reader:
    """Reads the lines of a table; `at` is the next line, and goes back where a quote is bare."""

    def __init__(
        self, path: os.PathLike[str], lines: Sequence[str], at: int, delimiter: str, notes: Notes
    ) -> None:
        self.at = self._start = at
        self._path, self._lines, self._delimiter, self._notes = path, lines, delimiter, notes
        self._width = self._old_mac = 0
        self._records = self._csv(self, strict=True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == len(self._lines):
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1]

    def first(self) -> list[str]:
        """Read the first line, which has as many cells as every other line should have."""
        if self.at == len(self._lines):
            raise ColumnError(self._path, "is empty")
        cells = self._record()
        self._width = len(cells)
        return cells

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of the following lines, as many as the first line has."""
        while self.at < len(self._lines):
            number = self.at + 1
            yield self._fitted(self._record(), number)
        self._notes.add("read {} as line ends", "CR character", self._old_mac)

    def _fitted(self, cells: list[str], number: int) -> list[str]:
        width = self._width
        if len(cells) < width:
            if cells:  # no empty line
                self._notes.add("filled up {} with too few cells", "line", first=f"line {number:,}")
            return cells + [""] * (width - len(cells))
        if any(cells[width:]):
            raise ColumnError(
                self._path,
                f"line {number:,} has {counted(len(cells), 'cell')}, line {self._start + 1:,} has "
                f"{width:,}; put quotes around a cell with {self._delimiter!r} in it",
            )
        return cells[:width]

    def _record(self) -> list[str]:
        start = self.at
        try:
            cells = next(self._records)
        except csv.Error:
            cells = self._mended(start)
        self._old_mac += self._lines[self.at - 1].endswith("\r")
        return cells

    def _mended(self, start: int) -> list[str]:
        """Return the cells of a line that is not strictly CSV."""
        end, line, shown = self.at, self._lines[start], f"line {start + 1:,}"
        try:
            cells, lines = self._loosely([line, ""])
        except csv.Error:
            problem = f"{shown} has a cell of more than {csv.field_size_limit():,} characters"
            raise ColumnError(self._path, problem) from None
        if lines == 1:  # as in: "7 inch" nails
            self.at = start + 1
            self._notes.add("dropped the quotes within cells of {}", "line", first=shown)
            return cells
        literal = next(self._csv([line], quoting=csv.QUOTE_NONE))
        if len(literal) == self._width or not self._width:
            self.at = start + 1
            self._notes.add("kept the bare quote of {}", "line", first=shown)
            return literal
        with suppress(csv.Error):
            cells, _ = self._loosely(self._lines[start:end])
            if len(cells) == self._width:
                return cells
        raise ColumnError(
            self._path, f'{shown} has a quote that nothing closes; write it twice, ""'
        )

    def _loosely(self, lines: Sequence[str]) -> tuple[list[str], int]:
        """Return the cells of a record, and the number of lines that it has."""
        reader = self._csv(lines)
        return next(reader), reader.line_num

    def _csv(self, lines: Iterable[str], **more: Any) -> _Csv:
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, **more)
