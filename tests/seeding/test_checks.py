from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import (
    CheckConstraint,
    Column,
    MetaData,
    NullPool,
    Table,
    create_engine,
    insert,
    text,
)
from sqlalchemy import types as t
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.exc import IntegrityError

from faker_neural.seeding.domains.checks import domains
from faker_neural.seeding.domains.domain import Domain, comparable_time

TEXTS = (
    "", "a", "b", "A", "AB", "ab", "A1", "a_c", "abc", "A%", "12", "007", "12a", "x@y.z", "ABC-12",
    "it's", "a\\b", "[a]", "A]", "^", "red", "blue", "red wine", "two\nlines",
)  # fmt: skip
NUMBERS = (-5, -3, 0, 1, 2, 3, 5, 99, 100, 2155)
PRICES = tuple(map(Decimal, ("-0.01", "0", "0.01", "0.5", "99.99", "100")))
DAYS = (dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2021, 1, 1))
LETTERS = "'a', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'"
TYPES = {
    "text": (t.String(20), TEXTS),
    "integer": (t.Integer(), NUMBERS),
    "decimal": (t.Numeric(8, 2), PRICES),
    "date": (t.Date(), DAYS),
    "boolean": (t.Boolean(), (True, False)),
}


def read(check: str, type_: t.TypeEngine[Any], dialect: str = "sqlite") -> Domain:
    """What is read of a table with the one column c and this constraint."""
    table = Table("t", MetaData(), Column("c", type_), CheckConstraint(check))
    return dict(domains(table, dialect)).get("c", Domain())


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("text", "c IN ('a','b')"),
        ("text", "c = 'a' OR c = 'b' OR c IS NULL"),
        ("text", "'a' == c"),
        ("text", "c = 'it''s'"),
        ("text", 'c in ("a", "red wine")'),
        ("text", "[c] in ('a')"),
        ("text", "(c = 'a' AND length(c) = 1) OR c = 'b'"),
        ("text", "c in ('red', 'blue') AND length(c) < 4"),
        ("text", "c <> ''"),
        ("text", "NOT (c <> 'a')"),
        ("text", "NOT (NOT (c = 'a'))"),
        ("text", "length(c) > 2"),
        ("text", "length(c) <> 0"),
        ("text", "3 <= length(c)"),
        ("text", "length(c) BETWEEN 1 AND 2"),
        ("text", "c IS NOT NULL AND length(c) <= 2"),
        ("text", "trim(c) <> ''"),
        ("text", "length(trim(c)) >= 3"),
        ("text", "c LIKE 'A%'"),
        ("text", "c LIKE 'a_%' AND c LIKE '%c'"),
        ("text", "c LIKE '%\\_c'"),
        ("text", "c LIKE 'a!_c' ESCAPE '!'"),
        ("text", "c GLOB '[A-Z][A-Z0-9]*'"),
        ("text", "c GLOB '[^a-z]?'"),
        ("text", "c GLOB '*[]]'"),
        ("text", "c GLOB '[[]*'"),
        ("text", "c GLOB 'a\\b'"),
        ("text", "c NOT GLOB '*[^0-9]*'"),
        ("integer", "c > 0"),
        ("integer", "0 < c AND 100 > c"),
        ("integer", "c >= 0 AND c < 100"),
        ("integer", "c BETWEEN -3 AND +3"),
        ("integer", "c BETWEEN -3 AND 3"),
        ("integer", "NOT c < 3"),
        ("integer", "NOT (c < 3 OR c > 5)"),
        ("integer", "c IN (1, 2, 3)"),
        ("integer", "c IS NULL OR c > 2"),
        ("integer", "c > 0.5 AND c <= 1e2"),
        ("integer", "CAST(c AS INTEGER) >= '3'"),
        ("decimal", "c > 0 AND c < 100"),
        ("decimal", "c <= 99.99"),
        ("decimal", "c IN (0.01, 100)"),
        ("date", "c >= '2020-01-01'"),
        ("date", "c > '2020-01-01' AND c < date('2020-12-31')"),
        ("date", "c IN ('2020-06-01')"),
        ("boolean", "c IN (0, 1)"),
        ("boolean", "c = TRUE"),
    ],
)
def test_a_domain_allows_what_sqlite_does(kind, check):
    type_, values = TYPES[kind]
    engine, metadata = create_engine("sqlite://", poolclass=NullPool), MetaData()
    made = Table("t", metadata, Column("c", type_), CheckConstraint(check))
    with engine.connect() as connection:
        metadata.create_all(connection)
        table = Table("t", MetaData(), autoload_with=connection)
        domain = dict(domains(table, "sqlite")).get("c", Domain())
        for value in values:
            assert (domain.problem(value) == "") == is_taken(connection, made, value), value


