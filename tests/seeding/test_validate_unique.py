"""Unique columns and keys that a plan has too few values for."""

from __future__ import annotations

import pytest
import schemas
from plans import FK, SEQUENCE, between, choice, problems
from sqlalchemy import URL

from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
    seed,
)


@pytest.mark.parametrize(
    ("source", "rows", "line"),
    [
        (choice("a", "b"), 3, "t.c: is unique and has 2 values for 3 rows"),
        (between(1, 10), 1_000, "t.c: is unique and has 10 values for 1,000 rows"),
        (between(1, 10, step=3), 5, "t.c: is unique and has 4 values for 5 rows"),
    ],
)
def test_a_unique_column_needs_enough_values(
    sqlite: URL, source: ColumnPlan, rows: int, line: str
) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(9) NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(rows, {"id": SEQUENCE, "c": source})}, name="p")
    assert problems(sqlite, plan) == (line,)


def test_rows_that_are_there_count_against_a_unique_column(database: URL) -> None:
    schemas.create(
        database, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(9) NOT NULL UNIQUE)"
    )
    columns = {"id": SEQUENCE, "c": between(1, 10)}
    seed(database, Plan(tables={"t": TablePlan(6, columns)}))
    plan = Plan(tables={"t": TablePlan(5, columns)}, name="p")
    assert problems(database, plan) == ("t.c: is unique and has 10 values for 11 rows",)


def test_a_composite_key_needs_enough_combinations(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL, UNIQUE (a, b))")
    plan = Plan(tables={"t": TablePlan(10, {"a": between(1, 3), "b": between(1, 3)})}, name="p")
    assert problems(sqlite, plan) == ("t.a, b: is unique and has 9 values for 10 rows",)


def test_a_join_table_needs_enough_pairs(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY);
        CREATE TABLE ab (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b),
            FOREIGN KEY (a) REFERENCES a (id), FOREIGN KEY (b) REFERENCES b (id))
        """,
    )
    parent = TablePlan(2, {"id": SEQUENCE})
    tables = {"a": parent, "b": parent, "ab": TablePlan(5, {"a": FK, "b": FK})}
    assert problems(database, Plan(tables=tables, name="p")) == (
        "ab.a, b: is unique and has 4 values for 5 rows",
    )


def test_values_that_are_given_twice_count_once(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(9) NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(2, {"c": choice("a", "a")})}, name="p")
    assert problems(sqlite, plan) == ("t.c: is unique and has 1 value for 2 rows",)


def test_a_choice_with_a_weight_of_nothing_has_a_value_less(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(9) NOT NULL UNIQUE)")
    columns = {"c": choice("a", "b", "c", weights=[1, 1, 0])}
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(3, columns)}, name="p"))
    assert problem.startswith("t.c: ")


def test_faker_dates_for_a_unique_column_are_refused_with_what_to_take(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c DATE NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(5, {"c": ColumnPlan("faker:date_object")})}, name="p")
    assert problems(sqlite, plan) == (
        "t.c: is unique, and faker:date_object may repeat; use a range",
    )


def test_a_foreign_key_is_filled_as_a_whole(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE p (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b));
        CREATE TABLE c (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES p (a, b))
        """,
    )
    tables = {
        "p": TablePlan(3, {"a": SEQUENCE, "b": between(1, 9)}),
        "c": TablePlan(3, {"a": FK, "b": between(1, 9)}),
    }
    assert problems(sqlite, Plan(tables=tables, name="p")) == (
        "c.a, b: all columns of a foreign key must be fk, or none",
    )
