"""Parquet files, and folders of them: whole, or a random sample of rows."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faker_neural import ColumnError, MissingExtraError
from faker_neural_export.data.sampling import Rows, blocks_of, sampled_rows

from .options import ReadingOptions
from .table import Table

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_parquet", "read_parquet_files"]

_BLOCK = 2**17  # rows read together


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
    polars = _polars()
    try:
        frame = polars.read_parquet(io.BytesIO(content))
    except polars.exceptions.PolarsError as error:
        raise _unreadable(path, error) from None

    def columns(places: Sequence[int]) -> list[list[str]]:
        return [_texts(path, frame, frame.columns[place]) for place in places]

    return Table(frame.columns, columns)


def read_parquet_files(path: os.PathLike[str], file: Path, options: ReadingOptions) -> Table:
    """Read a Parquet file, or all those of a folder, block by block.

    Args:
        path: the file or folder, for errors.
        file: the file or folder. Files whose names begin with "." or "_" are left out.
        options: `sample` is the number of rows to read, None for all; `sample_seed` decides which.

    Raises:
        ColumnError: there is no file, or one cannot be read. When the columns are read: a file
            lacks a column, or holds nested values in it.
        MissingExtraError: polars is not installed.
    """
    polars = _polars()
    files = _files(path, file)
    try:
        names = list(polars.read_parquet_schema(files[0]))
        sizes = [polars.scan_parquet(one).select(polars.len()).collect().item() for one in files]
    except (polars.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, error) from None
    total = sum(sizes)
    rows = (
        np.arange(total, dtype=np.int64)
        if options.sample is None
        else sampled_rows(total, options.sample, options.sample_seed)
    )

    def columns(places: Sequence[int]) -> list[list[str]]:
        wanted = [names[place] for place in places]
        found: list[list[str]] = [[] for _ in wanted]
        start = 0
        for one, size in zip(files, sizes, strict=True):
            for frame in _blocks(one, wanted, rows, start, start + size):
                for texts, name in zip(found, wanted, strict=True):
                    texts += _texts(one, frame, name)
            start += size
        return found

    return Table(names, columns)


def _files(path: os.PathLike[str], file: Path) -> list[Path]:
    if not file.is_dir():
        return [file]
    found = sorted(
        one
        for one in file.rglob("*.parquet")
        if not any(part.startswith((".", "_")) for part in one.relative_to(file).parts)
    )
    if not found:
        raise ColumnError(path, "is a folder without .parquet files; name a file")
    return found


def _blocks(file: Path, names: list[str], rows: Rows, start: int, stop: int) -> Any:
    """Yield the rows of a sample in a file, whose first row is row `start` of all files."""
    polars = _polars()
    for begin, places in blocks_of(rows, start, stop, _BLOCK):
        count = min(_BLOCK, stop - start - begin)
        try:
            frame = polars.scan_parquet(file).select([*dict.fromkeys(names)]).slice(begin, count)
            yield frame.collect()[places]
        except polars.exceptions.PolarsError as error:
            raise _unreadable(file, error) from None


def _texts(path: os.PathLike[str], frame: pl.DataFrame, name: str) -> list[str]:
    polars = _polars()
    column = frame[name]
    if column.dtype.is_nested():
        raise ColumnError(path, f"column {name!r} holds {column.dtype}, not text")
    try:
        texts: list[str] = column.cast(polars.String).fill_null("").to_list()
    except polars.exceptions.PolarsError as error:
        raise ColumnError(path, f"column {name!r} is no text ({_reason(error)})") from None
    return texts


def _polars() -> Any:
    try:
        import polars
    except ModuleNotFoundError:
        raise MissingExtraError("export", "polars") from None
    return polars


def _unreadable(path: os.PathLike[str], error: Exception) -> ColumnError:
    return ColumnError(path, f"cannot be read as parquet ({_reason(error)})")


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
