"""Types as real schemas have them: partitions, domains, declared types, types of the database."""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest
from plans import SKIP, choice
from real import columns, filled, proposed, read
from sqlalchemy import URL

from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.domains.text_fits import TextLimits
from faker_neural.seeding.schema.named_type import NamedType
from faker_neural.seeding.schema.schema import Column
from faker_neural.seeding.values.type_literals import usual_literal

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
        "n": choice([1], [2], [3], [4, 5]),
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


def test_arrays_have_elements(postgresql: URL) -> None:
    found = columns(
        postgresql,
        "CREATE TABLE t (id int PRIMARY KEY, tags text[] NOT NULL CHECK (cardinality(tags) > 0), "
        "numbers int[] NOT NULL)",
    )
    assert found["tags"].kind == "array"
    for _, tags, numbers in filled(postgresql):
        assert tags
        assert numbers
        assert all(isinstance(one, str) for one in tags)


def test_ranges_that_exclude_one_another_are_apart(postgresql: URL) -> None:
    columns(
        postgresql,
        "CREATE TABLE t (id int PRIMARY KEY, room int NOT NULL, during tsrange NOT NULL, "
        "EXCLUDE USING gist (during WITH &&))",
    )
    assert len({str(during) for *_, during in filled(postgresql)}) == 10


def test_bounds_around_zero_are_those_of_a_check(database: URL) -> None:
    columns(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v float NOT NULL "
        "CHECK (v >= -1 AND v <= 1), tenth numeric(3, 1) NOT NULL)",
    )
    rows = filled(database)
    assert min(v for _, v, _ in rows) < 0 < max(v for _, v, _ in rows)
    assert all(1 <= tenth <= 100 for *_, tenth in rows)
