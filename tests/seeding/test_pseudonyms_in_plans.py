"""`{ like = "name" }`: a column of pseudonyms of another column of the row."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemas
from plans import File, problems
from sqlalchemy import URL

from faker_neural import load
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, plan_table, seed

SECRET = "0123456789abcdef0123"
OWNERS = {"owner": ColumnPlan("choice", {"values": ["Ann", "Bob"]}, null=0.2)}


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> URL:
    monkeypatch.setenv("FAKER_NEURAL_SECRET", SECRET)
    url = URL.create("sqlite", database=str(tmp_path / "shops.db"))
    schemas.create(
        url, "CREATE TABLE shops (owner VARCHAR(20), alias VARCHAR(12), id INTEGER PRIMARY KEY)"
    )
    return url


def plan(alias: ColumnPlan, **settings: str) -> Plan:
    columns = {**OWNERS, "alias": alias, "id": ColumnPlan("sequence")}
    return Plan(rows=30, tables={"shops": TablePlan(None, columns)}, **settings)


ALIAS = ColumnPlan("like", {"column": "owner", "with": "person_name"})


def test_a_pseudonym_is_that_of_the_value_beside_it(shops: URL) -> None:
    seed(shops, plan(ALIAS))
    ann, bob = load("person_name").like(["Ann", "Bob"], SECRET, max_length=12)
    found = {row[:2] for row in schemas.rows(shops, "SELECT * FROM shops")}
    assert found == {("Ann", ann), ("Bob", bob), (None, None)}


def test_a_slice_has_the_same_pseudonyms(shops: URL) -> None:
    table = plan_table(plan(ALIAS), "shops", database=shops, columns=["alias"])
    whole = [value for block in table.blocks() for value in block["alias"]]
    assert [value for block in table.blocks(9, 20) for value in block["alias"]] == whole[9:20]


def test_the_model_may_be_that_of_the_other_column(shops: URL) -> None:
    columns = {
        "owner": ColumnPlan("neural:person_name", {"max_length": 10}),
        "alias": ColumnPlan("like", {"column": "owner"}),
        "id": ColumnPlan("sequence"),
    }
    seed(shops, Plan(rows=20, tables={"shops": TablePlan(None, columns)}))
    rows = schemas.rows(shops, "SELECT owner, alias FROM shops ORDER BY id")
    expected = load("person_name").like([owner for owner, _ in rows], SECRET, max_length=10)
    assert [alias for _, alias in rows] == expected


def test_the_secret_may_be_in_a_file_that_the_plan_names(
    shops: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKER_NEURAL_SECRET", "another secret of many letters")
    (tmp_path / "key").write_text(f"{SECRET}\n")
    seed(shops, plan(ALIAS, secret_file=str(tmp_path / "key")))
    (ann,) = load("person_name").like(["Ann"], SECRET, max_length=12)
    assert ("Ann", ann) in [row[:2] for row in schemas.rows(shops, "SELECT * FROM shops")]


def test_a_plan_s_file_has_pseudonyms(file: File) -> None:
    text = """
secret_file = "key"

[tables.shops]
alias = { like = "owner", with = "person_name", max_length = 9, null = 0.1 }
"""
    read = file.read(text)
    options = {"column": "owner", "with": "person_name", "max_length": 9}
    assert read.tables["shops"].columns["alias"] == ColumnPlan("like", options, 0.1)
    assert read.secret_file == "key"
    assert file.again(read) == read


def test_what_is_wrong_in_a_plan_s_file_is_said(file: File) -> None:
    wrong = file.problems('secret_file = 5\n[tables.t]\na = { like = 3, with = "x" }\nb = "like"\n')
    assert set(wrong) == {
        't.b: like needs its values, { like = "name", with = "person_name" }',
        "secret_file=5 must be text, the path of a file",
        't.a.like=3 must name a column, "name"',
    }


@pytest.mark.parametrize(
    ("alias", "problem"),
    [
        (
            ColumnPlan("like", {"column": "owner"}),
            'like=\'owner\' needs a model, { like = "owner", with = "person_name" }',
        ),
        (
            ColumnPlan("like", {"column": "ownr", "with": "person_name"}),
            "like='ownr': there is no such column, did you mean 'owner'?",
        ),
        (
            ColumnPlan("like", {"column": "owner", "with": "person_nam"}),
            "no model is called 'person_nam': did you mean 'person_name' or 'ru_person_name'?",
        ),
    ],
)
def test_a_pseudonym_that_cannot_be_made_is_named(
    shops: URL, alias: ColumnPlan, problem: str
) -> None:
    assert problems(shops, plan(alias)) == (f"shops.alias: {problem}",)


def test_without_a_secret_the_plan_is_refused(shops: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKER_NEURAL_SECRET")
    assert problems(shops, plan(ALIAS)) == (
        "shops.alias: like='owner': secret=None is not given: name its file, or set "
        "FAKER_NEURAL_SECRET, or the plan's secret_file",
    )
