"""Unique columns and constraints hold at any size, also against rows that were there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import schemas
from sqlalchemy import URL

from faker_neural import PlanError
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, seed
from faker_neural.seeding.keys.distinct import HashSet, hashes

SEQUENCE = ColumnPlan("sequence")


@pytest.fixture
def file(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "unique.db"))


def plan(rows: int, **columns: ColumnPlan) -> Plan:
    return Plan(tables={"t": TablePlan(rows, columns)})


def test_text_of_few_values_gets_numbers_and_stays_unique(database: URL) -> None:
    schemas.create(database, "CREATE TABLE t (name VARCHAR(12) PRIMARY KEY)")
    seed(database, plan(3000, name=ColumnPlan("faker:first_name")))
    found = [row[0] for row in schemas.rows(database, "SELECT name FROM t")]
    assert len({name.casefold() for name in found}) == 3000
    assert max(map(len, found)) <= 12
    assert sum(name.isalpha() for name in found) > 300


def test_a_number_goes_before_the_at_sign_of_an_address(file: URL) -> None:
    schemas.create(file, "CREATE TABLE t (email VARCHAR(40) UNIQUE NOT NULL)")
    mail = ColumnPlan("choice", {"values": ["a@example.com"]})
    with pytest.raises(PlanError, match="1 value for 5 rows"):
        seed(file, plan(5, email=mail))
    one_of_few = ColumnPlan(
        "faker:random_element", {"elements": ["a@example.com", "b@example.com"]}
    )
    seed(file, plan(50, email=one_of_few))
    found = [row[0] for row in schemas.rows(file, "SELECT email FROM t")]
    assert len(set(found)) == 50
    assert all(mail.count("@") == 1 and mail.endswith("@example.com") for mail in found)


def test_learned_text_is_drawn_again_before_it_gets_a_number(file: URL) -> None:
    schemas.create(file, "CREATE TABLE t (name VARCHAR(60) UNIQUE)")
    seed(file, plan(2000, name=ColumnPlan("neural:dish_name", {"temperature": 0.9})))
    found = [row[0] for row in schemas.rows(file, "SELECT name FROM t")]
    assert len(set(found)) == 2000
    assert sum(name[-1].isdigit() for name in found) < 20


def test_all_texts_that_a_short_column_holds_are_found(file: URL) -> None:
    schemas.create(file, "CREATE TABLE t (code VARCHAR(2) UNIQUE NOT NULL)")
    with pytest.raises(PlanError, match=r"t\.code: is unique and has 110 values for 111 rows"):
        seed(file, plan(111, code=ColumnPlan("faker:random_element", {"elements": ["x"]})))
    seed(file, plan(100, code=ColumnPlan("faker:random_element", {"elements": ["x"]})))
    assert schemas.rows(file, "SELECT count(DISTINCT code) FROM t") == [(100,)]


def test_a_choice_and_a_range_are_dealt_out(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE t (letter CHAR(1) UNIQUE, number INTEGER UNIQUE, day DATE UNIQUE,
            price NUMERIC(6, 2) UNIQUE)
        """,
    )
    columns = {
        "letter": ColumnPlan("choice", {"values": list("abcdefghij")}),
        "number": ColumnPlan("range", {"low": 1, "high": 10}),
        "price": ColumnPlan("range", {"low": Decimal("0.01"), "high": Decimal("0.10")}),
    }
    seed(file, plan(10, **columns))
    for column in columns:
        assert schemas.rows(file, f"SELECT count(DISTINCT {column}) FROM t") == [(10,)]


def test_what_cannot_be_met_is_refused_before_the_first_row(file: URL) -> None:
    schemas.create(
        file, "CREATE TABLE t (letter CHAR(1) UNIQUE NOT NULL, number INTEGER UNIQUE NOT NULL)"
    )
    columns = {
        "letter": ColumnPlan("choice", {"values": list("abcdefghij")}),
        "number": ColumnPlan("faker:random_int"),
    }
    with pytest.raises(PlanError) as caught:
        seed(file, plan(100, **columns))
    assert caught.value.problems == (
        "t.letter: is unique and has 10 values for 100 rows",
        "t.number: is unique, and faker:random_int may repeat; use a range",
    )
    assert schemas.rows(file, "SELECT count(*) FROM t") == [(0,)]


