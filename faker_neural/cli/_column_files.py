"""Files of columns as the subcommands take them, with the options of reading."""

from __future__ import annotations

from pathlib import Path

from faker_neural_export.data.files.column_file import ColumnFile
from faker_neural_export.data.files.options import ReadingOptions

from ._terminal import say

__all__ = ["column_file", "second_file", "tell"]


def tell(note: str) -> None:
    """Print a note on standard error: what was changed while a file was read."""
    say(note, error=True)


def column_file(path: str | Path, options: ReadingOptions) -> ColumnFile:
    """Return a file of columns that tells what was changed in it."""
    return ColumnFile(path, options, told=tell)


def second_file(path: str | Path, first: str | Path, options: ReadingOptions) -> ColumnFile:
    """Return a file that stands beside another one; the options of that one are for its kind.

    Args:
        path: the file.
        first: the file whose kind the options are for.
        options: the options; another kind of file keeps only `as_is`.
    """
    same = Path(path).suffix.lower() == Path(first).suffix.lower()
    return column_file(path, options if same else ReadingOptions(as_is=options.as_is))