def is_taken(connection: sqlalchemy.Connection, table: Table, value: object) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(c=value))
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize(
    ("type_", "check", "expected"),
    [
        (
            t.String(9),
            "((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            Domain(values=("a", "b")),
        ),
        (t.Text(), "c = ANY (ARRAY['a'::text, 'b'::text])", Domain(values=("a", "b"))),
        (t.String(9), "c IS NOT NULL AND length(c::text) <= 2", Domain(most_length=2)),
        (t.CHAR(3), "char_length(c) = 3", Domain(min_length=3, most_length=3)),
        (t.String(9), "octet_length(c::text) = 3", Domain(min_length=3, most_length=3)),
        (t.String(9), "c::text ~~ 'A\\_%'::text", Domain(pattern=r"A_[\s\S]*")),
        (t.String(9), "c::text ~~* 'a1%'::text", Domain(pattern=r"[Aa]1[\s\S]*")),
        (t.String(9), "c::text ~ '^[A-Z]{2}\\d+$'::text", Domain(pattern=r"[A-Z]{2}\d+")),
        (t.String(9), "c::text ~ '^ab?c$'::text", Domain(pattern="ab?c")),
        (t.String(9), "c::text ~ 'a|b'::text", Domain(pattern=r"[\s\S]*(?:a|b)[\s\S]*")),
        (t.String(9), "c::text ~* '^(ab|c)'::text", Domain(pattern=r"(?i:(ab|c))[\s\S]*")),
        (t.Numeric(5, 2), "c >= 0::numeric AND c < 100::numeric", Domain(low=0, below=100)),
        (t.Integer(), "c IS NULL OR c > '-3'::integer", Domain(above=-3)),
        (t.Double(), "c > 0.5::double precision", Domain(above=Decimal("0.5"))),
        (
            t.DateTime(),
            "c >= '2020-01-01 00:00:00'::timestamp without time zone",
            Domain(low="2020-01-01 00:00:00"),
        ),
        (t.Boolean(), "c = true", Domain(values=(True,))),
    ],
)
def test_constraints_are_read_as_postgresql_prints_them(type_, check, expected):
    assert read(check, type_, "postgresql") == expected


@pytest.mark.parametrize(
    ("type_", "check", "expected"),
    [
        (t.String(9), "`c` in (_utf8mb4'a',_utf8mb4'b')", Domain(values=("a", "b"))),
        (t.String(9), "`c` like 'a\\\\_%'", Domain(pattern=r"a_[\s\S]*")),
        (t.String(9), "`c` regexp '^[0-9]+$'", Domain(pattern="[0-9]+")),
        (t.String(9), "char_length(`c`) between 2 and 4", Domain(min_length=2, most_length=4)),
        (t.Numeric(5, 2), "`c` >= 0 and `c` < 100", Domain(low=0, below=100)),
        (mysql.YEAR(), "`c` > 1999", Domain(above=1999)),
        (mysql.TINYINT(1), "`c` in (true,false)", Domain(values=(1, 0))),
    ],
)
def test_constraints_are_read_as_mariadb_prints_them(type_, check, expected):
    assert read(check, type_, "mariadb") == expected


@pytest.mark.parametrize(
    ("type_", "check", "dialect"),
    [
        (t.Integer(), "c % 2 = 0", "sqlite"),
        (t.Integer(), "c <> 3", "sqlite"),
        (t.Integer(), "abs(c) > 2", "sqlite"),
        (t.Integer(), "c NOT BETWEEN 1 AND 3", "sqlite"),
        (t.Integer(), "c < 3 OR c > 5", "sqlite"),
        (t.Integer(), "c BETWEEN SYMMETRIC 3 AND 1", "postgresql"),
        (t.Integer(), "c IS TRUE", "sqlite"),
        (t.Integer(), "c = -'a'", "sqlite"),
        (t.Integer(), "c = 'one'", "sqlite"),
        (t.Integer(), "length(c) = 3", "sqlite"),
        (t.Integer(), "c > 1 +", "sqlite"),
        (t.Integer(), "c LIKE '1%'", "sqlite"),
        (t.Integer(), "1 = 1", "sqlite"),
        (t.String(9), "c IN ('a', NULL)", "sqlite"),
        (t.String(9), "c >= 'b'", "sqlite"),
        (t.String(9), "c = 5", "sqlite"),
        (t.String(9), "length(c) = 'a'", "sqlite"),
        (t.String(9), "length(c) <> 3", "sqlite"),
        (t.String(9), "c REGEXP '^a'", "sqlite"),  # a function that somebody wrote
        (t.String(9), "c NOT LIKE 'a%'", "sqlite"),
        (t.String(9), "c NOT GLOB 'a*'", "sqlite"),
        (t.String(9), "c NOT GLOB '*[^z-a]*'", "sqlite"),
        (t.String(9), "c GLOB '[a'", "sqlite"),
        (t.String(9), "c GLOB 'a' ESCAPE '!'", "sqlite"),
        (t.String(9), "upper(c) IN ('A')", "sqlite"),
        (t.String(9), "c IN (SELECT 'a')", "sqlite"),
        (t.String(9), "c ~ '^a|b$'", "postgresql"),
        (t.String(9), "c ~ '^a|^b'", "postgresql"),
        (t.String(9), "c ~ '(?i)a'", "postgresql"),
        (t.String(9), "c ~ '\\ya'", "postgresql"),
        (t.String(9), "c ~ '^(a)\\1$'", "postgresql"),
        (t.String(9), "regexp_like(c, 'a', 'c')", "mysql"),
        (t.String(9), "c REGEXP '^[^a]$'", "mysql"),  # leaves out A, too
        (t.Text(), "json_valid(`c`)", "mariadb"),
        (t.Boolean(), "c = 3", "sqlite"),
        (t.Date(), "c > 20200101", "sqlite"),
        (t.Date(), "c > date('now')", "sqlite"),
        (t.JSON(), "c = '{}'", "sqlite"),
    ],
)
def test_what_is_not_understood_is_left_out(type_, check, dialect):
    assert read(check, type_, dialect) == Domain()


