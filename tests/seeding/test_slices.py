"""A plan's table made slice by slice has the rows that a run writes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemas
from plans import FK, SEQUENCE, choice
from sqlalchemy import URL, MetaData, create_engine, insert

from faker_neural import MissingFileError, OptionError, PlanError
from faker_neural.seeding import ColumnPlan, Plan, PlanTable, TablePlan, plan_table, seed

CLUB = """
CREATE TABLE countries (code CHAR(2) PRIMARY KEY, label VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE people (
    id CHAR(36) PRIMARY KEY, name VARCHAR(30) NOT NULL UNIQUE, email VARCHAR(40) NOT NULL UNIQUE,
    country CHAR(2) NOT NULL REFERENCES countries (code), boss CHAR(36) REFERENCES people (id)
);
CREATE TABLE teams (
    id INTEGER PRIMARY KEY, slug VARCHAR(20) UNIQUE, parent_id INTEGER REFERENCES teams (id)
);
CREATE TABLE members (
    team_id INTEGER NOT NULL REFERENCES teams (id),
    person_id CHAR(36) NOT NULL REFERENCES people (id),
    role VARCHAR(10), PRIMARY KEY (team_id, person_id)
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, by_name VARCHAR(30) NOT NULL REFERENCES people (name),
    team_id INTEGER, person_id CHAR(36),
    FOREIGN KEY (team_id, person_id) REFERENCES members (team_id, person_id)
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts (id), body TEXT NOT NULL
)
"""
PLAN = Plan(
    rows=120,
    tables={
        "countries": TablePlan(
            20,
            {
                "code": ColumnPlan("faker:pystr", {"max_chars": 2}),
                "label": ColumnPlan("faker:country"),
            },
        ),
        "people": TablePlan(
            None,
            {
                "id": ColumnPlan("uuid"),
                "name": ColumnPlan("faker:first_name"),
                "email": ColumnPlan("from", {"columns": ["country"], "as": "email"}),
                "country": FK,
                "boss": replace(FK, null=0.2),
            },
        ),
        "teams": TablePlan(
            30, {"id": SEQUENCE, "slug": ColumnPlan("faker:color_name"), "parent_id": FK}
        ),
        "members": TablePlan(
            None,
            {"team_id": FK, "person_id": FK, "role": choice("player", "coach", weights=[9, 1])},
        ),
        "posts": TablePlan(None, {"id": SEQUENCE, "by_name": FK, "team_id": FK, "person_id": FK}),
        "comments": TablePlan(
            None,
            {
                "id": SEQUENCE,
                "post_id": ColumnPlan("fk", {"per": "posts", "count": [0, 3]}),
                "body": ColumnPlan("neural:review", {"max_length": 60}),
            },
        ),
    },
)


@pytest.fixture
def club(tmp_path: Path) -> URL:
    return _made(tmp_path, "club.db")


def _made(folder: Path, name: str, sql: str = CLUB) -> URL:
    url = URL.create("sqlite", database=str(folder / name))
    schemas.create(url, sql)
    return url


def _rows(table: PlanTable, start: int = 0, stop: int | None = None) -> list[tuple[Any, ...]]:
    return [row for block in table.blocks(start, stop) for row in zip(*block.values(), strict=True)]


@pytest.mark.parametrize("name", PLAN.tables)
def test_a_table_has_the_rows_that_a_run_writes(name: str, club: URL, tmp_path: Path) -> None:
    copy = _made(tmp_path, "copy.db")
    table = plan_table(PLAN, name, database=club)
    seed(club, PLAN)
    metadata, engine = MetaData(), create_engine(copy)
    metadata.reflect(engine)
    with engine.begin() as connection:  # foreign keys are not enforced
        rows = [dict(zip(table.names, row, strict=True)) for row in _rows(table)]
        connection.execute(insert(metadata.tables[name]), rows)
    engine.dispose()
    assert schemas.dump(copy)[name] == schemas.dump(club)[name]


def test_each_database_gets_the_rows_of_the_slices(database: URL) -> None:
    schemas.create(database, CLUB)
    tables = {name: plan_table(PLAN, name, database=database) for name in PLAN.tables}
    seed(database, PLAN)
    for name, table in tables.items():
        columns = ", ".join(table.names)
        assert sorted(map(str, schemas.rows(database, f"SELECT {columns} FROM {name}"))) == sorted(
            map(str, _rows(table))
        )


@pytest.mark.parametrize("name", PLAN.tables)
def test_any_slice_has_the_rows_of_the_whole(name: str, club: URL) -> None:
    table = plan_table(PLAN, name, database=club)
    whole, half = _rows(table), table.rows // 2
    bounds = [(half, table.rows), (3, half), (0, 3)]
    made = [
        [row for block in table.blocks_of(part) for row in zip(*block.values(), strict=True)]
        for part in pickle.loads(pickle.dumps(table.slices(bounds)))
    ]
    assert made[2] + made[1] + made[0] == whole
    assert _rows(table, half, half + 2) == whole[half : half + 2]


@pytest.mark.parametrize("name", PLAN.tables)
def test_a_column_alone_has_the_values_that_it_has_beside_others(name: str, club: URL) -> None:
    whole = plan_table(PLAN, name, database=club)
    columns = list(zip(*_rows(whole), strict=True))
    for place, column in enumerate(whole.names):
        alone = plan_table(PLAN, name, database=club, columns=[column])
        assert [row[0] for row in _rows(alone, 5)] == list(columns[place])[5:]


def test_unique_texts_change_in_a_slice_as_they_do_in_the_whole(club: URL) -> None:
    changes = plan_table(PLAN, "people", database=club).slices([(0, 60), (60, 120)])[1].changes
    assert changes
    assert all(changes)  # names and addresses repeat: slices without the record would differ


def test_processes_that_draw_change_nothing(club: URL) -> None:
    table = plan_table(PLAN, "people", database=club, rows=150)
    with_two = [
        row for block in table.blocks(workers=2) for row in zip(*block.values(), strict=True)
    ]
    assert with_two == _rows(table)


def test_rows_there_before_change_nothing(club: URL) -> None:
    empty = _rows(plan_table(PLAN, "posts", database=club))
    seed(club, PLAN)
    assert _rows(plan_table(PLAN, "posts", database=club)) == empty


def test_rows_and_seed_can_be_given(club: URL) -> None:
    table = plan_table(PLAN, "teams", database=club, rows=50, seed=9)
    assert _rows(table) != _rows(plan_table(PLAN, "teams", database=club, rows=50))
    assert len(_rows(table)) == 50


def _refusal(club: URL, plan: Plan, name: str, columns: list[str] | None = None) -> str:
    with pytest.raises(PlanError) as caught:
        plan_table(plan, name, database=club, columns=columns)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_parent_that_is_not_in_the_plan_is_named(club: URL) -> None:
    seed(club, PLAN)
    plan = replace(PLAN, tables={"posts": PLAN.tables["posts"]})
    assert _refusal(club, plan, "posts") == (
        "plan: posts.by_name refers to people, which is not in the plan; add [tables.people] to "
        "it, or leave the column out"
    )
    assert plan_table(plan, "posts", database=club, columns=["id"]).names == ["id"]


SPANS = """
CREATE TABLE spans (
    id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, twice INTEGER, name VARCHAR(9) UNIQUE, c INTEGER,
    CHECK (a * 2 < b + 1), CHECK (length(name) > 4 OR a < 3)
)
"""


def spans() -> Plan:
    numbers = ColumnPlan("range", {"low": 0, "high": 9})
    columns = {
        "id": SEQUENCE,
        "a": numbers,
        "b": numbers,
        "twice": ColumnPlan("from", {"columns": ["a", "a"], "as": "sum"}),
        "name": ColumnPlan("faker:first_name"),
        "c": numbers,
    }
    return Plan(rows=90, tables={"spans": TablePlan(None, columns)})


def test_rows_that_a_check_refuses_change_as_in_a_run(tmp_path: Path) -> None:
    url = _made(tmp_path, "spans.db", SPANS)
    table = plan_table(spans(), "spans", database=url)
    whole = _rows(table)
    parts = pickle.loads(pickle.dumps(table.slices([(40, 90), (0, 40)])))
    made = [
        [row for block in table.blocks_of(part) for row in zip(*block.values(), strict=True)]
        for part in parts
    ]
    assert made[1] + made[0] == whole
    alone = plan_table(spans(), "spans", database=url, columns=["twice"])
    assert [row[0] for row in _rows(alone, 30)] == [row[3] for row in whole[30:]]
    assert all(None in row[1:3] or 2 * row[1] < row[2] + 1 for row in whole)
    seed(url, spans())
    assert schemas.rows(url, "SELECT * FROM spans ORDER BY id") == whole


PAIRS = """
CREATE TABLE pairs (
    id INTEGER PRIMARY KEY, name VARCHAR(9), k INTEGER, x INTEGER, y INTEGER,
    UNIQUE (name, k), CHECK (x < y + 5)
)
"""


def test_a_check_of_other_columns_than_the_key_does_not_stop_a_slice(tmp_path: Path) -> None:
    url, number = _made(tmp_path, "pairs.db", PAIRS), ColumnPlan("range", {"low": 0, "high": 9})
    columns = {"id": SEQUENCE, "name": ColumnPlan("faker:first_name")}
    columns |= dict.fromkeys(("k", "x", "y"), number)
    plan = Plan(rows=90, tables={"pairs": TablePlan(None, columns)})
    table = plan_table(plan, "pairs", database=url)
    assert _rows(table, 40) == _rows(table)[40:]
    seed(url, plan)
    assert schemas.rows(url, "SELECT * FROM pairs ORDER BY id") == _rows(table)


def test_a_database_that_is_gone_is_missed_by_checked_columns_alone(tmp_path: Path) -> None:
    url = _made(tmp_path, "spans.db", SPANS)
    checked = plan_table(spans(), "spans", database=url, columns=["a"])
    free = plan_table(spans(), "spans", database=url, columns=["c", "id"])
    (tmp_path / "spans.db").unlink()
    assert len(_rows(free)) == 90
    with pytest.raises(MissingFileError, match=r"spans.db: there is no such database"):
        _rows(checked)


def test_a_table_or_a_column_that_is_not_there_is_named(club: URL) -> None:
    assert "there is no table 'peple', did you mean 'people'?" in _refusal(club, PLAN, "peple")
    refused = _refusal(club, PLAN, "people", ["nam"])
    assert refused == "plan: people has no column 'nam', did you mean 'name'?"
    teams = replace(PLAN.tables["teams"], columns={"id": SEQUENCE})
    plan = Plan(tables={"teams": teams})
    refused = _refusal(club, plan, "teams", ["slug"])
    assert refused == "plan: teams.slug is left to the database, so it has no values here"


def test_rows_outside_the_table_are_refused(club: URL) -> None:
    table = plan_table(PLAN, "teams", database=club)
    with pytest.raises(OptionError, match="stop=31 must be below 31"):
        table.blocks(0, 31)
    with pytest.raises(OptionError, match="start=9 must be below 6"):
        table.slices([(9, 5)])


def test_a_plan_without_a_url_says_so() -> None:
    with pytest.raises(MissingFileError, match="plan: has no url"):
        plan_table(PLAN, "teams")
