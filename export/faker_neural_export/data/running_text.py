"""Running text: one continuous text instead of separate values."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faker_neural import ColumnError, OptionError
from faker_neural_export.settings.training import Settings

from .columns import Column, Source, as_source, read_column, read_rows, read_values
from .preprocessing import preparation

__all__ = ["RunningText", "read"]

HELD_OUT_ONE_IN = 10
FEWEST = 20


@dataclass(frozen=True, slots=True)
class RunningText:
    """A text that is read in windows.

    Args:
        path: the file or the database table of the text.
        text: the prepared text.
        end: the string that ends each value of the text, or "" for a text without values.
    """

    path: Path | Source
    text: str
    end: str = ""

    def split(self) -> tuple[list[str], list[str]]:
        """Return the training text and the held-out text, each as a list of one string.

        About the last tenth is held out. It begins after the end of a value or, in a text without
        values, after a space or a line break. If the last tenth has no such place, the cut may be
        within a word.
        """
        cut = len(self.text) - len(self.text) // HELD_OUT_ONE_IN
        places = [self.text.find(space, cut) + 1 for space in (self.end or "\n ")]
        cut = min((place for place in places if 0 < place < len(self.text)), default=cut)
        return [self.text[:cut]], [self.text[cut:]]

    def fingerprint(self) -> str:
        """Return a text that identifies this text: its number of characters and its CRC-32."""
        return f"{len(self.text)} characters, crc32 {zlib.crc32(self.text.encode())}"


def read(
    path: str | os.PathLike[str],
    column: str | None,
    settings: Settings,
    label: str | None = None,
    columns: Sequence[str] = (),
    private: Sequence[str] = (),
) -> Column | RunningText:
    """Read and prepare a column with its labels, or running text.

    Args:
        path: the source of the text; see `read_column`.
        column: the column to read; see `read_column`.
        settings: the kind of text and its preparation.
        label: the column of labels, for a column of lines whose input is an embedding.
        columns: the columns of rows, instead of `column`; see `read_rows`.
        private: columns of which no training value may come out; see `read_rows`.

    Returns:
        A `Column` of lines or rows, or a `RunningText`.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file or the column cannot be read; a column of lines has fewer than 20
            distinct values, or running text has fewer than two distinct characters.
        OptionError: `label` is given, but the settings ask for running text or for another input.
        DatabaseError: the database cannot be read.
        MissingExtraError: scikit-learn, or what reads the file or the database, is not installed.
    """
    prepare = preparation(settings)
    if label is not None and (settings.text != "lines" or settings.input != "embedding"):
        raise OptionError("label", label, "needs a column of lines, and input=embedding")
    if private and not columns:
        raise OptionError("private", ",".join(private), "needs columns, the columns of rows")
    if columns:
        _check_rows(column, label, columns, settings)
        limit = settings.max_length
        return _enough(read_rows(path, columns, max_length=limit, private=private, prepare=prepare))
    if settings.text == "running" and settings.end == "none":
        source = as_source(path)
        text = "\n".join(read_values(source, column)[0]).replace("\r\n", "\n")
        return _checked(RunningText(source, prepare(text.strip())))
    values = read_column(path, column, label=label, max_length=settings.max_length, prepare=prepare)
    if settings.text == "lines":
        return _enough(values)
    text = "".join(f"{value}{settings.end_text}" for value in values.values)
    return RunningText(values.path, text, settings.end_text)


def _check_rows(
    column: str | None, label: str | None, columns: Sequence[str], settings: Settings
) -> None:
    for name, value in (("column", column), ("label", label)):
        if value is not None:
            raise OptionError(name, value, f"does not go with columns={','.join(columns)}")
    if settings.text != "lines" or settings.input != "embedding":
        rule = "needs rows of a table, and input=embedding"
        raise OptionError("columns", ",".join(columns), rule)


def _enough(values: Column) -> Column:
    if (distinct := len(set(values.values))) < FEWEST:
        what, unit = ("table has", "rows") if values.columns else ("column has", "values")
        raise ColumnError(
            values.path,
            f"the {what} {distinct} distinct {unit}; training needs at least {FEWEST}, "
            f"so {FEWEST - distinct} more",
        )
    return values


def _checked(text: RunningText) -> RunningText:
    if len(distinct := set(text.text)) < 2:
        found = f"one distinct character, {text.text[0]!r}" if distinct else "no characters"
        raise ColumnError(
            text.path, f"the text has {found}; there must be at least two to learn from"
        )
    return text
