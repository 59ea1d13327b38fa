"""Printing of text from files: a terminal is shown escapes, and never obeys them."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from faker_neural._shown import visible

__all__ = ["VisibleConsole", "VisibleTable", "csv_rows", "print_value", "say", "value_stream"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def say(*lines: str, error: bool = False) -> None:
    """Print lines in which control characters are visible.

    Args:
        lines: the lines.
        error: whether they go to standard error.
    """
    for line in lines:
        print(visible(line), file=sys.stderr if error else sys.stdout)


def print_value(text: str) -> None:
    """Print a drawn value: unchanged, but visible on a terminal.

    Args:
        text: the value.
    """
    print(visible(text) if sys.stdout.isatty() else text)


def value_stream() -> TextIO:
    """Return standard output; to a terminal it writes control characters visibly."""
    return cast(TextIO, _VisibleStream()) if sys.stdout.isatty() else sys.stdout


class _VisibleStream(io.TextIOBase):
    def write(self, text: str) -> int:
        sys.stdout.write("\n".join(map(visible, text.split("\n"))))
        return len(text)


def csv_rows(rows: Iterable[Iterable[str]], *, safe: bool) -> None:
    """Print rows as CSV.

    Args:
        rows: the cells of each row, those of the header first.
        safe: whether a cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    writer = csv.writer(value_stream(), lineterminator="\n")
    for row in rows:
        writer.writerow(map(_no_formula, row) if safe else row)


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


class VisibleConsole(Console):
    """A console that knows no markup and prints text with control characters visible."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, markup=False, emoji=False, highlight=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print objects; texts are made visible."""
        super().print(*map(_visible, objects), **options)


class VisibleTable(Table):
    """A table whose cells and titles have control characters visible."""

    def __init__(self, *headers: Column | str, **options: Any) -> None:
        for one in headers:
            if isinstance(one, Column):
                one.header = _visible(one.header)
        shown = {name: _visible(value) for name, value in options.items()}
        super().__init__(*map(_visible, headers), **shown)

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row; texts are made visible."""
        super().add_row(*map(_visible, cells), **options)


def _visible(shown: Any) -> Any:
    if isinstance(shown, Text):
        return Text(visible(shown.plain), no_wrap=shown.no_wrap)
    return "\n".join(map(visible, shown.split("\n"))) if isinstance(shown, str) else shown
