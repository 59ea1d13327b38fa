"""Rows of a table: read, encoded, trained on and evaluated."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import places
import pytest

from faker_neural import ColumnError, ContractError, MissingFileError, OptionError, load
from faker_neural._encoding import encoder_of
from faker_neural._model_file.row_columns import RowColumn, join_row, marker, split_row
from faker_neural._model_file.training_lines import TrainingLines
from faker_neural_export import (
    DatabaseTable,
    Settings,
    evaluate,
    evaluate_rows,
    train,
    write_row_report,
)
from faker_neural_export.data.columns import read_rows
from faker_neural_export.data.dependencies import with_dependencies
from faker_neural_export.vocabulary.rows import TrainingRowEncoder, row_token_kind, row_tokens
from faker_neural_export.vocabulary.words import TrainingWordEncoder

NAMES = ["street", "city", "state", "zip"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return places.write(tmp_path_factory.mktemp("table"))


def test_a_table_is_read_as_rows(table: Path) -> None:
    found = read_rows(table, NAMES)
    assert found.values[0] == join_row(places.table()[0])
    assert [column.kind for column in found.columns] == ["text", "category", "category", "text"]
    assert [column.name for column in found.columns if column.draws_first] == ["zip"]
    assert found.columns[1].max_length == len("New Hampton")
    learn, held_out = found.sides()
    assert learn.columns == held_out.columns == found.columns


def test_empty_cells_are_kept_and_empty_rows_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\nx,1\n,2\n,\ny,\n")
    found = read_rows(path, ["a", "b"])
    assert found.values == (join_row("x1"), join_row(["", "2"]), join_row(["y", ""]))
    assert all(column.may_be_empty for column in found.columns)


def test_a_column_decides_another_where_the_rows_say_so(table: Path) -> None:
    found = read_rows(table, NAMES)
    street, city, state, zip_code = with_dependencies(found.values, found.columns)
    assert street.decides == state.decides == {}
    assert city.decides == {"state": {name: sorted(of) for name, of in places.STATES.items()}}
    assert list(zip_code.decides) == ["city", "state"]
    numbers = [int(number) for number in zip_code.decides["city"]["Akron"]]
    assert {number // 10 for number in numbers} == {30}


def decided(cells: Sequence[tuple[str, str]], **first: Any) -> Mapping[str, Any]:
    columns = [
        RowColumn(**({"name": "code", "kind": "category", "max_length": 9} | first)),
        RowColumn(name="land", kind="category", max_length=9),
    ]
    return with_dependencies([join_row(row) for row in cells], columns)[0].decides


def test_what_decides_nothing() -> None:
    lands = [(str(10 + i % 20), f"land {i % 4}") for i in range(200)]
    assert decided(lands) == decided(lands, kind="text")
    assert decided(lands)["land"]["land 1"] == ["11", "15", "19", "23", "27"]
    assert decided(lands, kind="text", training_values=TrainingLines.of(["11"])) == {}  # private
    assert decided([(f"x{code}", land) for code, land in lands], kind="text") == {}  # words
    assert decided([(code, f"land {i % 3}") for i, (code, _) in enumerate(lands)]) == {}
    assert decided(lands[:19]) == {}  # every code once
    assert decided([(code, "land 1") for code, _ in lands]) == {}  # always the same
    doubtful = [*lands, ("11", "land 2")]
    assert "11" not in decided(doubtful)["land"]["land 1"]
    assert decided([*lands, ("", "land 1")]) == decided(lands)


@pytest.mark.parametrize(
    ("content", "names", "more", "message"),
    [
        ("a,b\nx,1\ny,2", ["a", "a"], {}, "column 'a' is named twice"),
        ("a,b\nx,1\ny,2", ["a"], {}, "rows need 2 to 256 columns, not 1"),
        ("a,b\nx,1\ny,2", ["a", "c"], {}, "has no column 'c'; there are: a, b"),
        ("a,b\nx,1\nx,2", ["a", "b"], {}, "column 'a': has one distinct value, 'x'"),
        ("a,b\nx,1\n\x0b,2", ["a", "b"], {}, "column 'a': has one distinct value"),
        ("a,b\nxyz,1\ny,2", ["a", "b"], {"max_length": 2}, "column 'a': value 1 has 3 characters"),
        ('a,b\n"x\ny",1\ny,2', ["a", "b"], {}, "column 'a': value 1 has a line break"),
        ("a,b\nx\ue001,1\ny,2", ["a", "b"], {}, "has a private-use character"),
        ("a,b\nx,1\ny,2", ["a", "b"], {"private": ["c"]}, "'c' is private, but not among a, b"),
    ],
)
def test_a_table_that_has_no_rows_is_one_clear_error(
    tmp_path: Path, content: str, names: list[str], more: dict[str, Any], message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(ColumnError) as caught:
        read_rows(path, names, **more)
    assert message in str(caught.value)


def test_a_table_without_a_key_is_read_row_by_row(tmp_path: Path) -> None:
    """An index on one column must not order its values by themselves."""
    with closing(sqlite3.connect(tmp_path / "a.db")) as database, database:
        database.execute("CREATE TABLE t (a TEXT, b TEXT)")
        database.execute("CREATE INDEX i ON t (a)")
        pairs = [(f"a{9 - i}", f"b{9 - i}") for i in range(9)]
        database.executemany("INSERT INTO t VALUES (?, ?)", pairs)
    found = read_rows(DatabaseTable(f"sqlite:///{tmp_path / 'a.db'}", "t"), ["a", "b"])
    assert set(found.values) == set(map(join_row, pairs))


def test_a_private_number_is_no_token(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,phone\n" + "".join(f"n{i % 9},{5550000 + i}\n" for i in range(40)))
    for private in ([], ["phone"]):
        found = read_rows(path, ["name", "phone"], private=private)
        tokens = row_tokens(found.values, [], found.columns)
        assert (f"{marker(1)}5550003" in tokens) is not bool(private)


def test_many_small_categories_have_classes(tmp_path: Path) -> None:
    path, names = tmp_path / "a.csv", [f"c{i}" for i in range(14)]
    draw = random.Random(0)
    rows = [",".join(f"{name}{draw.randrange(3)}" for name in names) for _ in range(90)]
    path.write_text("\n".join([",".join(names), *rows]))
    settings = Settings(tokens="word", pieces=20, units=8, embedding=8, epochs=1)
    made = train(path, tmp_path / "a.onnx", columns=names, settings=settings)
    assert tuple(made.rows(1, verbatim="allowed")[0]) == tuple(names)


def test_private_needs_columns(table: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="private='city' needs columns"):
        train(table, tmp_path / "a.onnx", column="city", private=["city"])


def test_plain_text_has_no_columns(animals_file: Path) -> None:
    with pytest.raises(ColumnError, match="is plain text and has no columns a, b"):
        read_rows(animals_file, ["a", "b"])
    with pytest.raises(MissingFileError, match="the file does not exist"):
        read_rows("absent.csv", ["a", "b"])


def test_categories_and_numbers_are_whole_tokens(table: Path) -> None:
    found = read_rows(table, NAMES)
    tokens = row_tokens(found.values, [], found.columns)
    assert {f"{marker(2)}{state}" for state in places.STATES} < set(tokens)
    assert {f"{marker(3)}{row[3]}" for row in places.table()} < set(tokens)
    assert [token for token in tokens if token[0] == marker(0)] == [marker(0)]
    assert len({row_token_kind(token) for token in (*tokens, " word", "word")}) == 6


def test_the_columns_of_a_training_row_come_in_every_order(places_model: Path, table: Path) -> None:
    card = load(places_model).card
    words = TrainingWordEncoder(card.tokens, card.pieces)
    encoder = TrainingRowEncoder(words, card.tokens, map(join_row, places.table()), card.columns)
    text, draw = join_row(places.table()[7]), np.random.default_rng(0)
    orders = set()
    for _ in range(200):
        ids, targets = encoder.encode_for_training(text, (), 0.0, draw)
        assert len(ids) == len(targets)
        begins = (card.tokens[i][:1] for i in ids)
        orders.add("".join(begin for begin in begins if begin >= marker(0)))
    assert len(orders) == 24
    assert encoder_of(card)(text) == encoder(text)


def test_a_training_row_gets_other_streets_and_spells_some_numbers(places_model: Path) -> None:
    """So no row is learned by heart, and a zip code that is no token can be given."""
    card, draw = load(places_model).card, np.random.default_rng(0)
    words = TrainingWordEncoder(card.tokens, card.pieces)
    table = [(f"{i} Oak Street", *others) for i, (_, *others) in enumerate(places.table())]
    encoder = TrainingRowEncoder(words, card.tokens, map(join_row, table), card.columns)
    row, streets, spelled, count = table[7], list[str](), list[bool](), 2_000
    for _ in range(count):
        ids, targets = encoder.encode_for_training(join_row(row), (), 0.0, draw)
        text = "".join(card.tokens[i] for i in ids)
        values = dict(split_row(text))
        assert (values[1], values[2], values[3]) == row[1:]
        streets.append(values[0])
        skipped = (card.tokens[i] for i, learned in zip(ids, targets, strict=True) if not learned)
        spelled.append(marker(3) + row[3] in "".join(skipped))
    assert 0.4 < sum(street != row[0] for street in streets) / count < 0.6
    assert set(streets) <= {street for street, *_ in table}
    assert 0.1 < sum(spelled) / count < 0.2


def test_a_private_value_never_comes_out(tmp_path: Path) -> None:
    settings = Settings(tokens="word", pieces=40, units=16, embedding=16, epochs=8, batch=16)
    made = train(
        places.write(tmp_path),
        tmp_path / "a.onnx",
        columns=["street", "city"],
        private=["city"],
        settings=settings,
    )
    (_, city) = made.card.columns
    assert (city.kind, bool(city.training_values)) == ("text", True)
    known = {row[1] for row in places.table()}
    assert known.isdisjoint(row["city"] for row in made.rows(30, temperature=1.3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"column": "city"}, "column='city' does not go with columns=street,city"),
        ({"label": "state"}, "label='state' does not go with columns=street,city"),
        ({"settings": {"text": "running"}}, "columns='street,city' needs rows of a table"),
        ({"settings": {"input": "one-hot"}}, "columns='street,city' needs rows of a table"),
    ],
)
def test_what_does_not_go_with_rows_is_named(
    table: Path, tmp_path: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        train(table, tmp_path / "a.onnx", columns=["street", "city"], **arguments)
    assert message in str(caught.value)


def test_rows_of_characters_are_learned_too(table: Path, tmp_path: Path) -> None:
    settings = {"tokens": "char", "units": 16, "epochs": 2}
    made = train(table, tmp_path / "a.onnx", columns=["street", "city"], settings=settings)
    assert all(tuple(row) == ("street", "city") for row in made.rows(10))


def test_an_evaluation_sees_that_columns_fit(
    places_model: Path, table: Path, tmp_path: Path
) -> None:
    found = evaluate_rows(places_model, table, split=True)
    model, real, independent = found.figures
    assert model.agreement["city", "state"] > 0.95
    assert real.agreement["city", "state"] == 1.0
    assert independent.agreement["city", "state"] < 0.6
    assert model.new == 1.0
    assert 0.4 < model.auc < 1
    assert list(found.given_figures) == NAMES
    assert found.given_figures["state"].agreement["city", "state"] == 1.0
    assert found.facts()["given state: city > state"] == 1.0
    page = write_row_report(found, tmp_path / "a.html").read_text()
    assert "Columns that fit together" in page
    assert "One column given" in page
    assert f"{model.agreement['city', 'state']:.3f}" in page


def test_an_evaluation_of_rows_needs_rows(places_model: Path, table: Path, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="draws texts, not rows"):
        evaluate_rows("company", table, split=True)
    with pytest.raises(ContractError, match="draws rows of street, city, state, zip: use"):
        evaluate(places_model, ["a"] * 60)
    with pytest.raises(OptionError, match="train=None is needed unless split is given"):
        evaluate_rows(places_model, table)
    few = tmp_path / "few.csv"
    few.write_text("street,city,state,zip\n1 A,B,C,3\n2 A,E,D,4\n")
    with pytest.raises(ColumnError, match=r"few\.csv: has 2 rows; at least 20 are needed"):
        evaluate_rows(places_model, few, train=table)


def test_rows_on_the_command_line(places_model: Path, table: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> tuple[str, str]:
        program = Path(sys.executable).with_name("faker-neural")
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        return done.stdout, done.stderr

    out, _ = run("generate", places_model, "-n", 2, "--given", "state=Iowa", "--format", "csv")
    lines = out.splitlines()
    assert lines[0] == "street,city,state,zip"
    assert all(",Iowa," in line for line in lines[1:])
    assert len(lines) == 3
    assert run("generate", places_model, "-n", 1)[0].count(" | ") == 3
    assert '"state": "' in run("generate", places_model, "-n", 1, "--format", "jsonl")[0]
    assert run("generate", places_model, "--given", "state")[1] == (
        "faker-neural: given='state' must be COLUMN=VALUE, such as state=TX\n"
    )
    assert (
        "needs a model of rows; company draws texts"
        in run("generate", "company", "--given", "a=b")[1]
    )
    assert "columns     street (text, up to " in run("info", places_model)[0]
    evaluated = run("evaluate", places_model, "--real", table, "--split")[0]
    assert evaluated.count("city fits state") == 2  # of all rows, and with one column given
    wrong = run("evaluate", places_model, "--real", table, "--column", "city")[1]
    assert "column='city' is not for a model of rows" in wrong
