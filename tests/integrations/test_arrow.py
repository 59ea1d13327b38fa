"""Rows as Arrow: what Polars, pandas and DuckDB read is what the library draws."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import schemas
from sqlalchemy import URL

from faker_neural import ContractError, OptionError, UnknownModelError, generate, load
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, plan_table

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from faker_neural.integrations.arrow import (  # noqa: E402
    columns_reader,
    model_reader,
    table_reader,
)

SHOP = """
CREATE TABLE things (
    id INTEGER PRIMARY KEY, big BIGINT, name VARCHAR(30) UNIQUE, price NUMERIC(8, 2), weight FLOAT,
    used BOOLEAN, made DATE, sold DATETIME, opens TIME, code CHAR(36), photo BLOB, facts JSON
)
"""
THINGS = Plan(
    rows=40,
    tables={
        "things": TablePlan(
            None,
            {
                "id": ColumnPlan("sequence"),
                "big": ColumnPlan("range", {"low": 1, "high": 2**60}),
                "name": ColumnPlan("faker:first_name"),
                "price": ColumnPlan("range", {"low": Decimal("0.99"), "high": 99}, null=0.3),
                "weight": ColumnPlan("range", {"low": 0, "high": 2}),
                "used": ColumnPlan("choice", {"values": [True, False]}),
                "made": ColumnPlan(
                    "range", {"low": dt.date(2020, 1, 1), "high": dt.date(2025, 1, 1)}
                ),
                "sold": ColumnPlan("from", {"columns": ["made"], "as": "after"}),
                "opens": ColumnPlan("range", {"low": dt.time(8), "high": dt.time(9)}),
                "code": ColumnPlan("uuid"),
                "photo": ColumnPlan("bytes", {"length": 4}),
                "facts": ColumnPlan("choice", {"values": [{"a": 1}, ["b", None]]}),
            },
        )
    },
)


@pytest.fixture
def things(tmp_path: Path) -> str:
    url = URL.create("sqlite", database=str(tmp_path / "shop.db"))
    schemas.create(url, SHOP)
    return str(url)


def test_a_model_has_the_strings_of_generate() -> None:
    read = model_reader("company", 30, seed=7, start=5, max_length=25).read_all().to_pydict()
    assert read == {"company": generate("company", 30, seed=7, start=5, max_length=25)}


def test_a_model_of_rows_has_its_columns() -> None:
    read = model_reader("us_place", 5, seed=7, given={"state": "TX"}).read_all().to_pylist()
    assert read == load("us_place").rows(5, seed=7, given={"state": "TX"})


def test_columns_of_one_model_differ_and_do_not_depend_on_one_another() -> None:
    both = columns_reader({"a": "company", "b": "company"}, 20, seed=3).read_all().to_pydict()
    assert both["a"] != both["b"]
    assert columns_reader({"b": "company"}, 20, seed=3).read_all()["b"].to_pylist() == both["b"]


def test_a_column_may_have_a_seed_and_options_of_its_own() -> None:
    column = {"model": "company", "seed": 4, "max_length": 20}
    read = columns_reader({"a": column}, 10).read_all()["a"].to_pylist()
    assert read == generate("company", 10, seed=4, max_length=20)


def test_rows_are_made_while_they_are_read() -> None:
    reader = model_reader("company", 10**8, row_number="row")
    first = reader.read_next_batch()
    assert first.column_names == ["row", "company"]
    assert first["row"][-1].as_py() == len(first) - 1
    assert len(first) < 20_000


def test_a_table_has_the_types_of_its_columns(things: str) -> None:
    table = table_reader(THINGS, "things", database=things).read_all()
    assert {field.name: str(field.type) for field in table.schema} == {
        "id": "int64",
        "big": "int64",
        "name": "string",
        "price": "decimal128(8, 2)",
        "weight": "double",
        "used": "bool",
        "made": "date32[day]",
        "sold": "timestamp[us]",
        "opens": "time64[us]",
        "code": "string",
        "photo": "binary",
        "facts": "string",
    }


def test_a_table_has_the_values_of_the_plan(things: str) -> None:
    read = table_reader(THINGS, "things", database=things).read_all().to_pylist()
    opened = plan_table(THINGS, "things", database=things)
    made: list[dict[str, Any]] = [
        dict(zip(block, row, strict=True))
        for block in opened.blocks()
        for row in zip(*block.values(), strict=True)
    ]
    for row in made:
        row["facts"] = {"{'a': 1}": '{"a": 1}', "['b', None]": '["b", null]'}[str(row["facts"])]
    assert read == made


def test_a_slice_of_a_table_has_the_rows_of_the_whole(things: str) -> None:
    whole = table_reader(THINGS, "things", database=things, row_number="row").read_all()
    part = table_reader(THINGS, "things", database=things, row_number="row", start=7, stop=19)
    assert part.read_all().to_pylist() == whole.slice(7, 12).to_pylist()


def test_polars_pandas_and_duckdb_read_a_reader() -> None:
    expected = generate("company", 50)
    polars = pytest.importorskip("polars")
    assert polars.from_arrow(model_reader("company", 50))["company"].to_list() == expected
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame.from_arrow(model_reader("company", 50))
    assert frame["company"].tolist() == expected
    duckdb = pytest.importorskip("duckdb")
    reader = model_reader("company", 50)  # duckdb finds it by its name
    assert duckdb.sql("SELECT * FROM reader").fetchall() == [(text,) for text in expected]
    assert reader is not None


def test_what_is_wrong_is_said_before_the_first_row() -> None:
    with pytest.raises(OptionError, match="must name a column"):
        columns_reader({}, 3)
    with pytest.raises(OptionError, match="must have a model, such as product_name"):
        columns_reader({"a": {"modl": "company"}}, 3)
    with pytest.raises(OptionError, match=r"max_lenght=3 is no option; did you mean max_length\?"):
        columns_reader({"a": {"model": "company", "max_lenght": 3}}, 3)
    with pytest.raises(ContractError, match="draws rows of street, city"):
        columns_reader({"a": "us_place"}, 3)
    with pytest.raises(OptionError, match="rows='x' must be an int, not str"):
        model_reader("company", "x")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="start=-1 must be at least 0"):
        model_reader("company", 1, start=-1)
    with pytest.raises(OptionError, match="needs a model of rows; company draws texts"):
        model_reader("company", 3, given={"a": "b"})
    with pytest.raises(OptionError, match="is a column already; use another name"):
        model_reader("company", 3, row_number="company")
    with pytest.raises(UnknownModelError):
        model_reader("compny", 3)


def test_a_number_that_arrow_cannot_hold_is_named(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "wide.db"))
    schemas.create(url, "CREATE TABLE t (n NUMERIC)")
    plan = Plan(
        tables={
            "t": TablePlan(2, {"n": ColumnPlan("choice", {"values": [Decimal("0.1234567891")]})})
        }
    )
    with pytest.raises(OptionError, match=r"column='t.n' has no Arrow decimal128\(38, 9\)"):
        table_reader(plan, "t", database=str(url)).read_all()
