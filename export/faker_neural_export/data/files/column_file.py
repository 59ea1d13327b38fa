"""A file of columns, or standard input, as a source of values."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from faker_neural import ColumnError, MissingFileError

from .decoding import decode, split_lines
from .delimited import read_delimited
from .excel import read_excel
from .json_lines import read_json_lines
from .names import find_column
from .notes import Notes
from .options import ReadingOptions
from .parquet import read_parquet, read_parquet_files
from .table import Table
from .tidying import tidy_cells

__all__ = ["ColumnFile"]

_PLAIN = ("", ".txt")
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".xlsx", ".parquet")
_SPREADSHEETS = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
_STANDARD_INPUT = "standard input"


class ColumnFile(os.PathLike[str]):
    """A file of columns with the options of reading it. It stands where the path of a file does.

    Args:
        path: a plain text file with one value per line (.txt or no ending); a .csv, .tsv, .jsonl,
            .ndjson, .xlsx or .parquet file; a folder of .parquet files; or "-" for standard input.
            Standard input is plain text, or CSV or JSON Lines if a column is named, or Excel or
            Parquet.
        options: how to read it.
        told: receives one line that says what was changed while the file was read, if anything was.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        options: ReadingOptions | None = None,
        *,
        told: Callable[[str], object] | None = None,
    ) -> None:
        self._path = None if os.fspath(path) == "-" else Path(path)
        self._options, self._told = options or ReadingOptions(), told

    def __fspath__(self) -> str:
        return _STANDARD_INPUT if self._path is None else os.fspath(self._path)

    @property
    def name(self) -> str:
        """The name of the file."""
        return _STANDARD_INPUT if self._path is None else self._path.name

    @property
    def is_plain(self) -> bool:
        """Whether the file is plain text, by its suffix and the options."""
        path = self._path
        return path is not None and not _is_folder(path) and self._kind(path) in _PLAIN

    def values(self, columns: Sequence[str | None], *, cells: bool) -> list[list[str]]:
        """Return all values of columns, or all lines of plain text.

        Args:
            columns: the names of the columns; None for plain text, or for the only column.
            cells: whether the values are cells, in which HTML entities are unescaped and of which
                some stand for a missing value, and not running text.

        Returns:
            The values of each column in the order of the file, an empty cell as "".

        Raises:
            MissingFileError: the file does not exist.
            ColumnError: the file or a column cannot be read.
            OptionError: an option has no meaning for the kind of file.
            MissingExtraError: what reads the kind of file is not installed.
        """
        notes = Notes()
        found = self._read(columns, notes)
        as_is = self._options.as_is or not cells
        tidied = [tidy_cells(values, notes, as_is=as_is) for values in found]
        if notes.text:
            self.tell(notes.text)
        return tidied

    def tell(self, note: str) -> None:
        """Pass a line about the values, after the name of their source, to `told`.

        Args:
            note: the line.
        """
        if self._told is not None:
            self._told(f"{os.fspath(self)}: {note}")

    def _read(self, columns: Sequence[str | None], notes: Notes) -> list[list[str]]:
        if self._path is None:
            content = sys.stdin.buffer.read()
            kind = self._kind_of(content, columns)
        else:
            kind = ".parquet" if _is_folder(self._path) else self._kind(self._path)
            if self._options.sample is not None:
                _there(self._path)
            self._check(kind)
            if kind == ".parquet" and (_is_folder(self._path) or self._options.sample is not None):
                return self._picked(
                    read_parquet_files(self, _there(self._path), self._options), columns
                )
            content = _content(self._path)
        if kind in _PLAIN:
            return [self._lines(decode(self, content, notes), columns, notes)]
        return self._picked(self._table(kind, content, notes), columns)

    def _picked(self, table: Table, columns: Sequence[str | None]) -> list[list[str]]:
        return table.columns([find_column(self, table.names, name) for name in columns])

    def _kind(self, path: Path) -> str:
        """Return the suffix that says how to read a file."""
        suffix = path.suffix.lower()
        known = suffix in _TABLES or suffix in _SPREADSHEETS
        return suffix if known or self._options.delimiter is None else ".csv"

    def _check(self, kind: str) -> None:
        if kind in _SPREADSHEETS:
            raise ColumnError(self, f"ends in {kind}, which is not read; save it as .xlsx")
        if kind not in (*_PLAIN, *_TABLES):
            allowed = ", ".join((*_PLAIN[1:], *_TABLES))
            raise ColumnError(self, f"ends in {kind}; it must end in {allowed}")
        delimited, excel = kind in (".csv", ".tsv"), kind == ".xlsx"
        described = f"a {kind} file" if kind not in _PLAIN else "plain text"
        self._options.check(
            described,
            delimiter=delimited,
            header=delimited or excel,
            sheet=excel,
            sample=kind == ".parquet" and self._path is not None,
        )

    def _kind_of(self, content: bytes, columns: Sequence[str | None]) -> str:
        """Return the kind of standard input, as the suffix of such a file."""
        if content.startswith(b"PK\x03\x04"):
            kind = ".xlsx"
        elif content.startswith(b"PAR1"):
            kind = ".parquet"
        elif self._options.delimiter is None and not any(columns):
            kind = ".txt"
        else:
            is_json = content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
            kind = ".jsonl" if is_json and self._options.delimiter is None else ".csv"
        self._check(kind)
        return kind

    def _lines(self, text: str, columns: Sequence[str | None], notes: Notes) -> list[str]:
        if list(columns) != [None]:
            name = next(filter(None, columns))
            problem = f"is plain text and has no column {name!r}; a table needs --delimiter"
            raise ColumnError(self, problem)
        lines = split_lines(text)
        old_mac = sum(line.endswith("\r") for line in lines)
        notes.add("read {} as line ends", "CR character", old_mac)
        return [line.rstrip("\r\n") for line in lines]

    def _table(self, kind: str, content: bytes, notes: Notes) -> Table:
        match kind:
            case ".xlsx":
                return read_excel(self, content, self._options)
            case ".parquet":
                return read_parquet(self, content)
            case ".jsonl" | ".ndjson":
                return read_json_lines(self, decode(self, content, notes), notes)
        usual, text = "\t" if kind == ".tsv" else ",", decode(self, content, notes)
        return read_delimited(self, text, self._options, notes, usual=usual)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, which reading says better
        return False


def _there(path: Path) -> Path:
    if not path.exists():
        raise MissingFileError(path, "the file does not exist")
    return path


def _content(path: Path) -> bytes:
    try:
        return _there(path).read_bytes()
    except MissingFileError:
        raise
    except OSError as error:
        raise ColumnError(path, f"cannot be read ({error.strerror or error})") from None
