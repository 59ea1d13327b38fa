"""Schemas as real applications have them: tables of tools, defaults, patterns and keys."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
import schemas
from plans import SKIP, choice
from real import columns, filled, proposed, read
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, propose
from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.domains.sql_patterns import negative_search, search_regex
from faker_neural.seeding.schema.bookkeeping import is_bookkeeping
from faker_neural.seeding.schema.unique_keys import name_in_expression, names_in_statement

# tables that tools keep


@pytest.mark.parametrize(
    "name", ["alembic_version", "flyway_schema_history", "__EFMigrationsHistory", "django_session"]
)
def test_a_table_of_a_migration_tool_is_known_by_its_name(name: str) -> None:
    assert is_bookkeeping(name, ())
    assert not is_bookkeeping(f"{name}s", ())


def test_a_table_named_migrations_is_laravels_only_with_laravels_columns() -> None:
    assert is_bookkeeping("migrations", ["id", "migration", "batch"])
    assert not is_bookkeeping("migrations", ["id", "bird", "season"])


def test_tables_of_tools_are_read_but_not_proposed(database: URL) -> None:
    schema = read(
        database,
        "CREATE TABLE knex_migrations (id int PRIMARY KEY, name varchar(255))",
        "CREATE TABLE t (id int PRIMARY KEY)",
    )
    assert {name: table.bookkeeping for name, table in schema.tables.items()} == {
        "knex_migrations": True,
        "t": False,
    }
    assert list(propose(database).tables) == ["t"]


VIRTUAL = (
    "CREATE VIRTUAL TABLE search USING fts5(title)",
    "CREATE TABLE search_history (id integer PRIMARY KEY)",
)


@pytest.fixture
def with_fts5() -> None:
    """Skip where TensorFlow, imported before, brings an SQLite without FTS5 into the process."""
    with closing(sqlite3.connect(":memory:")) as connection, connection:
        modules = [name for (name,) in connection.execute("SELECT name FROM pragma_module_list")]
    connection.close()
    if "fts5" not in modules:
        pytest.skip("the SQLite of this process has no FTS5")


@pytest.mark.usefixtures("with_fts5")
def test_virtual_tables_and_their_shadow_tables_are_not_read(sqlite: URL) -> None:
    assert list(read(sqlite, *VIRTUAL).tables) == ["search_history"]


@pytest.mark.usefixtures("with_fts5")
def test_before_sqlite_lists_shadow_tables_they_are_known_by_their_prefix(
    sqlite: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faker_neural.seeding.schema import sqlite as module

    monkeypatch.setattr(module, "_LIST", "PRAGMA unknown_to_this_sqlite")
    assert list(read(sqlite, *VIRTUAL, "CREATE TABLE other (id int)").tables) == ["other"]


# defaults


@pytest.mark.parametrize("default", ["''", "'0000-00-00'", "'0000-00-00 00:00:00'"])
def test_an_empty_default_is_told_from_a_real_one(database: URL, default: str) -> None:
    found = columns(
        database,
        f"CREATE TABLE t (a varchar(40) NOT NULL DEFAULT {default},"
        " b varchar(40) NOT NULL DEFAULT 'new', c varchar(40) DEFAULT NULL)",
    )
    assert [one.empty_default for one in found.values()] == [True, False, False]
    assert [one.default for one in found.values()] == [True, True, False]


def test_a_text_is_left_to_a_real_default_alone(database: URL) -> None:
    read(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, email varchar(80) NOT NULL DEFAULT '',"
        " state varchar(20) NOT NULL DEFAULT 'new', city varchar(60) DEFAULT NULL)",
    )
    plans = proposed(database)
    assert plans["email"].source == "faker:email"
    assert plans["state"] == SKIP
    assert plans["city"].source != "skip"


def test_no_text_of_a_key_is_left_to_its_default(database: URL) -> None:
    read(
        database,
        "CREATE TABLE t (owner int, tag varchar(30) DEFAULT 'none', code varchar(30) UNIQUE"
        " DEFAULT 'x', PRIMARY KEY (owner, tag))",
    )
    assert {one.source for one in proposed(database).values()}.isdisjoint({"skip"})
    assert len({row[2] for row in filled(database)}) == 10


# bytes


def test_a_key_of_bytes_gets_bytes_of_its_length(mariadb: URL) -> None:
    read(
        mariadb,
        "CREATE TABLE t (id binary(16) PRIMARY KEY, hash binary(32) NOT NULL,"
        " token varbinary(8) NOT NULL, other_id varbinary(16) NOT NULL, note blob NOT NULL)",
    )
    plans = proposed(mariadb).values()
    assert {one.source for one in plans} == {"bytes"}
    assert [one.options["length"] for one in plans] == [16, 32, 8, 16, 16]
    assert {tuple(map(len, row)) for row in filled(mariadb)} == {(16, 32, 8, 16, 16)}


def test_a_blob_of_sqlite_with_a_size_gets_as_many_bytes(sqlite: URL) -> None:
    read(sqlite, "CREATE TABLE t (id blob(16) PRIMARY KEY NOT NULL CHECK (length(id) = 16))")
    assert proposed(sqlite)["id"] == ColumnPlan("bytes", {"length": 16})


def test_checks_limit_the_number_of_bytes(postgresql: URL) -> None:
    found = columns(
        postgresql,
        "CREATE TABLE t (sha bytea NOT NULL CHECK (octet_length(sha) = 20),"
        " short bytea NOT NULL CHECK (length(short) <= 4))",
    )
    assert found["sha"].domain.problem(b"a") == "must have at least 20 bytes"
    assert found["short"].domain.problem(b"abcde") == "must have at most 4 bytes"
    assert {tuple(map(len, row)) for row in filled(postgresql)} == {(20, 4)}


# patterns


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        ("^[[:digit:]]{2}$", ["12"], ["1", "1a"]),
        ("^[[:alpha:]_]+$", ["a_B"], ["a1", ":"]),
        ("^[-[:space:][:punct:]]$", ["-", " ", "]", "!"], ["a"]),
        ("^[^[:digit:]]+$", ["ab", "é]"], ["a1", "٣"]),
        ("^[^[:upper:]:]$", ["a", "1"], ["A", ":", "É"]),
        ("^[^[:alpha:]]$", ["1", "-"], ["a", "é"]),
        (r"^\[[:a]$", ["[:", "[a"], ["[["]),
    ],
)
def test_posix_classes_mean_what_databases_surely_take(
    pattern: str, taken: list[str], refused: list[str]
) -> None:
    made = search_regex(pattern, False)
    assert made is not None
    assert [text for text in taken + refused if re.fullmatch(made, text)] == taken


def test_a_negative_class_excludes_both_cases_where_case_is_ignored() -> None:
    made = search_regex("^[^[:upper:]]$", True)
    assert made is not None
    assert not re.fullmatch(made, "a")
    assert re.fullmatch(made, "1")


@pytest.mark.parametrize("pattern", ["[[:<:]]a", r"\ma", r"a\M", "[[=a=]]", "[[:name:]]"])
def test_what_has_no_class_in_python_is_not_understood(pattern: str) -> None:
    assert search_regex(pattern, False) is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[0-9]", "^[^0-9]*$"),
        ("[^a-z]+", "^[a-z]*$"),
        ("^[[:space:]]", r"^([^[:space:]][\s\S]*)?$"),
        (r"\d", r"^[^\d]*$"),
        ("ab", None),
        ("[0-9]*", None),
        ("[0-9]{3}", None),
    ],
)
def test_a_class_that_must_not_match_leaves_the_other_characters(
    pattern: str, expected: str | None
) -> None:
    assert negative_search(pattern) == expected


@pytest.mark.parametrize("check", ["~ '^[^[:digit:]]+$'", "!~ '[[:digit:]]'", "!~* '[0-9]'"])
def test_names_without_digits_are_still_names(postgresql: URL, check: str) -> None:
    read(postgresql, "CREATE TABLE employee (full_name varchar(40) NOT NULL)")
    before = proposed(postgresql, "employee")
    read(postgresql, f"ALTER TABLE employee ADD CHECK (full_name {check})")
    assert proposed(postgresql, "employee") == before
    names = [name for (name,) in filled(postgresql, "employee")]
    assert all(len(name) > 4 and not re.search(r"\d", name) for name in names)


@pytest.mark.parametrize(
    ("check", "pattern"),
    [
        ("REGEXP '^[^[:digit:]]+$'", r"[^\d]+"),
        ("NOT REGEXP '[0-9]'", "[^0-9]*"),
        ("REGEXP '^[^[:upper:]]+$'", None),
        ("NOT REGEXP 'ab'", None),
    ],
)
def test_patterns_of_mariadb_are_read(mariadb: URL, check: str, pattern: str | None) -> None:
    found = columns(mariadb, f"CREATE TABLE t (x varchar(40) CHECK (x {check}))")
    assert found["x"].domain == Domain(pattern=pattern)


# other schemas


def test_a_parent_in_another_schema_is_read_but_not_filled(postgresql: URL) -> None:
    schema = read(
        postgresql,
        "CREATE SCHEMA auth",
        "CREATE DOMAIN auth.age AS int CHECK (VALUE < 150)",
        "CREATE TABLE auth.users (id int PRIMARY KEY, login varchar(20) UNIQUE, age auth.age,"
        " spot point)",
        "INSERT INTO auth.users VALUES (41), (42)",
        "CREATE TABLE t (user_id int NOT NULL REFERENCES auth.users)",
    )
    users = schema.tables["auth.users"]
    assert users.unique == (("id",), ("login",))
    assert {(one.table, str(one)) for one in users.columns.values()} >= {
        ("auth.users", "auth.users.age")
    }
    assert users.columns["age"].domain.below == 150
    assert users.columns["spot"].of_type == "point"
    assert schema.tables["t"].foreign_keys[0].parent == "auth.users"
    assert list(schema.fillable) == ["t"]
    assert {row for (row,) in filled(postgresql)} == {41, 42}


def test_without_tables_in_the_current_schema_those_of_all_schemas_are_proposed(
    postgresql: URL,
) -> None:
    schema = read(
        postgresql,
        "CREATE SCHEMA shop",
        "CREATE TABLE schema_version (id int)",
        "CREATE TABLE shop.part (id int, k int) PARTITION BY LIST (k)",
        "CREATE TABLE shop.part_1 PARTITION OF shop.part FOR VALUES IN (7)",
        "CREATE TABLE shop.t (id int PRIMARY KEY)",
    )
    assert sorted(schema.tables) == ["schema_version", "shop.part", "shop.t"]
    assert sorted(propose(postgresql).tables) == ["shop.part", "shop.t"]
    assert proposed(postgresql, "shop.part")["k"] == choice(7)


def test_a_parent_in_another_database_of_mariadb_is_read(mariadb: URL) -> None:
    other = f"{mariadb.database}_b"
    try:
        schema = read(
            mariadb,
            f"CREATE DATABASE {other}",
            f"CREATE TABLE {other}.users (id inet6 PRIMARY KEY, name varchar(9) CHARSET latin1)",
            f"CREATE TABLE t (id inet6 NOT NULL REFERENCES {other}.users (id))",
        )
        users = schema.tables[f"{other}.users"]
        assert users.columns["id"].of_type == "inet6"
        assert users.columns["name"].fit.encoding == "cp1252"
        assert list(schema.fillable) == ["t"]
    finally:
        with schemas.connected(mariadb) as connection:
            connection.exec_driver_sql("DROP TABLE t")
            connection.exec_driver_sql(f"DROP DATABASE {other}")


# keys


def test_a_key_that_lists_its_values_gets_them(database: URL) -> None:
    read(database, "CREATE TABLE t (id int PRIMARY KEY, CHECK (id IN (3, 5, 8)))")
    assert proposed(database)["id"] == choice(3, 5, 8)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("(lower(email))", ("email",)),
        ('(upper("email"), owner)', ("email", "owner")),
        ("(email) WHERE owner > 3", ("email",)),
        ("(lower(email)) WHERE owner IS NULL", ("email",)),
        ("(coalesce(owner, 0))", None),
        ("((owner + 1))", None),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_indexes_on_lower_case_and_on_some_rows_are_keys(
    kind: str, request: pytest.FixtureRequest, on: str, expected: tuple[str, ...] | None
) -> None:
    schema = read(
        request.getfixturevalue(kind),
        "CREATE TABLE t (owner int, email varchar(40))",
        f"CREATE UNIQUE INDEX one ON t {on}",
        "CREATE INDEX two ON t (lower(email))",
    )
    assert schema.tables["t"].unique == (() if expected is None else (expected,))


def test_texts_that_differ_by_case_alone_are_not_both_taken(sqlite: URL) -> None:
    read(
        sqlite,
        "CREATE TABLE t (gender varchar(9) NOT NULL, nick varchar(2) NOT NULL)",
        "CREATE UNIQUE INDEX one ON t (lower(nick))",
    )
    nicks = [nick for _, nick in filled(sqlite)]
    assert len({nick.lower() for nick in nicks}) == len(nicks)


def test_an_index_that_is_not_understood_is_no_key() -> None:
    assert name_in_expression("lower(((") is None
    assert names_in_statement("CREATE UNIQUE INDEX i ON t (((") == []


def test_an_empty_database_of_mariadb_has_no_tables(mariadb: URL) -> None:
    assert read(mariadb).tables == {}