def test_a_constraint_too_deep_to_read_is_left_out():
    assert read(f"{'(' * 5000}c > 1{')' * 5000}", t.Integer()) == Domain()


def test_columns_are_found_by_name_without_regard_to_case():
    table = Table(
        "t",
        MetaData(),
        Column("Price", t.Integer()),
        Column("Low", t.Integer()),
        CheckConstraint("price > 0 AND t.LOW > 1"),
        CheckConstraint("low < price OR other > 3"),
        CheckConstraint("price < 9"),
    )
    assert domains(table, "sqlite") == {
        "Price": Domain(above=0, below=9),
        "Low": Domain(above=1),
    }


def test_a_column_that_may_only_be_null_has_no_values():
    domain = read("c IS NULL", t.Integer())
    assert domain.problem(1) == "must be NULL"
    assert domain.problem(None) == ""


def test_a_domain_of_postgresql_is_read():
    year = DOMAIN("year", t.Integer(), check="VALUE >= 1901 AND VALUE <= 2155")
    table = Table("t", MetaData(), Column("c", year))
    assert domains(table, "postgresql") == {"c": Domain(low=1901, high=2155)}


def test_several_constraints_hold_together():
    checks = CheckConstraint("c < 9"), CheckConstraint("`c` > 3")
    found = domains(Table("t", MetaData(), Column("c", t.Integer()), *checks), "mariadb")
    assert found == {"c": Domain(above=3, below=9)}


def test_a_constraint_without_a_text_is_left_out():
    column: Column[int] = Column("c", t.Integer())
    assert domains(Table("t", MetaData(), column, CheckConstraint(column > 3)), "sqlite") == {}


@pytest.mark.parametrize(
    ("check", "value", "problem"),
    [
        ("c in ('a', 'b')", "c", "must be one of 'a', 'b'"),
        ("length(c) > 2", "ab", "must have at least 3 characters"),
        ("length(c) < 3", "abc", "must have at most 2 characters"),
        ("c like '1%'", "2", r"must match 1[\s\S]*"),
    ],
)
def test_a_problem_names_the_rule_of_a_text(check, value, problem):
    assert read(check, t.String(9)).problem(value) == problem


@pytest.mark.parametrize(
    ("domain", "value", "problem"),
    [
        (Domain(low=0), -1, "must be at least 0"),
        (Domain(high=Decimal("9.99")), 10, "must be at most 9.99"),
        (Domain(above=0), 0.0, "must be above 0"),
        (Domain(below=5), Decimal(5), "must be below 5"),
        (Domain(values=tuple("aabcdefghijklmno")), "z", f"must be one of {LETTERS}, ..."),
        (Domain(low="2020-01-01"), dt.date(2019, 1, 1), "must be at least 2020-01-01"),
        (Domain(above="10:00:00"), dt.time(9), "must be above 10:00:00"),
        (Domain(high="2020-01-01"), dt.datetime(2020, 1, 1, 11), "must be at most 2020-01-01"),
        (Domain(high="2020-01-01"), dt.date(2020, 1, 1), ""),
        (Domain(high="2020-01-01"), dt.datetime(2020, 1, 1, tzinfo=dt.UTC), ""),
        (Domain(values=("2020-01-01",)), dt.date(2020, 1, 1), ""),
        (Domain(values=("2020-01-01",)), dt.date(2020, 1, 2), "must be one of '2020-01-01'"),
        (Domain(values=("2020-01-01",)), 5, "must be one of '2020-01-01'"),
        (Domain(low=0, above=1, high=2, below=3), None, ""),
    ],
)  # fmt: skip
def test_a_problem_names_the_first_rule_that_a_value_breaks(domain, value, problem):
    assert domain.problem(value) == problem


