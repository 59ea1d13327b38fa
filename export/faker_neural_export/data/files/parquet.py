"""Parquet files."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

from faker_neural import ColumnError, MissingExtraError

from .table import Table

__all__ = ["read_parquet"]


def read_parquet(path: os.PathLike[str], content: bytes) -> Table:
    """Read a Parquet file.

    Args:
        path: the file, for errors.
        content: its bytes.

    Raises:
        ColumnError: the file cannot be read. When the columns are read: a column holds lists or
            other nested values.
        MissingExtraError: polars is not installed.
    """
    try:
        import polars
    except ModuleNotFoundError:
        raise MissingExtraError("export", "polars") from None
    try:
        frame = polars.read_parquet(io.BytesIO(content))
    except polars.exceptions.PolarsError as error:
        raise ColumnError(path, f"cannot be read as parquet ({_reason(error)})") from None

    def texts(name: str) -> list[str]:
        column = frame[name]
        if column.dtype.is_nested():
            raise ColumnError(path, f"column {name!r} holds {column.dtype}, not text")
        try:
            return column.cast(polars.String).fill_null("").to_list()
        except polars.exceptions.PolarsError as error:
            raise ColumnError(path, f"column {name!r} is no text ({_reason(error)})") from None

    def columns(places: Sequence[int]) -> list[list[str]]:
        return [texts(frame.columns[place]) for place in places]

    return Table(frame.columns, columns)


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
