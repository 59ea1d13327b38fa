"""The options of the Spark data source, and what is said of wrong ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from faker_neural import FakerNeuralError, MissingFileError, OldVersionError
from faker_neural.seeding import plan_table

pytest.importorskip("pyspark", reason="pyspark is not installed")

from faker_neural.integrations._spark.installed import check_version
from faker_neural.integrations._spark.options import read_options


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rows": "many"}, "rows='many' must be a whole number"),
        ({"rows": "-1"}, "rows=-1 must be at least 0"),
        ({"partitions": "x"}, "partitions='x' must be a whole number"),
        ({"partitions": "0"}, "partitions=0 must be at least 1"),
        ({"start": "6"}, "start=6 must be below 6"),
        ({"stop": "7"}, "stop=7 must be below 6"),
        ({"push_filters": "yes"}, "push_filters='yes' must be true or false"),
        ({"rows_per_second": "0"}, "rows_per_second=0 must be at least 1"),
        ({"max_lenght": "9"}, "max_lenght='9' is no option; did you mean max_length?"),
        ({"max_length": "x"}, "max_length='x' must be an int, not str"),
        ({"model": "compny"}, "no model is called 'compny': did you mean 'company'?"),
        ({"columns": "name"}, "columns='name' is no column; there are: company"),
        ({"row_number": "company"}, "row_number='company' is a column already; use another name"),
        (
            {"row_number": "n", "columns": "n"},
            "columns='n' must be more than the number of the row",
        ),
        ({"table": "t"}, "table='t' goes with plan, the path of a seeding plan"),
        ({"given.a": "b"}, "given={'a': 'b'} needs a model of rows; company draws texts"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: dict[str, str], error: str) -> None:
    with pytest.raises(FakerNeuralError) as caught:
        read_options({"model": "company", "rows": "5"} | options)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, "model=None must name a model, such as product_name; or give a plan"),
        ({"model": "company"}, "rows=None must be the number of rows"),
        ({"plan": "seed.toml"}, "table=None must name a table of the plan"),
        (
            {"plan": "seed.toml", "table": "t", "model": "company"},
            "model='company' does not go with plan, which says it for columns",
        ),
        (
            {"plan": "no.toml", "table": "t"},
            "no.toml: the plan file does not exist; write one with faker-neural seed init URL -o "
            "FILE",
        ),
    ],
)
def test_an_option_that_lacks_is_named(options: dict[str, str], error: str) -> None:
    with pytest.raises(FakerNeuralError) as caught:
        read_options(options)
    assert str(caught.value) == error


def test_partitions_are_slices_without_a_gap() -> None:
    read = read_options({"model": "company", "rows": "250001"})
    bounds = read.bounds(0, 250_001)
    assert len(bounds) == 3
    assert [start for start, _ in bounds[1:]] == [stop for _, stop in bounds[:-1]]
    assert (bounds[0][0], bounds[-1][1]) == (0, 250_001)
    assert read_options({"model": "company", "rows": "2", "partitions": "9"}).bounds(0, 2) == [
        (0, 1),
        (1, 2),
    ]


def test_seeds_are_numbers_or_texts() -> None:
    def seed(text: str) -> Any:
        return (
            read_options({"model": "company", "rows": "1", "seed": text})
            .source.draws[  # type: ignore[attr-defined]
                "company"
            ]
            .seed
        )

    assert seed("7") == 7
    assert seed("7.0") == 7
    assert seed("monday") != seed("tuesday")


def test_an_old_spark_is_refused() -> None:
    with pytest.raises(OldVersionError) as caught:
        check_version("3.5.1")
    assert str(caught.value) == (
        "pyspark 3.5.1 is installed; 4.1 or newer is needed: pip install --upgrade pyspark"
    )
    check_version("4.10.0.dev1")


@pytest.mark.parametrize(
    ("before", "module", "error"),
    [
        (
            "sys.modules['pyspark'] = None",
            "spark",
            "pyspark is not installed: pip install 'faker-neural[spark]'",
        ),
        (
            "import pyspark; pyspark.__version__ = '3.5.1'",
            "spark",
            "pyspark 3.5.1 is installed; 4.1 or newer is needed: pip install --upgrade pyspark",
        ),
        (
            "sys.modules['pyarrow'] = None",
            "arrow",
            "pyarrow is not installed: pip install 'faker-neural[arrow]'",
        ),
    ],
)
def test_what_is_not_installed_is_named(before: str, module: str, error: str) -> None:
    code = f"import sys; {before}\nimport faker_neural.integrations.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].endswith(f": {error}")


def test_without_java_a_session_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from faker_neural.integrations.spark import local_session

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MissingFileError) as caught:
        local_session()
    assert str(caught.value) == (
        "java: Spark needs Java 17 or newer: install openjdk-17-jre-headless, or set JAVA_HOME"
    )


def test_a_stream_of_a_plan_has_its_rows_in_any_pieces(shop: Path) -> None:
    from faker_neural.integrations.spark import NeuralDataSource

    source = NeuralDataSource({"plan": str(shop), "table": "products", "columns": "id,name"})
    reader = source.streamReader(source.schema())
    rows: list[tuple[Any, ...]] = []
    for start, stop in ((0, 30), (30, 30), (30, 110), (110, 200)):
        for part in reader.partitions({"row": start}, {"row": stop}):
            for batch in reader.read(part):
                rows += zip(*batch.to_pydict().values(), strict=True)
    made = plan_table(shop, "products", columns=["id", "name"])
    assert rows == [row for block in made.blocks() for row in zip(*block.values(), strict=True)]


def test_a_stream_keeps_its_rate_and_ends_with_its_rows() -> None:
    from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxRows

    from faker_neural.integrations.spark import NeuralDataSource

    options = {"model": "company", "rows": "500", "rows_per_second": "1000000"}
    source = NeuralDataSource(options)
    reader = source.streamReader(source.schema())
    start = reader.initialOffset()
    assert reader.latestOffset(start, ReadAllAvailable()) == {"row": 0}  # no time has passed
    while reader.latestOffset(start, ReadAllAvailable())["row"] < 500:
        pass
    assert reader.latestOffset(start, ReadMaxRows(7)) == {"row": 7}
    assert reader.latestOffset({"row": 500}, ReadAllAvailable()) == {"row": 500}