@pytest.mark.parametrize("value", ["a", b"a", [1], {}, object(), dt.date.min, Decimal("sNaN"), 1j])
def test_what_does_not_compare_is_no_problem_of_a_bound(value):
    assert Domain(low=0, above=0, high=9, below=9).problem(value) == ""
    assert Domain(values=(0,)).problem(value) == "must be one of 0"


def test_what_two_domains_allow_is_what_each_does():
    one = Domain(low=0, high=7, below=9, min_length=1, pattern="a.*")
    other = Domain(low=3, high=5, above=1, most_length=4, pattern=".*b")
    both = one.within(other)
    assert (both.low, both.high, both.above, both.below) == (3, 5, 1, 9)
    assert (both.min_length, both.most_length) == (1, 4)
    assert [text for text in ("ab", "ac", "cb", "acb") if not both.problem(text)] == ["ab", "acb"]


def test_the_values_of_two_domains_are_held_against_all_their_bounds():
    values = Domain(values=(1, 2, 3, 4))
    assert values.within(Domain(above=1, values=(4, 3, 1))).values == (3, 4)
    assert Domain(below=3).within(values).values == (1, 2)


def test_a_pattern_that_both_have_stays_as_it_is():
    assert Domain(pattern="a+").within(Domain(pattern="a+")).pattern == "a+"
    assert Domain().within(Domain(pattern="a+")).pattern == "a+"


def test_an_instant_is_the_same_however_it_is_written():
    noon = dt.datetime(2020, 1, 1, 12)
    assert (
        comparable_time("2020-01-01 12:00") == comparable_time("2020-01-01T14:00:00+02:00") == noon
    )
    assert comparable_time(noon) == noon
    assert comparable_time("12:00") == comparable_time(dt.time(12)) == dt.time(12)
    assert comparable_time("noon") is None
    assert comparable_time(3) is None


def test_constraints_are_read_from_postgresql(postgresql):
    with create_engine(postgresql, poolclass=NullPool).connect() as connection:
        connection.execute(text("CREATE DOMAIN year AS int CHECK (VALUE BETWEEN 1901 AND 2155)"))
        table = made(
            connection,
            "status varchar(9) CHECK (status IN ('a', 'b'))",
            'price numeric(6, 2) CHECK (price >= 0 AND price < 100), "Odd one" int',
            "code varchar(9) CHECK (code ~ '^[A-Z]{2}$' AND length(code) > 1)",
            "day date CHECK (day >= '2020-01-01'), release year",
            'CHECK ("Odd one" IS NULL OR "Odd one" > -3)',
        )
        assert domains(table, "postgresql") == {
            "status": Domain(values=("a", "b")),
            "price": Domain(low=0, below=100),
            "code": Domain(pattern="[A-Z]{2}", min_length=2),
            "day": Domain(low="2020-01-01"),
            "release": Domain(low=1901, high=2155),
            "Odd one": Domain(above=-3),
        }


def test_constraints_are_read_from_mariadb(mariadb):
    with create_engine(mariadb, poolclass=NullPool).connect() as connection:
        table = made(
            connection,
            "status varchar(9), CHECK (status IN ('a', 'it''s', 'b\\\\c'))",
            "price decimal(6, 2), CONSTRAINT dear CHECK (price >= 0 AND price < 100)",
            "day date, CHECK (day >= '2020-01-01'), notes json",
        )
        assert domains(table, "mariadb") == {
            "status": Domain(values=("a", "it's", "b\\c")),
            "price": Domain(low=0, below=100),
            "day": Domain(low="2020-01-01"),
        }


def made(connection: sqlalchemy.Connection, *columns: str) -> Table:
    connection.execute(text(f"CREATE TABLE t ({', '.join(columns)})"))
    return Table("t", MetaData(), autoload_with=connection)


@pytest.mark.parametrize(
    ("check", "taken", "refused"),
    [
        ("c = lower(c)", "a-1.b", "Ab"),
        ("((c)::text = lower((c)::text))", "abc", "aÄ"),
        ("upper(c) = c", "AB 1", "Ab"),
    ],
)
def test_a_text_may_have_to_be_of_one_case(check: str, taken: str, refused: str) -> None:
    table = Table("t", MetaData(), Column("c", t.String(9)), CheckConstraint(check))
    domain = domains(table, "postgresql")["c"]
    assert not domain.problem(taken)
    assert domain.problem(refused)


def test_a_text_in_the_case_of_another_column_is_not_understood() -> None:
    columns = (Column("c", t.String(9)), Column("d", t.String(9)))
    table = Table("t", MetaData(), *columns, CheckConstraint("c = lower(d)"))
    assert not domains(table, "postgresql")
