"""Schemas as real applications have them: what is read, what is proposed, and what is taken."""

from __future__ import annotations

import re
import sqlite3
from ipaddress import ip_address
from typing import Any

import pytest
import schemas
from plans import SKIP, choice
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, propose, seed
from faker_neural.seeding.schema.bookkeeping import is_bookkeeping
from faker_neural.seeding.schema.domain import Domain
from faker_neural.seeding.schema.named_type import NamedType
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Column, Schema
from faker_neural.seeding.schema.sql_patterns import negative_search, search_regex
from faker_neural.seeding.schema.text_fits import TextLimits
from faker_neural.seeding.schema.type_literals import usual_literal
from faker_neural.seeding.schema.unique_keys import name_in_expression, names_in_statement


def read(url: URL, *statements: str) -> Schema:
    """Make a schema, statement by statement, and read it."""
    with schemas.connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        return reflect(connection)


def columns(url: URL, *statements: str) -> dict[str, Column]:
    """The columns of the table t."""
    return dict(read(url, *statements).tables["t"].columns)


def proposed(url: URL, table: str = "t") -> dict[str, ColumnPlan]:
    return dict(propose(url).tables[table].columns)


def filled(url: URL, table: str = "t") -> list[tuple[Any, ...]]:
    """The rows of a table, after a run of what is proposed."""
    seed(url, propose(url))
    return schemas.rows(url, f"SELECT * FROM {table}")


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
    with sqlite3.connect(":memory:") as connection:
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


# partitions


def test_rows_go_where_the_longest_run_of_ranges_is(postgresql: URL) -> None:
    parts = (
        ("2024-01-01", "2024-02-01"),
        ("2025-01-01", "2025-02-01"),
        ("2025-02-01", "2025-03-01"),
    )
    found = columns(
        postgresql,
        'CREATE TABLE t (id int, "Day" timestamptz) PARTITION BY RANGE ("Day")',
        *(
            f"CREATE TABLE t{place} PARTITION OF t FOR VALUES FROM ('{low}') TO ('{high}')"
            for place, (low, high) in enumerate(parts)
        ),
    )
    assert not found["Day"].nullable
    days = [str(day) for _, day in filled(postgresql)]
    assert all("2025-01-01" <= day < "2025-03-01" for day in days)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (["FROM (MINVALUE) TO (-5)", "FROM (0) TO (9)"], Domain(below=-5)),
        (["FROM (-5) TO (9)", "FROM (20) TO (MAXVALUE)"], Domain(low=20)),
        (["FROM (-5) TO (9)", "FROM (10) TO (12)"], Domain(low=-5, below=9)),
        (["FROM (MINVALUE) TO (MAXVALUE)"], Domain()),
    ],
)
def test_bounds_may_be_open(postgresql: URL, bounds: list[str], expected: Domain) -> None:
    found = columns(
        postgresql,
        "CREATE TABLE t (id int) PARTITION BY RANGE (id)",
        *(
            f"CREATE TABLE t{place} PARTITION OF t FOR VALUES {bound}"
            for place, bound in enumerate(bounds)
        ),
    )
    assert found["id"].domain == Domain(low=-(2**31), high=2**31 - 1).within(expected)


@pytest.mark.parametrize(
    ("key", "bound"),
    [
        ("LIST (x)", "DEFAULT"),
        ("HASH (x)", "FOR VALUES WITH (MODULUS 1, REMAINDER 0)"),
        ("RANGE (x, y)", "FOR VALUES FROM ('a', 1) TO ('b', 1)"),
        ("RANGE (x)", "FOR VALUES FROM ('a') TO ('b')"),
        ("LIST (x)", "FOR VALUES IN (NULL)"),
    ],
)
def test_other_partitions_set_no_limit(postgresql: URL, key: str, bound: str) -> None:
    found = columns(
        postgresql,
        f"CREATE TABLE t (x text, y int) PARTITION BY {key}",
        f"CREATE TABLE t1 PARTITION OF t {bound}",
    )
    assert found["x"].domain == Domain()


def test_partitions_of_partitions_limit_further(postgresql: URL) -> None:
    found = columns(
        postgresql,
        "CREATE TABLE t (region text, n int) PARTITION BY LIST (region)",
        "CREATE TABLE e PARTITION OF t FOR VALUES IN ('it''s', 'de', NULL) PARTITION BY RANGE (n)",
        "CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (10) TO (20)",
        "CREATE TABLE f PARTITION OF t FOR VALUES IN ('fr') PARTITION BY RANGE (n)",
        "CREATE TABLE f1 PARTITION OF f FOR VALUES FROM (15) TO (30)",
    )
    assert found["region"].domain.values == ("it's", "de", "fr")
    assert (found["region"].nullable, found["n"].nullable) == (True, False)
    assert (found["n"].domain.low, found["n"].domain.below) == (15, 20)
    assert len(filled(postgresql)) == 10


def test_a_partitioned_table_without_partitions_has_no_limit(postgresql: URL) -> None:
    found = columns(postgresql, "CREATE TABLE t (id int) PARTITION BY RANGE (id)")
    assert found["id"].domain == Domain(low=-(2**31), high=2**31 - 1)


# domains and composite types


