"""Columns of a table that are filled from one row of a model."""

from __future__ import annotations

from pathlib import Path

import places
import pytest
import schemas
from sqlalchemy import URL

from faker_neural import PlanError
from faker_neural.seeding import read_plan, seed, write_plan

CITIES = {city: state for state, cities in places.STATES.items() for city in cities}
TABLE = """
CREATE TABLE shops (
    id INTEGER PRIMARY KEY,
    town VARCHAR(40) NOT NULL,
    state VARCHAR(40),
    code INTEGER
);
"""


def plan(folder: Path, model: Path, columns: str, rows: int = 200) -> Path:
    path = folder / "seed.toml"
    text = f"rows = {rows}\n[tables.shops]\nid = 'sequence'\n{columns}\n"
    path.write_text(text.replace("MODEL", model.as_posix()))
    return path


AGREEING = """
town = { row = "MODEL", column = "city" }
state = { row = "MODEL", column = "state" }
code = { row = "MODEL", column = "zip" }
"""


def test_columns_of_one_row_source_agree(sqlite: URL, places_model: Path, tmp_path: Path) -> None:
    schemas.create(sqlite, TABLE)
    seed(sqlite, plan(tmp_path, places_model, AGREEING))
    rows = schemas.rows(sqlite, "SELECT town, state, code FROM shops")
    assert len(rows) == 200
    assert sum(CITIES.get(town) == state for town, state, _ in rows) > 180
    assert all(isinstance(code, int) for _, _, code in rows)


def test_a_given_column_stands(sqlite: URL, places_model: Path, tmp_path: Path) -> None:
    schemas.create(sqlite, TABLE)
    town = 'town = { row = "MODEL", column = "city", given = { state = "Utah" } }'
    seed(sqlite, plan(tmp_path, places_model, town, rows=40))
    towns = [town for (town,) in schemas.rows(sqlite, "SELECT town FROM shops")]
    assert sum(town in places.STATES["Utah"] for town in towns) > 30
    assert len(set(towns)) > 2


def test_a_plan_with_row_sources_is_written_and_read(places_model: Path, tmp_path: Path) -> None:
    path = plan(tmp_path, places_model, AGREEING)
    again = tmp_path / "again.toml"
    again.write_text(write_plan(read_plan(path)))
    assert read_plan(again).tables == read_plan(path).tables
    assert f'town = {{row = "{places_model.as_posix()}", column = "city"}}' in again.read_text()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{ row = "MODEL", column = "cty" }', "has no column 'cty', did you mean 'city'?"),
        ('{ row = "MODEL" }', "has no column None"),
        ('{ row = "company", column = "city" }', "draws texts, not rows"),
        ('{ row = "nowhere", column = "city" }', "no model is called 'nowhere'"),
        ('{ row = "MODEL", column = "city", given = { city = "Lima" } }', "'city' is given, so it"),
        (
            '{ row = "MODEL", column = "city", given = { state = "X" } }',
            "given state='X' is not a value",
        ),
        (
            '{ row = "MODEL", column = "city", given = 3 }',
            "given=3 must be a dict of columns, not int",
        ),
        ('{ row = "MODEL", column = "city", max_length = 3 }', "max_length=3 is for a column of a"),
    ],
)
def test_a_row_source_that_does_not_fit_is_named(
    sqlite: URL, places_model: Path, tmp_path: Path, source: str, message: str
) -> None:
    schemas.create(sqlite, TABLE)
    with pytest.raises(PlanError) as caught:
        seed(sqlite, plan(tmp_path, places_model, f"town = {source}", rows=5))
    assert message in str(caught.value)
    assert schemas.rows(sqlite, "SELECT * FROM shops") == []
