"""Values fit their columns: lengths, character sets, types, CHECK constraints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from uuid import UUID

import pytest
import schemas
from sqlalchemy import URL, NullPool, create_engine

from faker_neural import DatabaseError
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, propose, seed

SEQUENCE = ColumnPlan("sequence")
FIELDS = ["product_name", "review", "ru_person_name", "japanese_address", "world_city"]


@pytest.fixture
def file(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "fits.db"))


def plan(rows: int, **columns: ColumnPlan) -> Plan:
    return Plan(tables={"t": TablePlan(rows, columns)})


@pytest.mark.parametrize("model", FIELDS)
def test_learned_text_fits_any_length(database: URL, model: str) -> None:
    lengths = (1, 5, 12, 40)
    columns = ", ".join(f"c{length} VARCHAR({length}) NOT NULL" for length in lengths)
    schemas.create(database, f"CREATE TABLE t ({columns})")
    seed(database, plan(300, **{f"c{length}": ColumnPlan(f"neural:{model}") for length in lengths}))
    assert schemas.overlong(database) == []
    for length in lengths:
        found = schemas.rows(database, f"SELECT c{length} FROM t")
        assert all(1 <= len(text) <= length for (text,) in found)


def test_text_of_faker_is_drawn_again_and_else_cut(database: URL) -> None:
    schemas.create(database, "CREATE TABLE t (word VARCHAR(4) NOT NULL, text VARCHAR(20) NOT NULL)")
    seed(database, plan(200, word=ColumnPlan("faker:word"), text=ColumnPlan("faker:paragraph")))
    assert schemas.overlong(database) == []
    words = {word for (word,) in schemas.rows(database, "SELECT word FROM t")}
    assert {"far", "next", "side"} & words


@pytest.mark.parametrize("type_", ["TINYTEXT", "VARCHAR(30) CHARACTER SET ascii",
    "VARCHAR(30) CHARACTER SET latin1", "VARCHAR(30) CHARACTER SET utf8mb3",
    "TINYTEXT CHARACTER SET latin1"])  # fmt: skip
@pytest.mark.parametrize("model", FIELDS)
def test_bytes_and_character_sets_are_held_to(mariadb: URL, type_: str, model: str) -> None:
    """MariaDB refuses, in its strict mode, what is too long or of another character set."""
    if model in ("ru_person_name", "japanese_address") and ("ascii" in type_ or "latin1" in type_):
        pytest.skip("of such a name no character fits")
    schemas.create(mariadb, f"CREATE TABLE t (c {type_} NOT NULL)")
    seed(mariadb, plan(300, c=ColumnPlan(f"neural:{model}")))
    lost = schemas.rows(mariadb, "SELECT count(*) FROM t WHERE c = '' OR LOCATE('?', c) > 0")
    assert lost[0][0] < 60


def test_a_field_of_no_fitting_character_is_refused(mariadb: URL) -> None:
    schemas.create(mariadb, "CREATE TABLE t (c VARCHAR(30) CHARACTER SET ascii NOT NULL)")
    with pytest.raises(ValueError, match=r"t\.c: alphabet="):
        seed(mariadb, plan(3, c=ColumnPlan("neural:ru_person_name")))


def test_text_of_faker_leaves_out_what_a_character_set_has_not(mariadb: URL) -> None:
    schemas.create(mariadb, "CREATE TABLE t (c VARCHAR(30) CHARACTER SET latin1 NOT NULL)")
    seed(mariadb, plan(200, c=ColumnPlan("faker:city", {"locale": "cs_CZ"})))
    found = [text for (text,) in schemas.rows(mariadb, "SELECT c FROM t")]
    assert all(text.encode("cp1252") for text in found)


def test_a_latin_database_of_postgresql_gets_its_own_characters(postgresql: URL) -> None:
    name = f"latin_{postgresql.database}"
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        )
        try:
            latin = postgresql.set(database=name)
            schemas.create(latin, "CREATE TABLE t (city VARCHAR(60) NOT NULL)")
            seed(latin, plan(400, city=ColumnPlan("neural:world_city")))
            cities = "".join(city for (city,) in schemas.rows(latin, "SELECT city FROM t"))
            assert cities.encode("latin-1")
            assert not cities.isascii()
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_value_of_each_type_goes_into_each_database(database: URL) -> None:
    kinds = {
        "postgresql": """uid UUID NOT NULL, data JSONB NOT NULL, tags TEXT[] NOT NULL,
            place POINT NOT NULL, address INET NOT NULL, raw BYTEA NOT NULL,
            span INTERVAL NOT NULL, at TIMESTAMPTZ NOT NULL, of_day TIME NOT NULL,
            words TSVECTOR NOT NULL, bits BIT(3) NOT NULL, flag BOOLEAN NOT NULL,
            cash MONEY NOT NULL, small SMALLINT NOT NULL, big BIGINT NOT NULL,
            share DOUBLE PRECISION NOT NULL, range INT4RANGE NOT NULL, mac MACADDR NOT NULL""",
        "mysql": """data JSON NOT NULL, raw VARBINARY(8) NOT NULL, at TIMESTAMP NOT NULL,
            of_day TIME NOT NULL, flag BOOLEAN NOT NULL, small TINYINT UNSIGNED NOT NULL,
            big BIGINT NOT NULL, share DOUBLE NOT NULL, founded YEAR NOT NULL,
            kinds SET('a', 'b') NOT NULL, bits BIT(3) NOT NULL, long_text MEDIUMTEXT NOT NULL,
            picture BLOB NOT NULL, place POINT NOT NULL, uid CHAR(36) NOT NULL""",
        "sqlite": """data JSON NOT NULL, raw BLOB NOT NULL, at TIMESTAMP NOT NULL,
            of_day TIME NOT NULL, flag BOOLEAN NOT NULL, share REAL NOT NULL,
            anything NOT NULL, big BIGINT NOT NULL, uid CHAR(36) NOT NULL""",
    }
    schemas.create(
        database,
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE NOT NULL, price NUMERIC(6, 2) NOT NULL, "
        f"{kinds[database.get_backend_name()]})",
    )
    seed(database, {"t": 20})
    assert schemas.rows(database, "SELECT count(*) FROM t") == [(20,)]


def test_values_of_a_plan_become_the_kind_of_their_column(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        "CREATE TABLE t (uid UUID, day DATE, at TIMESTAMPTZ, n INTEGER, text TEXT, flag BOOLEAN)",
    )
    columns = {
        "uid": ColumnPlan("choice", {"values": ["12345678-1234-4234-8234-123456789012"]}),
        "day": ColumnPlan("choice", {"values": ["2024-02-29"]}),
        "at": ColumnPlan("choice", {"values": [dt.datetime(2024, 1, 1, 12)]}),
        "n": ColumnPlan("choice", {"values": ["7"]}),
        "text": ColumnPlan("choice", {"values": [7]}),
        "flag": ColumnPlan("choice", {"values": [1]}),
    }
    seed(postgresql, plan(1, **columns))
    assert schemas.dump(postgresql)["t"] == [
        (
            UUID("12345678-1234-4234-8234-123456789012"),
            dt.date(2024, 2, 29),
            dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC),
            7,
            "7",
            True,
        )
    ]


def test_checks_decide_what_is_proposed(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, status VARCHAR(10) NOT NULL
            CHECK (status IN ('new', 'paid')), price NUMERIC(8, 2) NOT NULL
            CHECK (price > 0 AND price <= 5), stars INTEGER NOT NULL
            CHECK (stars BETWEEN 1 AND 5), code VARCHAR(9) NOT NULL CHECK (char_length(code) >= 4))
        """.replace("char_length", "length"),
    )
    seed(database, {"t": 100})
    assert {row[0] for row in schemas.rows(database, "SELECT status FROM t")} == {"new", "paid"}
    assert propose(database).tables["t"].columns["stars"].options == {"low": 1, "high": 5}


