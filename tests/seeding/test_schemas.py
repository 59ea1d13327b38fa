"""Public schemas, filled on each database as proposed and checked by the database."""

from __future__ import annotations

from pathlib import Path

import chinook
import databases
import pagila
import pytest
import schemas
from sqlalchemy import URL, MetaData

from faker_neural.seeding import preview, propose, seed

ROWS = {
    "chinook": {
        "Artist": 275,
        "Album": 347,
        "Employee": 60,
        "Customer": 59,
        "Invoice": 412,
        "InvoiceLine": 2240,
        "MediaType": 5,
        "Genre": 25,
        "Track": 3503,
        "Playlist": 18,
        "PlaylistTrack": 8715,
    },
    "pagila": {
        "actor": 200,
        "address": 603,
        "category": 16,
        "city": 600,
        "country": 109,
        "customer": 599,
        "film": 1000,
        "film_actor": 5462,
        "film_category": 1000,
        "inventory": 4581,
        "language": 6,
        "payment": 3000,
        "rental": 3000,
        "staff": 10,
        "store": 8,
    },
}
SCHEMAS = {"chinook": chinook.metadata, "pagila": pagila.metadata}


@pytest.fixture(params=list(SCHEMAS))
def schema(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def filled(schema: str, database: URL) -> URL:
    schemas.create(database, SCHEMAS[schema])
    seed(database, ROWS[schema])
    return database


def test_each_table_gets_its_rows_and_every_constraint_holds(filled: URL, schema: str) -> None:
    found = schemas.dump(filled)
    assert {name: len(rows) for name, rows in found.items()} == ROWS[schema]
    assert schemas.orphans(filled) == []
    assert schemas.overlong(filled) == []
    if filled.get_backend_name() == "sqlite":
        assert schemas.rows(filled, "PRAGMA foreign_key_check") == []
        assert schemas.rows(filled, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("kind", databases.NAMES)
def test_a_second_run_gives_an_equal_dump(kind: str, schema: str, tmp_path: Path) -> None:
    few = {name: min(rows, 50) for name, rows in ROWS[schema].items()}
    found = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        with databases.empty(kind, folder) as url:
            schemas.create(url, SCHEMAS[schema])
            seed(url, few, seed=7)
            found.append(schemas.dump(url))
    assert found[0] == found[1]


def test_no_foreign_key_is_left_out(filled: URL) -> None:
    """All but a few, as a share of those within a table refers to nothing."""
    with schemas.connected(filled) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
    for table in metadata.tables.values():
        for key in table.foreign_key_constraints:
            (column,) = key.columns
            quote = filled.get_dialect()().identifier_preparer
            count, given = schemas.rows(
                filled,
                f"SELECT count(*), count({quote.quote(column.name)}) "
                f"FROM {quote.format_table(table)}",
            )[0]
            assert given >= (0.5 if key.referred_table is table else 1) * count, (table, column)


def test_what_is_shown_is_what_is_written(schema: str, database: URL) -> None:
    schemas.create(database, SCHEMAS[schema])
    plan = propose(database)
    shown = preview(database, plan, n=10)
    assert all(not rows for rows in schemas.dump(database).values())
    seed(database, plan)
    for name, sample in shown.items():
        with schemas.connected(database) as connection:
            table = SCHEMAS[schema].tables[name]
            for row in sample:
                same = [
                    table.c[column] == value
                    for column, value in row.items()
                    if isinstance(value, int | str)
                ]
                assert connection.execute(table.select().where(*same)).first(), (name, row)
