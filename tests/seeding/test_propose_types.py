"""Types that few databases have, and what is proposed for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sqlalchemy
from schemas import connected, create
from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import UserDefinedType

from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.domains.text_fits import TextLimits
from faker_neural.seeding.plan.plan import ColumnPlan
from faker_neural.seeding.plan.source_factory import make_source
from faker_neural.seeding.proposal.propose import propose
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Column, Schema, Table
from faker_neural.seeding.values.counted import EnumeratedSource

NO_LIMIT = Domain()
KINDS = {
    types.ARRAY: "array",
    types.String: "text",
    types.Uuid: "uuid",
    types.LargeBinary: "bytes",
    mysql.BINARY: "bytes",
}


class Named(UserDefinedType):
    """A type that SQLAlchemy does not know, by its name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


@pytest.mark.parametrize(
    ("dialect", "type_", "values", "guess"),
    [
        ("postgresql", postgresql.INET(), ["192.0.2.1"], False),
        ("postgresql", postgresql.BIT(3), ["000"], False),
        ("postgresql", postgresql.TSVECTOR(), ["text"], False),
        ("postgresql", postgresql.INT4RANGE(), ["[1,2)"], False),
        ("postgresql", postgresql.ARRAY(types.Integer()), [[1], [2], [3], [4, 5]], False),
        ("postgresql", Named("point"), ["(0,0)"], False),
        ("postgresql", Named("mood"), ["a"], True),
        ("postgresql", types.NullType(), ["(0,0)"], True),
        ("mariadb", mysql.BIT(3), [1], False),
        ("mariadb", mysql.SET("a", "b"), ["a", "b"], False),
        ("mariadb", mysql.LONGTEXT(collation="utf8mb4_bin"), ["{}"], False),
        ("mariadb", Named("inet6"), ["2001:db8::1"], False),
        ("mariadb", Named("point"), ["\0\0\0\0\1\1\0\0\0" + "\0" * 16], False),
    ],
)
def test_an_unusual_type_that_needs_a_value_gets_one_of_its_own(dialect, type_, values, guess):
    plan = proposed_for(dialect, type_, nullable=False)
    assert plan == ColumnPlan("choice", {"values": values}, guess=guess)


def test_an_unusual_type_that_needs_no_value_gets_none():
    assert proposed_for("postgresql", postgresql.INET(), nullable=True).source == "skip"
    json = mysql.LONGTEXT(collation="utf8mb4_bin")
    assert proposed_for("mariadb", json, nullable=True).source == "skip"


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (types.Uuid(), ColumnPlan("uuid")),
        (types.LargeBinary(), ColumnPlan("bytes", {"length": 16})),
        (mysql.BINARY(4), ColumnPlan("bytes", {"length": 4})),
    ],
)
def test_bytes_are_no_longer_than_the_column(type_, expected):
    assert proposed_for("mariadb", type_, nullable=False) == expected


def test_a_binary_key_gets_as_many_bytes_as_it_has():
    plan = proposed_for("mariadb", mysql.BINARY(16), name="user_id", nullable=False)
    assert plan == ColumnPlan("bytes", {"length": 16})


def test_a_year_of_mariadb_is_one_of_our_time():
    plan = proposed_for("mariadb", mysql.YEAR(), nullable=False)
    assert plan.options == {"low": 1970, "high": 2025}


def test_a_small_type_alone_does_not_say_that_numbers_are_negative():
    bounds = Domain(low=-128, high=127)
    plan = proposed_for("mariadb", mysql.TINYINT(), kind="integer", domain=bounds)
    assert plan.options == {"low": 1, "high": 127}


def test_a_comment_decides_where_the_name_says_nothing():
    said = "The customer's e-mail address"
    assert proposed_for("mariadb", types.Text(), kind="text", comment=said).source == "faker:email"
    plan = proposed_for("mariadb", types.Integer(), kind="integer", comment="age")
    assert (plan.options, plan.guess) == ({"low": 18, "high": 90}, True)


def proposed_for(
    dialect: str,
    type_: types.TypeEngine[Any],
    *,
    name: str = "x",
    kind: str = "other",
    nullable: bool = True,
    comment: str = "",
    domain: Domain = NO_LIMIT,
) -> ColumnPlan:
    """What is proposed for a column of a type that SQLite has not."""
    if kind == "other":
        kind = next((one for base, one in KINDS.items() if isinstance(type_, base)), kind)
    column = Column(
        table="t",
        name=name,
        type=type_,
        kind=kind,
        nullable=nullable,
        generated=False,
        default=False,
        comment=comment,
        fit=TextLimits(),
        domain=domain,
        scale=None,
    )
    sql = sqlalchemy.Table("t", sqlalchemy.MetaData(), sqlalchemy.Column(name, type_))
    table = Table(sql, {name: column}, (), (), ())
    return propose(Schema(dialect, {"t": table})).tables["t"].columns[name]


POSTGRESQL = """
    inet cidr macaddr macaddr8 interval money oid tsvector tsquery int4range numrange daterange
    tsrange tstzrange int4multirange datemultirange regclass regconfig bit(3) varbit(5) json
    jsonb bytea uuid text[] timetz smallint real numeric(3,3)
"""
MARIADB = """
    year bit(3) json set('a','b') enum('a','b') binary(4) blob time(3) uuid tinyint boolean
    tinytext decimal(4,4)
"""


def test_postgresql_takes_a_value_for_each_of_its_types(postgresql):
    assert inserted(postgresql, POSTGRESQL.split()) == 1


def test_mariadb_takes_a_value_for_each_of_its_types(mariadb):
    assert inserted(mariadb, MARIADB.split()) == 1


def inserted(url: sqlalchemy.URL, names: list[str]) -> int:
    """How many rows there are when the values proposed for these types were inserted."""
    columns = ", ".join(f"x{place} {name} NOT NULL" for place, name in enumerate(names))
    create(url, f"CREATE TABLE t ({columns})")
    with connected(url) as connection:
        schema = reflect(connection)
        table, plans = schema.tables["t"], propose(schema).tables["t"].columns
        row = {name: first(table.columns[name], plan) for name, plan in plans.items()}
        connection.execute(sqlalchemy.insert(table.sql).values(row))
        return connection.execute(
            sqlalchemy.select(sqlalchemy.func.count()).select_from(table.sql)
        ).scalar_one()


def first(column: Column, plan: ColumnPlan) -> object:
    """One of the values of a plan."""
    source = make_source(column, plan)
    if isinstance(source, EnumeratedSource):
        return source.at(np.zeros(1, dtype=np.int64))[0]
    assert source is not None
    return source.values(np.zeros(1, dtype=np.uint64))[0]
