"""Running text: one text from its first character to its last, instead of values."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from faker_neural import ColumnError, OptionError
from faker_neural_export._settings import Settings

from .columns import Column, read_column, read_values
from .database_table import DatabaseTable
from .prepare import preparation

__all__ = ["RunningText", "read"]

HELD_OUT_SHARE = 10
FEWEST = 20


@dataclass(frozen=True, slots=True)
class RunningText:
    """A text that is read in windows.

    Args:
        path: the file or table it came from.
        text: what is learned, prepared.
        end: what ends each value of it, "" where it has none.
    """

    path: Path | DatabaseTable
    text: str
    end: str = ""

    def split(self) -> tuple[list[str], list[str]]:
        """Return the text to learn from and the last tenth; no value and no word is cut."""
        cut = len(self.text) - len(self.text) // HELD_OUT_SHARE
        places = [self.text.find(space, cut) + 1 for space in (self.end or "\n ")]
        cut = min((place for place in places if 0 < place < len(self.text)), default=cut)
        return [self.text[:cut]], [self.text[cut:]]

    def fingerprint(self) -> str:
        """Tell this text from another."""
        return f"{len(self.text)} characters, crc32 {zlib.crc32(self.text.encode())}"


def read(
    path: str | os.PathLike[str],
    column: str | None,
    settings: Settings,
    label: str | None = None,
) -> Column | RunningText:
    """Read the values of a column and their labels, or running text, and prepare them.

    Raises:
        MissingFileError: there is no such file.
        ColumnError: the file cannot be read, or there is nothing to learn in it.
    """
    prepare = preparation(settings)
    if label is not None and (settings.text != "lines" or settings.input != "embedding"):
        raise OptionError("label", label, "needs a column of lines, and input=embedding")
    if settings.text == "running" and not settings.end:
        source = path if isinstance(path, DatabaseTable) else Path(path)
        text = "\n".join(read_values(source, column)).replace("\r\n", "\n")
        return _checked(RunningText(source, prepare(text.strip())))
    values = read_column(path, column, label=label, max_length=settings.max_length, prepare=prepare)
    if settings.text == "lines":
        return _enough(values)
    text = "".join(f"{value}{settings.end}" for value in values.values)
    return RunningText(values.path, text, settings.end)


def _enough(values: Column) -> Column:
    if (distinct := len(set(values.values))) < FEWEST:
        raise ColumnError(
            values.path,
            f"the column has {distinct} distinct values; {FEWEST} are the fewest to "
            f"learn from: {FEWEST - distinct} more are needed",
        )
    return values


def _checked(text: RunningText) -> RunningText:
    if len(distinct := set(text.text)) < 2:
        found = f"one distinct character, {text.text[0]!r}" if distinct else "no characters"
        raise ColumnError(
            text.path, f"the text has {found}; there must be at least two to learn from"
        )
    return text
