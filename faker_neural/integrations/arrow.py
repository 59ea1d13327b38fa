"""Columns and tables as Arrow: read by Polars, pandas, DuckDB and PyArrow without a copy.

    import polars
    from faker_neural.integrations.arrow import model_reader

    polars.from_arrow(model_reader("product_name", 1_000_000, seed=7))

A reader makes its rows while it is read, some thousand at a time, so memory does not grow. It can
be read once. A row depends on its number alone: any slice has the rows of the whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

from faker_neural import OptionError, OptionValues, load
from faker_neural._keys import row_keys
from faker_neural._options import check_count
from faker_neural._seeds import Seed, seed_number

from ._arrow.installed import pa
from ._arrow.model_sources import Draw, Model, Texts, model_name, model_source
from ._arrow.plan_source import PlanRows
from ._arrow.sources import Numbered, Source

if TYPE_CHECKING:
    from faker_neural.seeding import Plan

__all__ = ["columns_reader", "model_reader", "reader_of", "table_reader"]


def model_reader(
    model: Model,
    rows: int,
    *,
    seed: Seed = 0,
    start: int = 0,
    threads: int = 1,
    given: Mapping[str, str] | None = None,
    row_number: str | None = None,
    **options: Unpack[OptionValues],
) -> pa.RecordBatchReader:
    """Return a reader of the texts of a model, or of the columns of a model of rows.

    Examples:
        >>> from faker_neural.integrations.arrow import model_reader
        >>> model_reader("company", 2, seed=1).read_all().to_pydict()
        {'company': ['PGIM Innovation & Growth Term Trust', 'Sandy Carmart Corp']}

    Args:
        model: a model's name, or the path of a model file. The column is called as the model is.
        rows: the number of rows, 0 to 2**40 - 1.
        seed: the seed of the column, as for `generate`, whose strings these are.
        start: the number of the first row.
        threads: the number of threads, 1 to 256; the rows do not depend on it.
        given: for a model of rows, values of columns by name, which every row has.
        row_number: the name of a first column with the number of each row; None for no such column.
        options: see `faker_neural.Options`.

    Returns:
        The reader.

    Raises:
        OptionError: an argument is out of range.
        UnknownModelError: no model has the name.
        ModelFileError: the file cannot be used.
        MissingExtraError: pyarrow is not installed.
    """
    source = model_source(model, _total(start, rows), seed, given, options)
    return reader_of(_numbered(source, row_number), start, threads=threads)


def columns_reader(
    columns: Mapping[str, Model | Mapping[str, Any]],
    rows: int,
    *,
    seed: Seed = 0,
    start: int = 0,
    threads: int = 1,
    row_number: str | None = None,
) -> pa.RecordBatchReader:
    """Return a reader of columns of texts, each of a model.

    Examples:
        >>> from faker_neural.integrations.arrow import columns_reader
        >>> columns = {"name": "person_name", "job": {"model": "job_title", "max_length": 20}}
        >>> columns_reader(columns, 1000).read_all().column_names
        ['name', 'job']

    Args:
        columns: for each name, a model's name or the path of a model file, or a mapping that has
            `model` and may have `seed` and the options of `faker_neural.Options`.
        rows: the number of rows, 0 to 2**40 - 1.
        seed: a column without a seed of its own gets its seed from this one and its name.
        start: the number of the first row.
        threads: the number of threads, 1 to 256; the rows do not depend on it.
        row_number: the name of a first column with the number of each row; None for no such column.

    Returns:
        The reader.

    Raises:
        OptionError: an argument is out of range.
        ContractError: a model draws rows, not texts.
        UnknownModelError: no model has a name.
        ModelFileError: a file cannot be used.
        MissingExtraError: pyarrow is not installed.
    """
    total = _total(start, rows)
    if not columns:
        raise OptionError("columns", dict(columns), "must name a column")
    draws = {name: _draw(name, given, seed_number(seed)) for name, given in columns.items()}
    return reader_of(_numbered(Texts(draws, total), row_number), start, threads=threads)


def table_reader(
    plan: Plan | str | os.PathLike[str],
    table: str,
    *,
    database: str | None = None,
    rows: int | None = None,
    seed: int | None = None,
    columns: Sequence[str] | None = None,
    start: int = 0,
    stop: int | None = None,
    workers: int = 1,
    row_number: str | None = None,
) -> pa.RecordBatchReader:
    """Return a reader of a table of a seeding plan, as a run writes it to empty tables.

    Args:
        plan: the plan, or the path of its file.
        table: the name of the table.
        database: the URL of the database, which says the types and keys of the columns; None for
            the URL of the plan.
        rows: the number of rows of the table; None for the plan's.
        seed: the random seed, 0 to 2**64 - 1; None for the plan's.
        columns: the names of the columns; None for all that the plan fills.
        start: the number of the first row to read.
        stop: the number after the last row to read; None for all rows.
        workers: the number of processes that draw, 1 to 256; it does not change the rows. With
            more than one, the calling script needs `if __name__ == "__main__":`.
        row_number: the name of a first column with the number of each row; None for no such column.

    Returns:
        The reader.

    Raises:
        PlanError: the plan does not fit the database, or a column cannot be made without it; see
            `faker_neural.seeding.plan_table`.
        DatabaseError: the database cannot be read.
        MissingFileError: the file of the plan or of SQLite does not exist, or there is no URL.
        OptionError: an argument is out of range.
        MissingExtraError: pyarrow, SQLAlchemy or the driver is not installed.
    """
    from faker_neural.seeding import plan_table

    opened = plan_table(plan, table, database=database, rows=rows, seed=seed, columns=columns)
    return reader_of(_numbered(PlanRows(opened), row_number), start, stop, threads=workers)


def reader_of(
    source: Source, start: int = 0, stop: int | None = None, *, threads: int = 1
) -> pa.RecordBatchReader:
    """Return a reader of some rows of a source.

    Args:
        source: the source.
        start: the number of the first row.
        stop: the number after the last row; None for all rows.
        threads: the number of threads or processes.
    """
    stop = check_count("stop", source.rows if stop is None else stop, below=source.rows + 1)
    start = check_count("start", start, below=stop + 1)
    threads = check_count("threads", threads, least=1, below=257)
    (part,) = source.slices([(start, stop)])
    return pa.RecordBatchReader.from_batches(source.schema, source.batches(part, threads))


def _numbered(source: Source, name: str | None) -> Source:
    return source if name is None else Numbered(source, name)


def _total(start: int, rows: int) -> int:
    rows = check_count("rows", rows, below=2**40)
    return check_count("start", start, below=2**63 - rows) + rows


def _draw(name: str, given: Model | Mapping[str, Any], seed: int) -> Draw:
    options: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"model": given}
    if "model" not in options:
        raise OptionError("columns", {name: given}, "must have a model, such as product_name")
    model, own = options.pop("model"), options.pop("seed", None)
    load(model).text_options(**options)
    number = _column_seed(seed, name) if own is None else seed_number(own)
    return Draw(model_name(model), number, cast(OptionValues, options))


def _column_seed(seed: int, name: str) -> int:
    return int(row_keys(seed, seed_number(name) >> 1, 1)[0])