def test_a_domain_over_a_domain_has_the_checks_of_both(postgresql: URL) -> None:
    found = columns(
        postgresql,
        "CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0) CHECK (VALUE < 7)",
        "CREATE DOMAIN digit AS positive CHECK (VALUE < 10)",
        "CREATE DOMAIN short AS varchar(3)",
        "CREATE DOMAIN shorter AS short CHECK (VALUE <> '')",
        "CREATE DOMAIN price AS numeric(4, 1)",
        "CREATE DOMAIN stamp AS timestamptz",
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        "CREATE DOMAIN feeling AS mood",
        "CREATE TABLE t (n digit, s shorter, p price, at stamp, f feeling)",
    )
    assert [one.kind for one in found.values()] == [
        "integer",
        "text",
        "decimal",
        "datetime",
        "choice",
    ]
    assert (found["n"].domain.above, found["n"].domain.below) == (0, 7)
    assert not found["n"].nullable
    assert (found["s"].fit.characters, found["s"].domain.min_length) == (3, 1)
    assert found["p"].scale == 1
    assert len(filled(postgresql)) == 10


def test_composite_types_ranges_and_domains_over_arrays_get_what_they_take(
    postgresql: URL,
) -> None:
    read(
        postgresql,
        "CREATE TYPE address AS (street text, number int, town text)",
        "CREATE TYPE span AS RANGE (SUBTYPE = float8)",
        "CREATE DOMAIN numbers AS int[]",
        "CREATE DOMAIN home AS address",
        "CREATE TABLE t (a address NOT NULL, h home NOT NULL, s span NOT NULL,"
        " n numbers NOT NULL, spare address)",
    )
    assert proposed(postgresql) == {
        "a": choice("(,,)"),
        "h": choice("(,,)"),
        "s": choice("empty"),
        "n": choice([]),
        "spare": SKIP,
    }
    assert len(filled(postgresql)) == 10


# SQLite's declared types


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("uuid", "uuid"),
        ("string", "text"),
        ("string(30)", "text"),
        ("character varying(20)", "text"),
        ("timestamptz", "datetime"),
        ('"timestamp(3) with time zone"', "datetime"),
        ("timestamp with time zone", "datetime"),
        ("timetz", "time"),
        ("inet", "other"),
        ("point", "other"),
        ("tinyint(1)", "boolean"),
        ("tinyint(4)", "integer"),
        ("bit", "boolean"),
        ("bit(8)", "integer"),
        ("jsonb", "json"),
        ("money", "decimal"),
        ("number(10,2)", "decimal"),
        ("bytea", "bytes"),
        ("varbinary(16)", "bytes"),
        ("bigserial", "integer"),
        ('"decimal(5,2) unsigned"', "decimal"),
        ("mediumint unsigned", "integer"),
        ("\"enum('a','it''s')\"", "text"),
        ('"(odd"', "text"),
        ("", "text"),
    ],
)
def test_declared_types_of_sqlite_have_the_kind_of_their_name(
    sqlite: URL, declared: str, kind: str
) -> None:
    found = columns(sqlite, f"CREATE TABLE t (x {declared} NOT NULL)")["x"]
    assert found.kind == kind
    assert found.domain.values == (("a", "it's") if "enum" in declared else None)
    assert len(filled(sqlite)) == 10


def test_a_uuid_of_sqlite_is_text_with_hyphens(sqlite: URL) -> None:
    read(
        sqlite,
        "CREATE TABLE parent (id uuid PRIMARY KEY)",
        "CREATE TABLE t (id guid PRIMARY KEY NOT NULL, parent_id uuid NOT NULL REFERENCES parent)",
    )
    ids = [value for row in filled(sqlite) for value in row]
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in ids)


def test_an_address_of_sqlite_is_an_address(sqlite: URL) -> None:
    read(sqlite, "CREATE TABLE t (id inet NOT NULL UNIQUE, net cidr NOT NULL)")
    rows = filled(sqlite)
    assert len({address for address, _ in rows}) == 10
    assert {ip_address(address).version for address, _ in rows} == {4}
    assert {net for _, net in rows} == {"192.0.1.0/24"}


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


# values that only the database knows


RARE = """
    inet cidr macaddr macaddr8 interval money oid xid8 pg_lsn tsvector tsquery int4range int8range
    numrange daterange tsrange tstzrange int4multirange bit(4) varbit(9) jsonb int[] text[]
    numeric[]
"""


@pytest.mark.parametrize("declared", RARE.split())
def test_a_unique_column_of_a_rare_type_gets_different_values(
    postgresql: URL, declared: str
) -> None:
    read(
        postgresql,
        f"CREATE TABLE t (id {declared} PRIMARY KEY, spare {declared} UNIQUE,"
        f" usual {declared} NOT NULL)",
    )
    assert proposed(postgresql)["spare"] == SKIP
    assert len(filled(postgresql)) == 10


def test_a_unique_column_of_mariadb_gets_different_values(mariadb: URL) -> None:
    read(mariadb, "CREATE TABLE t (id inet6 PRIMARY KEY, flags bit(4) NOT NULL UNIQUE)")
    assert len(filled(mariadb)) == 10


def test_a_key_of_an_unknown_type_is_left_to_its_default(postgresql: URL) -> None:
    read(
        postgresql,
        "CREATE TYPE pair AS (x int, y int)",
        "CREATE TABLE t (id pair PRIMARY KEY DEFAULT (1, 2), moods circle[] UNIQUE)",
    )
    assert list(proposed(postgresql).values()) == [SKIP, SKIP]


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("vector(3)", "[1,1,1]"),
        ("geometry(Point,4326)", "SRID=4326;POINT(0 0)"),
        ("geometry(MultiPolygon)", "MultiPolygon EMPTY"),
        ("geography", "POINT(0 0)"),
        ("unheard_of(3)", None),
    ],
)
def test_types_of_extensions_get_literals_of_their_sizes(name: str, literal: str | None) -> None:
    column = Column(
        table="t",
        name="x",
        type=NamedType(name),
        kind="other",
        nullable=False,
        generated=False,
        default=False,
        comment="",
        fit=TextLimits(),
        domain=Domain(),
        scale=None,
    )
    assert usual_literal("postgresql", column) == literal


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
