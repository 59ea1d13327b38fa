"""The plan's file, read and written."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import schemas
from plans import FK, SEQUENCE, SKIP, File, between, choice
from sqlalchemy import URL

from faker_neural import MissingFileError, PlanError
from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
    propose,
    read_plan,
    write_plan,
)

FORMS = {
    "neural": ColumnPlan("neural:product_name"),
    "neural, options": ColumnPlan("neural:company", {"top_k": 40, "prefix": "N", "temperature": 2}),
    "neural, a float": ColumnPlan("neural:company", {"temperature": 0.8, "top_p": 0.95}),
    "faker": ColumnPlan("faker:email"),
    "faker, arguments": ColumnPlan("faker:bothify", {"text": "??-##", "letters": "ABC"}),
    "faker, locale": ColumnPlan("faker:name", {"locale": "de_DE"}),
    "faker, locales": ColumnPlan("faker:name", {"locale": ["de_DE", "ja_JP"]}),
    "choice, texts": choice("a", 'b "c" # d', "é\n\t\\", "", "日本"),
    "choice, numbers": choice(1, -2, Decimal("0.1"), 2**62),
    "choice, truth": choice(True, False),
    "choice, moments": choice(dt.date(2020, 2, 29), dt.datetime(2020, 1, 1, 12), dt.time(8, 30)),
    "choice, time zone": choice(dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)),
    "choice, collections": choice({}, {"a": [1, {"b": "c"}]}, [], [1, 2]),
    "choice, weights": choice("a", "b", weights=[3, 1]),
    "choice, weights of floats": choice("a", "b", weights=[0.9, 0.1]),
    "range, whole": between(1, 10),
    "range, step": between(10, 100, step=5),
    "range, decimal": between(Decimal("0.99"), Decimal("99.99"), step=Decimal("0.05")),
    "range, whole decimals": between(Decimal("1.00"), Decimal("5.00")),
    "range, dates": between(dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
    "range, moments": between(dt.datetime(2020, 1, 1), dt.datetime(2020, 12, 31, 23, 59, 59)),
    "range, times": between(dt.time(8), dt.time(17, 30)),
    "sequence": SEQUENCE,
    "sequence, start": ColumnPlan("sequence", {"start": 1000}),
    "sequence, start and step": ColumnPlan("sequence", {"start": 0, "step": 5}),
    "sequence, step": ColumnPlan("sequence", {"step": 5}),
    "uuid": ColumnPlan("uuid"),
    "bytes": ColumnPlan("bytes"),
    "bytes, length": ColumnPlan("bytes", {"length": 8}),
    "fk": FK,
    "fk, skew": ColumnPlan("fk", {"skew": 1.1}),
    "fk, whole skew": ColumnPlan("fk", {"skew": 2}),
    "skip": SKIP,
}


@pytest.mark.parametrize("null", [0.0, 0.3])
@pytest.mark.parametrize("form", FORMS)
def test_every_source_reads_back_as_it_was_written(file: File, form: str, null: float) -> None:
    column = replace(FORMS[form], null=null)
    plan = Plan(tables={"t": TablePlan(columns={"c": column})})
    assert file.again(plan) == plan


def test_seed_rows_and_url_read_back_as_they_were_written(file: File) -> None:
    url = "postgresql://me@localhost/dev"
    plan = Plan(2**64 - 1, 0, url, {"a": TablePlan(0), "b": TablePlan(5), "c": TablePlan()})
    assert file.again(plan) == plan


NAMES = ["a b", "a.b", 'a "b"', "a'b", "", "#", "1", "schlüssel", "表", "null", "source", "tables"]


@pytest.mark.parametrize("name", [*NAMES, "rows", "url", "seed", "choice", "a\nb"])
def test_any_name_reads_back_as_it_was_written(file: File, name: str) -> None:
    columns = {"id": SEQUENCE, name: replace(choice("a"), null=0.5)}
    plan = Plan(tables={name: TablePlan(columns=columns), "t": TablePlan(3, {"id": SEQUENCE})})
    assert file.again(plan) == plan


@pytest.mark.parametrize("column", [SEQUENCE, between(1, 5), ColumnPlan("fk", null=0.5)])
def test_a_column_called_rows_is_not_taken_for_their_number(file: File, column: ColumnPlan) -> None:
    plan = Plan(rows=7, tables={"t": TablePlan(columns={"rows": column, "b": SKIP})})
    assert file.again(plan) == plan
    assert file.again(plan).rows_of("t") == 7


def test_a_column_called_rows_goes_with_a_number_of_rows(file: File) -> None:
    plan = Plan(tables={"t": TablePlan(7, {"rows": SEQUENCE})})
    assert file.again(plan) == plan


def test_guesses_are_marked_and_nothing_else_is(file: File) -> None:
    columns = {
        "a": ColumnPlan("faker:email", guess=True),
        "b": replace(choice("x"), guess=True),
        "c": ColumnPlan("faker:email"),
        "d": choice("x"),
    }
    lines = write_plan(Plan(tables={"t": TablePlan(columns=columns)})).splitlines()
    assert [line for line in lines if line.startswith(tuple("abcd"))] == [
        'a = "faker:email" # guess',
        'b = {choice = ["x"]} # guess',
        'c = "faker:email"',
        'd = {choice = ["x"]}',
    ]


def test_a_proposed_plan_reads_back_but_for_its_marks(file: File, database: URL) -> None:
    import pagila

    schemas.create(database, pagila.metadata)
    proposed = propose(database)
    tables = {
        name: replace(
            table, columns={key: replace(one, guess=False) for key, one in table.columns.items()}
        )
        for name, table in proposed.tables.items()
    }
    assert file.again(proposed) == replace(proposed, tables=tables)


def test_what_was_read_writes_itself(file: File) -> None:
    plan = Plan(tables={"t": TablePlan(columns=FORMS)})
    written = write_plan(plan)
    assert write_plan(file.read(written)) == written


MALFORMED = [
    ("rows = -1", "rows=-1 must be a whole number, 0 or more"),
    ("rows = true", "rows=True must be a whole number, 0 or more"),
    ("rows = 'ten'", "rows='ten' must be a whole number, 0 or more"),
    ("rows = 1.5", "rows=1.5 must be a whole number, 0 or more"),
    ("seed = -1", "seed=-1 must be a whole number, 0 or more"),
    (f"seed = {2**64}", f"seed={2**64} must be below 2**64"),
    ("seeds = 1", "seeds is not a key of a plan, did you mean 'seed'?"),
    ("xyz = 1", "xyz is not a key of a plan; there are: url, seed, rows, secret_file, "
     "defer_constraints, tables"),
    ("tables = 1", "tables must be tables, [tables.NAME]"),
    ("[[tables]]", "tables must be tables, [tables.NAME]"),
    ("tables.t = 'fk'", "t must be a table, [tables.t]"),
    ("[tables.t]\nrows = -1", "t.rows=-1 must be a whole number, 0 or more"),
    ("[tables.t]\na = 7", "t.a=7 is not a source; use one of: neural:MODEL, faker:METHOD, "
     "row, choice, range, sequence, from, like, uuid, bytes, fk, per, skip"),
    ("[tables.t]\na = ''", "t.a: '' is not a source; use one of: neural:MODEL, faker:METHOD, row, "
     "choice, range, sequence, from, like, uuid, bytes, fk, per, skip"),
    ("[tables.t]\na = {}", "t.a must have one source of: neural:MODEL, faker:METHOD, row, choice, "
     "range, sequence, from, like, uuid, bytes, fk, per, skip"),
    ("[tables.t]\na = {source = 'skip', choice = [1]}", "t.a must have one source of: "
     "neural:MODEL, faker:METHOD, row, choice, range, sequence, from, like, uuid, bytes, fk, per, "
     "skip"),
    ("[tables.t]\na = {choice = []}", "t.a.choice=[] must be a list of values"),
    ("[tables.t]\na = {choice = 'x'}", "t.a.choice='x' must be a list of values"),
    ("[tables.t]\na = {range = [1]}", "t.a.range=[1] must be two values, [LOW, HIGH]"),
    ("[tables.t]\na = {range = 5}", "t.a.range=5 must be two values, [LOW, HIGH]"),
    ("[tables.t]\na = {fk = 7}", "t.a.fk=7 must be a column, \"users.id\", or options, "
     "{ skew = 1.1 }"),
    ("[tables.t]\na = {from = 7}", "t.a.from=7 must name columns, \"first_name last_name\""),
    ("[tables.t]\na = {source = 'fk', null = 2}", "t.a.null=2 must be a share, 0 to 1"),
    ("[tables.t]\na = {source = 'fk', null = true}", "t.a.null=True must be a share, 0 to 1"),
    ("[tables.t]\na = {source = 'fk', null = '1'}", "t.a.null='1' must be a share, 0 to 1"),
    ("[tables.t]\na = {source = 'fk', null = 1.5}", "t.a.null=1.5 must be a share, 0 to 1"),
    ("[tables.t]\na = {source = 'fk', null = nan}", "t.a.null=nan must be a share, 0 to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), MALFORMED)
def test_what_is_malformed_has_its_line(file: File, text: str, line: str) -> None:
    assert file.problems(text) == (line,)


def test_all_that_is_malformed_is_listed_at_once(file: File) -> None:
    text = """
        seeds = 1
        rows = -1
        [tables.a]
        x = 7
        y = {range = [1]}
        [tables.b]
        z = {source = "fk", null = 2}
        """
    found = file.problems(text)
    assert [line.split()[0] for line in found] == [
        "seeds", "rows=-1", "a.x=7", "a.y.range=[1]", "b.z.null=2",
    ]  # fmt: skip
    with pytest.raises(PlanError) as caught:
        read_plan(file.path)
    first, *others = str(caught.value).splitlines()
    assert first == f"{file.path}: 5 things do not fit"
    assert others == [f"  {line}" for line in found]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a = 'sequenze'", "sequence"),
        ("a = 'foreign_key'", ""),
        ("a = {choise = [1]}", "choice"),
        ("a = {surce = 'fk'}", "source"),
        ("a = 'nural:product_name'", "neural:product_name"),
    ],
)
def test_a_source_that_is_spelled_almost_right_is_named(file: File, text: str, meant: str) -> None:
    (problem,) = file.problems(f"[tables.t]\n{text}")
    assert problem.startswith("t.a")
    assert ("did you mean" in problem) == bool(meant)
    assert meant in problem


@pytest.mark.parametrize("source", ["choice", "range"])
def test_a_source_that_needs_values_is_not_said_to_be_none(file: File, source: str) -> None:
    (problem,) = file.problems(f"[tables.t]\na = '{source}'")
    assert f"{{{source} = [" in problem.replace("{ ", "{")


@pytest.mark.parametrize("text", ["{choice = [1], values = [2]}", "{range = [1, 2], low = 3}"])
def test_nothing_that_is_written_is_overlooked(file: File, text: str) -> None:
    (problem,) = file.problems(f"[tables.t]\na = {text}")
    assert problem.startswith("t.a")


@pytest.mark.parametrize("text", ["url = 7", "url = ['sqlite:///a']"])
def test_a_url_is_text(file: File, text: str) -> None:
    (problem,) = file.problems(text)
    assert problem.startswith("url=")


def test_no_plan_is_answered_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError) as caught:
        read_plan(tmp_path / "absent.toml")
    assert str(caught.value) == (
        f"{tmp_path / 'absent.toml'}: the plan file does not exist; "
        "write one with faker-neural seed init URL -o FILE"
    )


@pytest.mark.parametrize("content", [b"rows 5", b"[tables", b"rows = \xff", b"rows=1\nrows=2"])
def test_what_is_no_toml_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "seed.toml"
    path.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert str(caught.value).startswith(f"{path}: is not valid TOML: ")
    assert "\n" not in str(caught.value)


def test_rows_of_a_table_that_is_not_there_are_refused_with_its_nearest_name() -> None:
    plan = Plan(tables={"products": TablePlan(), "orders": TablePlan()})
    with pytest.raises(PlanError) as caught:
        plan.with_rows({"product": 5, "zzz": 5, "orders": -1})
    assert caught.value.problems == (
        "rows: there is no table 'product', did you mean 'products'?",
        "rows: there is no table 'zzz'; there are: products, orders",
        "rows: orders=-1 must be a whole number, 0 or more",
    )
