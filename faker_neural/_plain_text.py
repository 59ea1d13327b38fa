"""Reads plain text files as UTF-8; an error names the line and the byte."""

from __future__ import annotations

import os
from pathlib import Path

from ._errors import ColumnError

__all__ = ["PLAIN", "is_plain", "read_text"]

PLAIN = ("", ".txt")
"""The suffixes of plain text files, which have one value on each line."""


def is_plain(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is plain text, by its suffix alone.

    Args:
        path: the path of the file.
    """
    return Path(path).suffix.lower() in PLAIN


def read_text(path: Path) -> str:
    """Read a UTF-8 text file, with or without a byte order mark.

    Args:
        path: the path of the file.

    Raises:
        ColumnError: the file is not UTF-8; the message names the line and the byte.
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        offset = error.start - (content.rfind(b"\n", 0, error.start) + 1)
        charset = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
        raise ColumnError(
            path,
            f"line {line}, byte {offset} is not UTF-8 (0x{content[error.start]:02x}); if it is "
            f"{charset}: iconv -f {charset} -t UTF-8",
        ) from None
