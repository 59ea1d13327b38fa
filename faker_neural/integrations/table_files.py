"""Writes a plan's table to a file, streamed: Parquet, Arrow, CSV or JSON Lines."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faker_neural import MissingFileError, OptionError
from faker_neural._drafts import draft

if TYPE_CHECKING:
    from faker_neural.seeding import PlanTable

__all__ = ["SUFFIXES", "check_output", "write_table"]

Monitor = Callable[[int], object]
"""Called with the number of rows made so far."""

SUFFIXES = (".parquet", ".arrow", ".csv", ".jsonl")
"""The suffixes of a table's file."""

_ROW_GROUP = 2**17  # rows that a Parquet file keeps together

Blocks = Iterator[dict[str, list[Any]]]


def write_table(
    table: PlanTable,
    path: str | os.PathLike[str],
    *,
    workers: int = 1,
    force: bool = False,
    monitor: Monitor = lambda rows: None,
) -> None:
    """Write all rows of a plan's table to a file; memory does not grow with the rows.

    The file is written beside its place and renamed, so there is never half a file.

    Args:
        table: the table, from `faker_neural.seeding.plan_table`.
        path: the file: .parquet, .arrow, .csv or .jsonl.
        workers: the number of processes that draw, 1 to 256; it does not change the rows.
        force: whether to replace an existing file.
        monitor: is called with the number of rows made so far.

    Raises:
        OptionError: the suffix is another one, the file exists, or Arrow cannot hold a value.
        MissingFileError: the folder does not exist.
        MissingExtraError: pyarrow is not installed, for .parquet and .arrow.
        DatabaseError: no new value of a unique key was found.
    """
    target = Path(path)
    write = _WRITERS[check_output(target, force=force)]
    with draft(target) as unfinished:
        write(table, unfinished, _told(table, workers, monitor))


def check_output(path: Path, suffixes: Iterable[str] = SUFFIXES, *, force: bool) -> str:
    """Check that a file may be written, and return its suffix.

    Args:
        path: the file.
        suffixes: the suffixes that it may have.
        force: whether to replace an existing file.

    Raises:
        OptionError: the suffix is another one, or the file exists.
        MissingFileError: the folder does not exist.
    """
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        raise OptionError("output", str(path), f"must end in {', '.join(suffixes)}")
    if path.is_dir():
        raise OptionError("output", str(path), "is a folder")
    if path.exists() and not force:
        raise OptionError("output", str(path), "exists; --force replaces it")
    if not path.parent.is_dir():
        raise MissingFileError(path.parent, "the folder does not exist")
    return suffix


def _told(table: PlanTable, workers: int, monitor: Monitor) -> Blocks:
    done = 0
    for block in table.blocks(workers=workers):
        yield block
        done += len(next(iter(block.values())))
        monitor(done)


def _parquet(table: PlanTable, path: Path, blocks: Blocks) -> None:
    from ._arrow.installed import pa, parquet
    from ._arrow.plan_source import PlanRows

    source, kept = PlanRows(table), list[Any]()
    with parquet.ParquetWriter(path, source.schema, compression="zstd") as writer:
        for block in blocks:
            kept.append(source.batch(block))
            if sum(map(len, kept)) >= _ROW_GROUP:
                writer.write_table(pa.Table.from_batches(kept), row_group_size=_ROW_GROUP)
                kept = []
        writer.write_table(pa.Table.from_batches(kept, source.schema))


def _arrow(table: PlanTable, path: Path, blocks: Blocks) -> None:
    from ._arrow.installed import pa
    from ._arrow.plan_source import PlanRows

    source = PlanRows(table)
    with path.open("wb") as file, pa.ipc.new_file(file, source.schema) as writer:
        for block in blocks:
            writer.write_batch(source.batch(block))


def _csv(table: PlanTable, path: Path, blocks: Blocks) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.names)
        for block in blocks:
            columns = ([_cell(value) for value in values] for values in block.values())
            writer.writerows(zip(*columns, strict=True))


def _jsonl(table: PlanTable, path: Path, blocks: Blocks) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for block in blocks:
            for row in zip(*block.values(), strict=True):
                item = dict(zip(block, row, strict=True))
                file.write(json.dumps(item, ensure_ascii=False, default=_plain) + "\n")


def _cell(value: Any) -> str:
    """Return a value as the text of a cell; NULL is empty."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return value if isinstance(value, str) else _written(value)


def _plain(value: Any) -> Any:
    """Return a value that JSON knows: a number with few digits stays a number."""
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


_WRITERS = dict(zip(SUFFIXES, (_parquet, _arrow, _csv, _jsonl), strict=True))
