"""Parquet folders and database tables, whole or by a random sample of rows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars
import pytest
import schemas
from sqlalchemy import URL

from faker_neural import ColumnError, MissingFileError, OptionError
from faker_neural_export import DatabaseTable
from faker_neural_export.data.columns import read_column, read_rows
from faker_neural_export.data.files.column_file import ColumnFile
from faker_neural_export.data.files.options import ReadingOptions
from faker_neural_export.data.sampling import sampled_rows


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A folder of three files, 600 rows in all."""
    for number, name in enumerate(("a.parquet", "part=1/b.parquet", "part=2/c.parquet")):
        path = tmp_path / "lake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = range(200 * number, 200 * (number + 1))
        frame = polars.DataFrame({"id": rows, "name": [f"name {row}" for row in rows]})
        frame.write_parquet(path, row_group_size=64)
    (tmp_path / "lake" / "_SUCCESS.parquet").write_text("no data")
    return tmp_path / "lake"


def names(path: Path, **options: int) -> list[str]:
    return list(read_column(ColumnFile(path, ReadingOptions(**options)), "name").values)  # type: ignore[arg-type]


def test_a_sample_is_of_different_rows_that_are_equally_likely() -> None:
    drawn = np.concatenate([sampled_rows(50, 10, seed) for seed in range(400)])
    counts = np.bincount(drawn, minlength=50)
    assert counts.sum() == 4000
    assert 40 < counts.min() < counts.max() < 130  # 80 expected
    assert len(set(sampled_rows(10**7, 1000, 3).tolist())) == 1000


def test_more_rows_replace_few_of_a_sample() -> None:
    before, after = set(sampled_rows(10_000, 500, 1)), set(sampled_rows(10_100, 500, 1))
    assert len(before & after) > 480


def test_a_sample_larger_than_the_table_is_the_table() -> None:
    assert sampled_rows(7, 10, 0).tolist() == list(range(7))
    assert sampled_rows(0, 10, 0).tolist() == []


def test_a_folder_of_parquet_files_is_one_table(lake: Path) -> None:
    assert names(lake) == [f"name {row}" for row in range(600)]


def test_a_sample_of_a_folder_is_of_all_its_files_and_has_a_seed(lake: Path) -> None:
    found = names(lake, sample=90)
    assert found == [f"name {row}" for row in sampled_rows(600, 90, 0)]
    assert names(lake, sample=90, sample_seed=1) != found
    assert len({int(name.split()[1]) // 200 for name in found}) == 3


def test_columns_of_a_sample_stay_together(lake: Path) -> None:
    rows = read_rows(ColumnFile(lake, ReadingOptions(sample=50)), ["id", "name"]).values
    assert len(rows) == 50
    numbers = [re.findall(r"\d+", row) for row in rows]
    assert all(first == second for first, second in numbers)


def test_a_sample_of_one_file_is_drawn_as_well(lake: Path) -> None:
    assert len(names(lake / "a.parquet", sample=20)) == 20


def test_a_sample_of_a_database_table_is_the_same_rows(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "names.db"))
    schemas.create(url, "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT)")
    with schemas.connected(url) as connection:
        for row in range(600):
            connection.exec_driver_sql("INSERT INTO names VALUES (?, ?)", (row, f"name {row}"))
    table = DatabaseTable(str(url), "names", sample=90)
    found = list(read_column(table, "name").values)
    assert found == [f"name {row}" for row in sampled_rows(600, 90, 0)]
    other = DatabaseTable(str(url), "names", sample=90, sample_seed=1)
    assert list(read_column(other, "name").values) != found


@pytest.mark.parametrize(
    ("make", "error", "problem"),
    [
        (lambda path: path / "none", MissingFileError, "the file does not exist"),
        (
            lambda path: (path / "empty").mkdir() or path / "empty",
            ColumnError,
            "is a folder without .parquet files; name a file",
        ),
    ],
)
def test_a_folder_that_holds_nothing_is_named(
    make: object, error: type[Exception], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        names(make(tmp_path))  # type: ignore[operator]
    assert str(caught.value).endswith(problem)


def test_a_file_without_the_column_or_with_lists_is_named(lake: Path) -> None:
    polars.DataFrame({"id": [1]}).write_parquet(lake / "part=2/d.parquet")
    with pytest.raises(ColumnError, match=r"d.parquet: cannot be read as parquet \(.*name"):
        names(lake)
    polars.DataFrame({"name": [["x"]]}).write_parquet(lake / "part=2/d.parquet")
    with pytest.raises(ColumnError, match=r"d.parquet: column 'name' holds List\(String\)"):
        names(lake)
    (lake / "a.parquet").write_text("no parquet")
    with pytest.raises(ColumnError, match=r"lake: cannot be read as parquet"):
        names(lake)


def test_a_sample_of_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name\na\nb\n")
    with pytest.raises(MissingFileError, match="none: the file does not exist"):
        names(tmp_path / "none", sample=1)
    with pytest.raises(OptionError) as caught:
        names(path, sample=1)
    assert str(caught.value) == "sample=1 is for Parquet and databases, not for a .csv file"
    with pytest.raises(OptionError, match="sample=0 must be at least 1"):
        ReadingOptions(sample=0)
    with pytest.raises(OptionError, match="sample_seed=-1 must be at least 0"):
        ReadingOptions(sample_seed=-1)


@pytest.mark.long
def test_memory_grows_with_the_sample_and_not_with_the_table(tmp_path: Path) -> None:
    """Five million rows of 60 characters are 300 MB; a sample of a thousand takes a tenth."""
    for number in range(5):
        texts = polars.int_range(1_000_000, eager=True).cast(polars.String).str.pad_start(60, "x")
        frame = polars.DataFrame({"name": texts})
        frame.write_parquet(tmp_path / f"{number}.parquet", row_group_size=2**17)
    del frame, texts
    code = (
        "import resource, sys\n"
        "from faker_neural_export.data.columns import read_column\n"
        "from faker_neural_export.data.files.column_file import ColumnFile\n"
        "from faker_neural_export.data.files.options import ReadingOptions\n"
        "read = lambda n: read_column(ColumnFile(sys.argv[1], ReadingOptions(sample=n)), 'name')\n"
        "read(10)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert len(read(1000).values) == 1000\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    unit = 1024 if sys.platform != "darwin" else 1
    assert int(done.stdout) * unit < 100_000_000
