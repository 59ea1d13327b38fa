"""CHECK constraints that would cost a reader hours are read in bounded time, or not understood."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
import schemas
import sqlalchemy
from sqlalchemy import URL
from sqlalchemy import types as t

from faker_neural import DatabaseError, FakerNeuralError
from faker_neural.seeding import preview, propose, read_plan, seed, write_plan
from faker_neural.seeding.domains.checks import domains
from faker_neural.seeding.domains.domain import Domain


def domain_of(check: str, type_: t.TypeEngine[object] | None = None) -> Domain:
    table = sqlalchemy.Table(
        "t",
        sqlalchemy.MetaData(),
        sqlalchemy.Column("c", type_ or t.Text()),
        sqlalchemy.CheckConstraint(sqlalchemy.text(check)),
    )
    return dict(domains(table, "sqlite")).get("c", Domain())


def test_a_text_is_matched_with_many_wildcards_at_once() -> None:
    domain = domain_of(f"c GLOB '{'*a' * 40}*z'")
    started = time.process_time()
    assert domain.problem("a" * 5000).startswith("must match ")
    assert not domain.problem("a" * 5000 + "z")
    assert time.process_time() - started < 5


def test_the_rule_of_a_long_pattern_is_shortened() -> None:
    assert len(domain_of(f"c GLOB '{'*a' * 80}*z'").problem("b")) < 250


@pytest.mark.parametrize(
    "check",
    [
        f"c GLOB '{'*a' * 500}*'",
        f"c LIKE '%a{'_' * 30}%'",
        f"c LIKE '{'%_' * 400}'",
        "length(c) >= 100000",
        "length(c) = 9999999999999",
        "length(c) = -1",
        "length(c) < 0",
        f"c IN ({', '.join(map(repr, map(str, range(1001))))})",
        f"{'(' * 3000}c = 'a'{')' * 3000}",
    ],
)
def test_a_check_that_is_too_much_is_not_understood(check: str) -> None:
    started = time.process_time()
    assert domain_of(check) == Domain()
    assert time.process_time() - started < 5


def test_the_patterns_of_two_checks_hold_together() -> None:
    domain = domain_of("c LIKE '%a_%a%' AND c LIKE '%b%b%' AND c LIKE 'x%'")
    assert not domain.problem("xababa")
    assert domain.problem("xaba")
    assert domain.problem("ababa")


def test_two_patterns_that_are_too_much_together_are_one() -> None:
    one, other = (f"c LIKE '%{letter}{'_' * 8}%'" for letter in "ab")
    assert domain_of(one) != Domain()
    assert domain_of(f"{one} AND {other}") == domain_of(one)


@pytest.mark.parametrize(
    ("declared", "accepted"),
    [
        ("DECIMAL(1000000, 999999)", True),
        ("NUMERIC(99999999999999999999, 2)", True),
        (f"DECIMAL({'9' * 5000}, 2)", False),
    ],
)
def test_a_declared_size_that_no_database_has_is_none(
    declared: str, accepted: bool, tmp_path: Path
) -> None:
    path = tmp_path / "evil.db"
    path.touch()
    url = URL.create("sqlite", database=str(path))
    schemas.create(url, f"CREATE TABLE t (id INTEGER PRIMARY KEY, d {declared} NOT NULL)")
    if accepted:
        assert seed(url, propose(url)).rows == {"t": 10}
    else:
        with pytest.raises(DatabaseError, match=r"too long a definition|a number that is too long"):
            propose(url)


@pytest.mark.parametrize(
    "column",
    [
        "name TEXT NOT NULL CHECK (length(name) = -1)",
        f"name TEXT NOT NULL UNIQUE CHECK (name LIKE '{'%_' * 400}b')",
        f"name TEXT NOT NULL DEFAULT '{'x' * 10_000}'",
        f"name TEXT NOT NULL CHECK (name IN ({', '.join(map(repr, map(str, range(60_000))))}))",
        "d NUMERIC(65, 30) NOT NULL CHECK (d > 0)",
    ],
)
def test_a_schema_that_no_reader_was_made_for_ends(column: str, tmp_path: Path) -> None:
    path = tmp_path / "evil.db"
    path.touch()
    url = URL.create("sqlite", database=str(path))
    schemas.create(url, f"CREATE TABLE t (id INTEGER PRIMARY KEY, {column})")
    started = time.process_time()
    with suppress(FakerNeuralError):
        preview(url, propose(url))
    assert time.process_time() - started < 15


def test_a_name_adds_no_line_to_a_written_plan(tmp_path: Path) -> None:
    path = tmp_path / "evil.db"
    path.touch()
    url = URL.create("sqlite", database=str(path))
    schemas.create(url, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    name = "x\n[tables.evil]\n\x1b#"
    schemas.create(url, f'CREATE TABLE "{name}" (a TEXT CHECK (0), b INT NOT NULL CHECK (b < b))')
    written = write_plan(propose(url))
    assert "# x [tables.evil] \\x1b# is not filled: " in written
    (tmp_path / "plan.toml").write_text(written)
    assert list(read_plan(tmp_path / "plan.toml").tables) == ["t"]