def test_a_computed_column_is_left_to_the_database(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER NOT NULL,
            gross INTEGER GENERATED ALWAYS AS (net * 2) STORED)
        """,
    )
    seed(database, {"t": 10})
    assert all(
        gross == 2 * net for net, gross in schemas.rows(database, "SELECT net, gross FROM t")
    )


@pytest.mark.parametrize("kind", ["SERIAL", "INTEGER GENERATED ALWAYS AS IDENTITY",
    "INTEGER GENERATED BY DEFAULT AS IDENTITY"])  # fmt: skip
def test_postgresqls_own_numbering_goes_on_after_the_rows(postgresql: URL, kind: str) -> None:
    schemas.create(postgresql, f'CREATE TABLE "T t" (id {kind} PRIMARY KEY, name TEXT)')
    seed(postgresql, {"T t": 10})
    schemas.create(postgresql, """INSERT INTO "T t" (name) VALUES ('next')""")
    assert schemas.rows(postgresql, """SELECT id FROM "T t" WHERE name = 'next'""") == [(11,)]


def test_names_that_need_quoting_are_quoted(database: URL) -> None:
    quote = database.get_dialect()().identifier_preparer.quote
    # SQLAlchemy reads a backquote in a name of MariaDB's as two
    backquote = "" if database.get_backend_name() == "mysql" else "`c`"
    table, column = map(quote, ("select", f'a "b" {backquote} %s :d -- x'))
    schemas.create(
        database,
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {column} VARCHAR(30) NOT NULL)",
    )
    seed(database, {"select": 10})
    assert schemas.rows(database, f"SELECT count(*) FROM {table}") == [(10,)]


def test_partitions_of_postgresql_are_filled_through_their_table(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        """
        CREATE TABLE t (id INTEGER NOT NULL, day DATE NOT NULL) PARTITION BY RANGE (day);
        CREATE TABLE t_old PARTITION OF t FOR VALUES FROM ('2000-01-01') TO ('2023-01-01');
        CREATE TABLE t_new PARTITION OF t FOR VALUES FROM ('2023-01-01') TO ('2030-01-01')
        """,
    )
    plan = propose(postgresql)
    assert list(plan.tables) == ["t"]
    seed(postgresql, plan)
    assert schemas.rows(postgresql, "SELECT count(*) FROM t") == [(10,)]


def test_a_domain_of_postgresql_is_held_to(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        """
        CREATE DOMAIN short AS VARCHAR(7);
        CREATE DOMAIN stars AS INTEGER CHECK (VALUE BETWEEN 1 AND 5);
        CREATE TABLE t (id INTEGER PRIMARY KEY, name short NOT NULL, stars stars NOT NULL)
        """,
    )
    seed(postgresql, {"t": 50})
    assert schemas.rows(postgresql, "SELECT count(*) FROM t") == [(50,)]


MALFORMED = [
    "postgres//h/x?password=hunter2",
    "postgresql:me:hunter2/h",
    "postgresql://localhost:port/shop?password=hunter2",
    "mysql://u:hunter2@h/x?foo=1",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_url_shows_no_password(text: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        seed(text, {"t": 1})
    assert "hunter2" not in str(caught.value)


def test_an_engine_of_ones_own_enforces_foreign_keys(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id))
        """,
    )
    columns = {"id": SEQUENCE, "p": ColumnPlan("choice", {"values": [77]})}
    engine = create_engine(file, poolclass=NullPool)
    with pytest.raises(OSError, match="FOREIGN KEY"):
        seed(engine, Plan(tables={"c": TablePlan(3, columns)}))