def test_composite_constraints_hold(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, colour VARCHAR(10) NOT NULL, size INTEGER NOT NULL,
            name VARCHAR(20) NOT NULL, UNIQUE (colour, size), UNIQUE (size, name))
        """,
    )
    columns = {
        "id": SEQUENCE,
        "colour": ColumnPlan("choice", {"values": ["red", "green", "blue"]}),
        "size": ColumnPlan("range", {"low": 1, "high": 40}),
        "name": ColumnPlan("faker:random_element", {"elements": ["a", "b"]}),
    }
    seed(database, plan(120, **columns))
    for pair in ("colour, size", "size, name"):
        found = schemas.rows(database, f"SELECT {pair} FROM t")
        assert len(set(found)) == len(found) == 120


def test_rows_that_were_there_are_not_repeated(database: URL) -> None:
    schemas.create(
        database,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(12) UNIQUE, size INTEGER UNIQUE)",
    )
    columns = {
        "id": SEQUENCE,
        "name": ColumnPlan("faker:first_name"),
        "size": ColumnPlan("range", {"low": 1, "high": 300}),
    }
    for _ in range(3):  # each begins with the plan's first row again
        seed(database, plan(100, **columns))
    assert schemas.rows(
        database, "SELECT count(DISTINCT id), count(DISTINCT name), count(DISTINCT size) FROM t"
    ) == [(300, 300, 300)]


def test_rows_without_a_value_do_not_count(file: URL) -> None:
    schemas.create(file, "CREATE TABLE t (id INTEGER PRIMARY KEY, letter CHAR(1) UNIQUE)")
    letters = ColumnPlan("choice", {"values": list("abcdefghij")}, null=0.5)
    seed(file, plan(10, id=SEQUENCE, letter=letters))
    (count, given, distinct) = schemas.rows(
        file, "SELECT count(*), count(letter), count(DISTINCT letter) FROM t"
    )[0]
    assert count == 10
    assert given == distinct < 10


def test_a_constraint_of_some_rows_alone_asks_for_nothing(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT NOT NULL);
        CREATE UNIQUE INDEX some ON t (state) WHERE state = 'never'
        """,
    )
    states = ColumnPlan("choice", {"values": ["on", "off"]})
    seed(file, plan(50, id=SEQUENCE, state=states))


@pytest.mark.parametrize(
    "collation", ["utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_uca1400_ai_ci"]
)
@pytest.mark.parametrize(
    "model", ["ru_person_name", "japanese_address", "artwork_title", "dish_name"]
)
def test_collations_that_take_texts_for_the_same_find_none(
    mariadb: URL, model: str, collation: str
) -> None:
    if "1400" in collation and not schemas.rows(mariadb, f"SHOW COLLATION LIKE '{collation}'"):
        collation = "utf8mb4_unicode_520_ci"
    schemas.create(
        mariadb, f"CREATE TABLE t (name VARCHAR(190) COLLATE {collation} UNIQUE NOT NULL)"
    )
    seed(mariadb, plan(1500, name=ColumnPlan(f"neural:{model}")))
    assert schemas.rows(mariadb, "SELECT count(DISTINCT name) FROM t") == [(1500,)]


def test_texts_that_a_collation_may_take_for_the_same_have_one_hash() -> None:
    same = [
        ("Strasse", "straße "),
        ("Évian", "evian"),
        ("\uff21\uff22", "ab"),
        ("😀", "🎉"),
        ("か", "カ"),
    ]
    for one, other in same:
        assert hashes([[one]]) == hashes([[other]]), (one, other)
    assert len(set(hashes([["a"], ["b"], ["a", "b"], ["ab"], [1], [None]]).tolist())) == 6


def test_a_set_of_hashes_knows_what_was_added() -> None:
    random = np.random.default_rng(0)
    seen, known = HashSet(), set[int]()
    for size in (1, 1000, 3, 0, 5000, 10):
        added = random.integers(0, 2**64, size, dtype=np.uint64)
        seen.add(added)
        known |= set(added.tolist())
    there = np.array(sorted(known), dtype=np.uint64)
    assert len(seen) == len(known)
    assert seen.holds(there).all()
    assert not seen.holds(there + np.uint64(1)).any()


@pytest.mark.parametrize("chunk", [1, 7, 130])
def test_unique_rows_do_not_depend_on_how_many_are_made_together(
    file: URL, tmp_path: Path, chunk: int
) -> None:
    """Some rows take what a later row would have had."""
    other = file.set(database=str(tmp_path / "other.db"))
    columns = {
        "name": ColumnPlan("faker:random_int", {"min": 1, "max": 400}),
        "pair": ColumnPlan("choice", {"values": [*"abc"], "weights": [5, 3, 1]}),
    }
    for url in (file, other):
        schemas.create(
            url, "CREATE TABLE t (name VARCHAR(9) UNIQUE, pair CHAR(1), UNIQUE (name, pair))"
        )
    seed(file, plan(300, **columns))
    seed(other, plan(300, **columns), chunk=chunk)
    assert schemas.dump(file) == schemas.dump(other)


def test_keys_that_are_read_back_count_as_those_that_were_made(database: URL) -> None:
    """A decimal, a boolean and a moment come back in another form from some databases."""
    schemas.create(
        database,
        """
        CREATE TABLE t (a VARCHAR(5) NOT NULL, price NUMERIC(6, 2) NOT NULL, flag BOOLEAN NOT NULL,
            at TIMESTAMP NOT NULL, UNIQUE (a, price), UNIQUE (a, flag, at))
        """,
    )
    columns = {
        "a": ColumnPlan("choice", {"values": ["x", "y"], "weights": [3, 1]}),
        "price": ColumnPlan("range", {"low": Decimal("0.10"), "high": Decimal("0.60")}),
        "flag": ColumnPlan("choice", {"values": [True, False]}),
        "at": ColumnPlan(
            "range", {"low": dt.datetime(2024, 1, 1), "high": dt.datetime(2024, 1, 1, 0, 0, 40)}
        ),
    }
    for _ in range(3):
        seed(database, plan(20, **columns), append=True)
    found = schemas.rows(database, "SELECT count(*) FROM t")
    assert found == [(60,)]
