"""Spark makes the rows that the library makes, in any number of partitions."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sparks import started

from faker_neural import generate, load
from faker_neural.seeding import plan_table

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    yield from started("local[2]")


def read(spark: Any, **options: object) -> Any:
    reader = spark.read.format("faker_neural")
    for name, value in options.items():
        reader = reader.option(name, value)
    return reader.load()


def values(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def test_any_number_of_partitions_has_the_strings_of_generate(spark: Any) -> None:
    expected = [(text,) for text in generate("company", 60, seed=7, max_length=25)]
    for partitions in (1, 7):
        options = {"seed": 7, "max_length": 25, "partitions": partitions}
        frame = read(spark, model="company", rows=60, **options)
        assert frame.rdd.getNumPartitions() == partitions
        assert values(frame) == expected
    assert frame.columns == ["company"]


def test_rows_of_a_model_have_its_columns(spark: Any) -> None:
    frame = read(spark, model="us_place", rows=4, columns="zip, state", **{"given.state": "TX"})
    expected = load("us_place").rows(4, given={"state": "TX"})
    assert values(frame) == [(row["zip"], row["state"]) for row in expected]


@pytest.mark.parametrize("table", ["products", "tags"])
def test_a_table_of_a_plan_has_the_rows_of_a_run(spark: Any, shop: Path, table: str) -> None:
    made = plan_table(shop, table)
    rows = [row for block in made.blocks() for row in zip(*block.values(), strict=True)]
    frame = read(spark, plan=shop, table=table, partitions=3, row_number="n")
    texts = [
        (n, *(cell.isoformat() if name == "opens" else cell for name, cell in cells))
        for n, cells in enumerate(list(zip(made.names, row, strict=True)) for row in rows)
    ]
    assert values(frame) == texts


def test_a_column_can_be_read_alone_and_by_a_schema(spark: Any, shop: Path) -> None:
    options = {"plan": shop, "table": "products", "rows": 30}
    whole = read(spark, **options).select("brand", "id").collect()
    assert read(spark, columns="brand,id", **options).select("brand", "id").collect() == whole
    reader = spark.read.format("faker_neural").schema("brand STRING, id BIGINT")
    assert reader.options(**{k: str(v) for k, v in options.items()}).load().collect() == whole


def test_a_slice_of_rows_is_read_alone(spark: Any) -> None:
    frame = read(spark, model="company", rows=10**9, row_number="n", start=10**8, stop=10**8 + 3)
    texts = generate("company", 3, start=10**8)
    assert values(frame) == [(10**8 + i, text) for i, text in enumerate(texts)]


def test_a_filter_on_the_row_number_limits_the_rows_that_are_made(spark: Any) -> None:
    """The billion rows would take a day; pushed filters leave a few."""
    spark.conf.set("spark.sql.python.filterPushdown.enabled", "true")
    options = {"model": "company", "rows": 10**9, "row_number": "n", "push_filters": "true"}
    few = read(spark, **options).where("n >= 10 AND n < 13 AND company <> ''")
    assert values(few) == [
        (10 + i, text) for i, text in enumerate(generate("company", 3, start=10))
    ]
    assert values(read(spark, **options).where("n IN (5, 8)").select("n")) == [(5,), (8,)]
    assert read(spark, **options).where("n > 5 AND n < 3").count() == 0


def test_a_read_that_is_used_twice_keeps_its_rows(spark: Any) -> None:
    """Spark keeps what a pushed filter left for the next use, so no filter is pushed unasked."""
    spark.conf.set("spark.sql.python.filterPushdown.enabled", "true")
    frame = read(spark, model="company", rows=20, row_number="n")
    assert frame.where("n > 15").count() == 4
    assert frame.count() == 20


def test_keys_and_values_get_their_texts(spark: Any) -> None:
    from faker_neural.integrations.spark import neural_text

    names = load("person_name")
    secret = "a secret of many letters"
    frame = spark.createDataFrame(
        [(7, "Ann"), (2, None), (7, "Bob"), (3, "Ann")], "id INT, who STRING"
    )
    by_number = neural_text("id", "person_name", seed=5, max_length=20)
    drawn = values(frame.select(by_number, neural_text("who", "person_name", secret=secret)))
    numbers = [generate("person_name", 1, start=i, seed=5, max_length=20)[0] for i in (7, 2, 7, 3)]
    ann, bob = names.like(["Ann", "Bob"], secret)
    assert drawn == list(zip(numbers, [ann, None, bob, ann], strict=True))
    plain = values(frame.select(neural_text("who", "person_name")))
    assert plain[0] == plain[3] != plain[2]
    assert plain[1] == (None,)


def streamed(spark: Any, folder: Path, least: int) -> list[tuple[Any, ...]]:
    """Let a stream write rows until there are enough, and return them by their numbers."""
    reader = spark.readStream.format("faker_neural").option("model", "company")
    frame = reader.option("row_number", "n").option("rows_per_second", 40).load()
    writer = frame.writeStream.format("parquet").option("path", str(folder / "out"))
    query = writer.option("checkpointLocation", str(folder / "checkpoint")).start()
    deadline, found = time.monotonic() + 120, list[tuple[Any, ...]]()
    while len(found) < least and query.isActive and time.monotonic() < deadline:
        files = [str(path) for path in (folder / "out").glob("*.parquet") if path.stat().st_size]
        batches = query.lastProgress and query.lastProgress["batchId"]
        if batches and files:
            found = sorted(values(spark.read.parquet(str(folder / "out"))))
    query.stop()
    return found


def test_a_stream_makes_rows_at_a_rate(spark: Any, tmp_path: Path) -> None:
    found = streamed(spark, tmp_path, 1)
    assert found == list(enumerate(generate("company", len(found))))
    assert 1 <= len(found) < 40 * 60


@pytest.mark.long
def test_a_stream_goes_on_where_it_was(spark: Any, tmp_path: Path) -> None:
    first = streamed(spark, tmp_path, 1)
    again = streamed(spark, tmp_path, len(first) + 1)
    assert again == list(enumerate(generate("company", len(again))))


def test_an_error_reaches_the_user_as_one_line(spark: Any) -> None:
    with pytest.raises(Exception, match=r"neural\.OptionError: rows='many' must be a"):
        read(spark, model="company", rows="many")


def test_an_executor_without_the_model_file_says_so(spark: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(load("company").path.read_bytes())
    frame = read(spark, model=path, rows=3, partitions=1)
    assert frame.count() == 3  # plans the partitions while the file is there
    path.unlink()
    with pytest.raises(Exception, match=r"mine.onnx: there is no such model file; every machine"):
        frame.collect()


WITHOUT = """
import pickle, sys
sys.modules["faker_neural"] = None
try:
    pickle.loads(sys.stdin.buffer.read())([])
except ImportError as error:
    print(error)
"""


def test_an_executor_without_the_package_says_so() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    from faker_neural.integrations import spark
    from faker_neural.integrations._spark.installed import pickled

    source = spark.NeuralDataSource({"model": "company", "rows": "3"})
    draw = spark._drawing("company", 0, None, {})
    for sent in (source, source.reader(source.schema()), draw):
        command = [sys.executable, "-c", WITHOUT]
        done = subprocess.run(command, input=pickled(sent), capture_output=True)
        said = done.stdout.decode()
        assert said.count("\n") == 1
        assert re.search("cannot (make rows|draw texts): No module named 'faker_neural", said)
        assert said.endswith("for it, or name another Python in PYSPARK_PYTHON\n")
