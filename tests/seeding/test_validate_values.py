"""Values of a plan that their columns do not take, one line each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
import schemas
from plans import SEQUENCE, File, between, choice, problems
from sqlalchemy import URL

from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
)

KINDS: Mapping[str, tuple[str, str, tuple[object, ...]]] = {
    "integer": ("INTEGER", "must be a whole number", ("x", Decimal("1.5"), dt.date(2020, 1, 1))),
    "decimal": ("NUMERIC(6, 2)", "must be a number", ("x", [1], dt.date(2020, 1, 1))),
    "float": ("FLOAT", "must be a number", ("x", [1], dt.time(8))),
    "boolean": ("BOOLEAN", "must be true or false", ("x", 2, dt.date(2020, 1, 1))),
    "date": ("DATE", "must be a date", ("x", 1, dt.time(8))),
    "datetime": ("TIMESTAMP NULL", "must be a date and time", ("x", 1, dt.time(8))),
    "time": ("TIME", "must be a time of day", ("x", 1, dt.date(2020, 1, 1))),
    "text": ("VARCHAR(60)", "must be text", (True, [1], {"a": 1})),
}


ROUNDS = range(3)


@pytest.fixture
def kinds(database: URL) -> URL:
    columns = ", ".join(f"{kind}_ {type_}" for kind, (type_, *_) in KINDS.items())
    schemas.create(database, f"CREATE TABLE t ({columns})")
    return database


def test_values_of_another_kind_than_their_column_do_not_fit(kinds: URL) -> None:
    for turn in ROUNDS:
        columns = {f"{kind}_": choice(values[turn]) for kind, (_, _, values) in KINDS.items()}
        found = problems(kinds, Plan(tables={"t": TablePlan(5, columns)}))
        for (kind, (_, rule, _)), problem in zip(KINDS.items(), found, strict=True):
            assert problem.startswith(f"t.{kind}_: choice")
            assert problem.endswith(rule)


def test_ranges_of_another_kind_than_their_column_do_not_fit(kinds: URL) -> None:
    numbered = {kind: one for kind, one in KINDS.items() if kind != "text"}
    for turn in ROUNDS:
        columns = {
            f"{kind}_": between(values[turn], values[turn])
            for kind, (_, _, values) in numbered.items()
        }
        found = problems(kinds, Plan(tables={"t": TablePlan(5, columns)}))
        for (kind, (_, rule, _)), problem in zip(numbered.items(), found, strict=True):
            assert problem.startswith(f"t.{kind}_: ")
            assert problem.endswith(rule)


@pytest.mark.parametrize(
    "ends", [("a", "b"), (1, dt.date(2020, 1, 1)), (dt.time(8), dt.time(9)), ([], [])]
)
def test_a_range_of_text_is_of_numbers_or_dates(sqlite: URL, ends: tuple[Any, Any]) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(60))")
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(5, {"c": between(*ends)})}))
    assert problem.startswith("t.c: ")


POSTGRESQL: Mapping[str, tuple[str, str, tuple[object, ...]]] = {
    "uuid": ("UUID", "must be a UUID", ("x", 1)),
    "array": ("INTEGER[]", "must be a list", ("x", 1)),
    "bytes": ("BYTEA", "must be bytes or text", (1, [1])),
    "json": ("JSON", "", (dt.date(2020, 1, 1),)),
    "inet": ("INET", "", ("x",)),
    "elements": ("INTEGER[]", "", (["x"],)),
}


@pytest.mark.parametrize("kind", POSTGRESQL)
def test_a_value_that_a_type_of_postgresql_does_not_take_does_not_fit(
    postgresql: URL, kind: str
) -> None:
    type_, rule, values = POSTGRESQL[kind]
    schemas.create(postgresql, f"CREATE TABLE t (c {type_})")
    for value in values:
        plan = Plan(tables={"t": TablePlan(5, {"c": choice(value)})})
        (problem,) = problems(postgresql, plan)
        assert problem.startswith("t.c: choice")
        assert problem.endswith(rule)


SOURCES = [
    ("sequence", "DATE", "a sequence gives numbers"),
    ("uuid", "INTEGER", "a column of type INTEGER cannot hold a UUID"),
    ("bytes", "INTEGER", "bytes are for a column of bytes"),
    ("neural:company", "INTEGER", "neural:company draws text"),
    ("faker:email", "INTEGER", "faker:email draws values such as"),
    ("faker:email", "DATE", "faker:email draws values such as"),
]


@pytest.mark.parametrize(("source", "type_", "rule"), SOURCES)
def test_a_source_of_another_kind_than_the_column_does_not_fit(
    sqlite: URL, source: str, type_: str, rule: str
) -> None:
    schemas.create(sqlite, f"CREATE TABLE t (id INTEGER PRIMARY KEY, c {type_})")
    plan = Plan(tables={"t": TablePlan(5, {"id": SEQUENCE, "c": ColumnPlan(source)})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith(f"t.c: {rule}")


@pytest.mark.parametrize("source", ["uuid", "sequence", "neural:company"])
def test_a_misfit_speaks_of_the_type_as_the_database_does(postgresql: URL, source: str) -> None:
    schemas.create(postgresql, "CREATE TABLE t (c TIMESTAMP)")
    (problem,) = problems(postgresql, Plan(tables={"t": TablePlan(5, {"c": ColumnPlan(source)})}))
    assert "TIMESTAMP" in problem


CHECKED = """
CREATE TABLE t (
    id INTEGER PRIMARY KEY, status VARCHAR(10) NOT NULL CHECK (status IN ('new', 'paid')),
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    price NUMERIC(6, 2) NOT NULL CHECK (price > 0), small SMALLINT NOT NULL
)
"""
CHECKED_GOOD = {
    "id": SEQUENCE, "status": choice("new"), "stars": between(1, 5), "price": between(1, 9),
    "small": between(1, 5),
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "source", "rule"),
    [
        ("status", choice("new", "old"), "must be one of 'new', 'paid'"),
        ("status", ColumnPlan("faker:word"), "must be one of 'new', 'paid'"),
        ("status", ColumnPlan("neural:company"), "must be one of 'new', 'paid'"),
        ("status", SEQUENCE, "must be one of 'new', 'paid'"),
        ("stars", choice(1, 6), "must be at most 5"),
        ("stars", choice(0), "must be at least 1"),
        ("stars", between(0, 5), "must be at least 1"),
        ("stars", between(1, 6), "must be at most 5"),
        ("stars", ColumnPlan("faker:pyint"), "must be at most 5"),
        ("stars", SEQUENCE, "must be at most 5"),
        ("price", between(0, 5), "must be above 0"),
        ("price", choice(-1), "must be above 0"),
        ("price", between(1, 10_000), "must be at most 9999.99"),
        ("price", choice(Decimal("1e30")), "must be at most 9999.99"),
        ("small", between(1, 40_000), "must be at most 32767"),
        ("small", ColumnPlan("sequence", {"start": 32_765}), "must be at most 32767"),
    ],
)
def test_a_value_that_a_check_or_a_type_refuses_does_not_fit(
    sqlite: URL, column: str, source: ColumnPlan, rule: str
) -> None:
    schemas.create(sqlite, CHECKED)
    plan = Plan(tables={"t": TablePlan(10, {**CHECKED_GOOD, column: source})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith(f"t.{column}: ")
    assert problem.endswith(rule)


def test_each_database_tells_its_checks(database: URL) -> None:
    schemas.create(database, CHECKED)
    columns = {
        "id": SEQUENCE, "status": choice("old"), "stars": between(1, 6), "price": choice(0),
        "small": choice(40_000),
    }  # fmt: skip
    found = problems(database, Plan(tables={"t": TablePlan(10, columns)}))
    assert [problem.split(": ")[0] for problem in found] == [
        "t.status", "t.stars", "t.price", "t.small",
    ]  # fmt: skip


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_a_choice_outside_an_enum_does_not_fit(database: URL) -> None:
    if database.get_backend_name() == "postgresql":
        schemas.create(database, "CREATE TYPE mood AS ENUM ('sad', 'ok')")
        type_ = "mood"
    else:
        type_ = "ENUM('sad', 'ok')"
    schemas.create(database, f"CREATE TABLE t (m {type_})")
    for source in (choice("ok", "happy"), ColumnPlan("faker:word"), ColumnPlan("neural:company")):
        plan = Plan(tables={"t": TablePlan(5, {"m": source})}, name="p")
        (problem,) = problems(database, plan)
        assert problem.startswith("t.m: ")
        assert problem.endswith("must be one of 'sad', 'ok'")


def test_a_choice_says_which_of_its_values_does_not_fit(sqlite: URL) -> None:
    schemas.create(sqlite, CHECKED)
    plan = Plan(tables={"t": TablePlan(1, {**CHECKED_GOOD, "status": choice("new", "lost")})})
    (problem,) = problems(sqlite, plan)
    assert "'lost'" in problem


def test_a_sequence_that_outgrows_its_text_does_not_fit(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(1))")
    plan = Plan(tables={"t": TablePlan(10, {"id": SEQUENCE, "c": SEQUENCE})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith("t.c: ")


@pytest.mark.parametrize("type_", ["NUMERIC(6, 2)", "FLOAT", "INTEGER"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_does_not_fit(sqlite: URL, file: File, type_: str, value: str) -> None:
    """SQLite makes NULL of it, and MariaDB refuses it."""
    schemas.create(sqlite, f"CREATE TABLE t (c {type_})")
    for form in (f"{{choice = [{value}]}}", f"{{range = [1, {value}]}}"):
        plan = file.read(f"rows = 5\n[tables.t]\nc = {form}")
        (problem,) = problems(sqlite, plan)
        assert problem.startswith("t.c: ")


@pytest.mark.parametrize(
    "source",
    [between(5, 1), between(1, 5, step=0), between(1, 5, step=-1), between(1, 5, step="x")],
)
def test_a_range_goes_from_low_to_high(sqlite: URL, source: ColumnPlan) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c INTEGER)")
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(5, {"c": source})}))
    assert problem.startswith("t.c: ")
    assert "with LOW not above HIGH" in problem or "step" in problem
