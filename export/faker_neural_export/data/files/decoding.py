"""The text of a file, from its bytes."""

from __future__ import annotations

import codecs
import io
import os

from faker_neural import ColumnError

from .notes import Notes
from .tidying import drop_characters

__all__ = ["decode", "split_lines"]

_MARKS = {  # the mark of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_BINARY = {
    b"PK\x03\x04": "an Excel file (.xlsx) or another zip file",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Excel file; save it as .xlsx without a password",
    b"PAR1": "a Parquet file (.parquet)",
    b"\x1f\x8b": "a gzip file; unpack it",
    b"%PDF": "a PDF file",
    b"SQLite format 3\0": "a SQLite database; give its URL, sqlite:///FILE",
}
_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\v\f\r"})  # hardly in a text of any encoding


def decode(path: os.PathLike[str], content: bytes, notes: Notes) -> str:
    """Decode a text file: UTF-8, or UTF-16 or UTF-32 with a byte order mark.

    Args:
        path: the file, for errors.
        content: its bytes.
        notes: counts the characters that are dropped.

    Raises:
        ColumnError: the file is no text, or not in UTF-8; the message names the line and the byte.
    """
    for start, kind in _BINARY.items():
        if content.startswith(start):
            raise ColumnError(path, f"is not text but {kind}")
    for mark, charset in _MARKS.items():
        if content.startswith(mark):
            notes.say(f"read as {charset}")
            return drop_characters(_decoded(path, content, charset), notes)
    if charset := _unmarked(content):
        problem = f"is not UTF-8; it looks like {charset}: iconv -f {charset} -t UTF-8"
        raise ColumnError(path, problem)
    return drop_characters(_utf8(path, content), notes)


def _unmarked(content: bytes) -> str:
    """Return UTF-16LE or UTF-16BE if every other byte of most characters is NUL, else ""."""
    high, low = content[::2].count(0), content[1::2].count(0)
    if max(high, low) * 4 <= len(content) or min(high, low) * 10 > max(high, low):
        return ""
    return "UTF-16BE" if high > low else "UTF-16LE"


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, each with its line end: LF, CR LF or CR, as on an old Mac.

    Args:
        text: the text.
    """
    return list(io.StringIO(text, newline=""))


def _decoded(path: os.PathLike[str], content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "surrogatepass")
    except UnicodeDecodeError as error:
        problem = f"cannot be read as {charset} ({error.reason}, byte {error.start})"
        raise ColumnError(path, problem) from None


def _utf8(path: os.PathLike[str], content: bytes) -> str:
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        controls = len(content) - len(content.translate(None, _CONTROLS))
        if controls * 50 > len(content):
            raise ColumnError(path, "is not text") from None
        *lines, last = split_lines(content[: error.start].decode("latin-1") + "?")
        raise ColumnError(
            path,
            f"line {len(lines) + 1}, byte {len(last) - 1} is not UTF-8 "
            f"(0x{content[error.start]:02x}); if it is WINDOWS-1252: "
            "iconv -f WINDOWS-1252 -t UTF-8",
        ) from None
