"""Rows: several columns that fit together, drawn from one key each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import letters
import places
import pytest
from faker import Faker
from hypothesis import given, settings

from faker_neural import (
    ContractError,
    ExhaustedError,
    OptionError,
    Options,
    Provider,
    TextModel,
    load,
)
from faker_neural._model_file.card_reader import read_card
from faker_neural._model_file.row_columns import join_row, marker, split_row
from faker_neural.integrations.hypothesis import neural_row

CITIES = {city: state for state, cities in places.STATES.items() for city in cities}
DIGITS = {row[3][:2]: row[1] for row in places.table()}


@pytest.fixture(scope="module")
def model(places_model: Path) -> TextModel:
    return load(places_model)


@pytest.fixture
def fake() -> Faker:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(3)
    return fake


def share(rows: list[dict[str, str]]) -> float:
    fit = [
        CITIES.get(r["city"]) == r["state"] and DIGITS.get(r["zip"][:2]) == r["city"] for r in rows
    ]
    return sum(fit) / len(fit)


def test_the_columns_of_a_row_fit_together(model: TextModel) -> None:
    rows = model.rows(300)
    assert share(rows) > 0.8
    assert {tuple(row) for row in rows} == {places.COLUMNS}
    assert len({row["city"] for row in rows}) > 12


@pytest.mark.parametrize("known", [{"state": "Iowa"}, {"city": "Akron"}, {"zip": "419"}])
def test_given_columns_stand_and_the_others_fit_them(
    model: TextModel, known: dict[str, str]
) -> None:
    rows = model.rows(150, given=known)
    assert all(row.items() >= known.items() for row in rows)
    assert share(rows) > 0.75


def test_several_columns_are_given_at_once(model: TextModel) -> None:
    known = {"city": "Provo", "street": "5 Lake Road"}
    assert {row["state"] for row in model.rows(40, given=known)} == {"Utah"}


def test_a_text_column_may_be_given_what_it_never_had(model: TextModel) -> None:
    (row,) = model.rows(1, given={"street": "7 Oak Oak Drive", "zip": "99999"})
    assert (row["street"], row["zip"]) == ("7 Oak Oak Drive", "99999")
    assert row["state"] in places.STATES


def test_a_row_depends_on_neither_batch_nor_slice_nor_threads(model: TextModel) -> None:
    rows = model.rows(70, seed=5)
    assert [model.rows(1, seed=5, start=i)[0] for i in range(0, 70, 9)] == rows[::9]
    assert model.rows(70, seed=5, threads=3) == rows
    some = model.rows(30, given={"state": "Ohio"})
    assert [model.rows(1, start=i, given={"state": "Ohio"})[0] for i in range(0, 30, 7)] == some[
        ::7
    ]


def test_rows_come_from_keys(model: TextModel) -> None:
    assert model.rows_of([1, 2, 3]) == [model.rows_of([key])[0] for key in (1, 2, 3)]


def test_no_training_row_comes_out(model: TextModel) -> None:
    known = {
        dict(zip(places.COLUMNS, row, strict=True)).values().__repr__() for row in places.table()
    }
    assert known.isdisjoint(row.values().__repr__() for row in model.rows(300))
    allowed = model.rows(300, verbatim="allowed")
    assert not known.isdisjoint(row.values().__repr__() for row in allowed)


def test_unique_rows_differ(model: TextModel) -> None:
    known = {"state": "Ohio"}
    rows = model.rows(120, given=known, unique=True)
    assert len({tuple(row.values()) for row in rows}) == 120
    assert model.rows(40, given=known, unique=True) == rows[:40]


def test_numpy_and_graph_draw_equal_rows_at_equal_options(model: TextModel) -> None:
    assert model.rows(30, top_k=len(model.card.tokens)) == model.rows(30)
    assert all(tuple(row) == places.COLUMNS for row in model.rows(40, top_k=3))


def test_options_of_a_column_hold(model: TextModel) -> None:
    columns = {
        "city": Options(max_length=5, blocked=["Lima"]),
        "street": Options(pattern=r"\d+ .*(Road|Lane)"),
        "zip": Options(alphabet="0123456789"),
    }
    rows = model.rows(60, columns=columns)
    assert {row["city"] for row in rows} <= {"Akron", "Ames", "Ogden", "Orem", "Provo", "Sandy"}
    assert all(row["street"].endswith(("Road", "Lane")) for row in rows)


def test_options_that_nothing_meets_are_an_error(model: TextModel) -> None:
    with pytest.raises(ExhaustedError, match="gave only rows that the options reject in 200"):
        model.rows(1, columns={"city": Options(pattern="[XYZ]+")})


def test_blocked_words_are_in_no_column(model: TextModel) -> None:
    assert not any("Oak" in row["street"] for row in model.rows(80, blocked=["Oak"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"given": {"stat": "Ohio"}}, "given='stat' is no column of places; did you mean state?"),
        ({"columns": {"x": Options()}}, "columns='x' is no column of places; there are: street, "),
        (
            {"given": {"state": "Ohioo"}},
            "given state='Ohioo' is not a value that state can have; the nea",
        ),
        (
            {"given": {"state": "Xyz"}},
            "given state='Xyz' is not a value that state can have; such as ",
        ),
        ({"given": 3}, "given=3 must be a dict of columns, not int"),
        ({"given": {"zip": "1" * 5000}}, " tokens; a row of places has "),
        (
            {"given": {"city": "Lima"}, "columns": {"city": Options()}},
            "columns='city' is given, so options of it do nothing",
        ),
        ({"given": {"state": 7}}, "given state=7 must be text, not int"),
        ({"given": {"state": ""}}, "given state='' must not be empty"),
        ({"given": {"city": "a\nb"}}, "must have no control or private-use character"),
        ({"given": {"street": "7 Ōsaka"}}, "cannot be given: no token fits the character 'Ō'"),
        (
            {"given": dict.fromkeys(places.COLUMNS, "1")},
            "names all columns; leave out at least one",
        ),
        ({"columns": {"city": 3}}, "columns city=3 must be Options(...), not int"),
        ({"columns": {"city": Options(top_k=3)}}, "top_k=3 is not for a column; a column has min_"),
        (
            {"columns": {"city": Options(verbatim="rejected")}},
            "needs a model that knows the training",
        ),
        ({"max_length": 9}, "max_length=9 is for a column of a row: columns={...: Options(max_len"),
        ({"temperature": -1}, "temperature=-1 must be 0 or more"),
        ({"unique": 1}, "unique=1 must be a bool"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    model: TextModel, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        model.rows(1, **arguments)
    assert message in str(caught.value)


def test_a_model_of_texts_has_no_rows(fake: Faker) -> None:
    with pytest.raises(ContractError, match="draws texts, not rows"):
        fake.neural_row("company")


@pytest.mark.parametrize("method", ["neural_text", "neural_texts"])
def test_a_model_of_rows_has_no_texts(fake: Faker, places_model: Path, method: str) -> None:
    with pytest.raises(
        ContractError, match="draws rows of street, city, state, zip: use rows, neural"
    ):
        getattr(fake, method)(places_model)


def test_neural_rows_equals_as_many_calls_of_neural_row(fake: Faker, places_model: Path) -> None:
    together = fake.neural_rows(places_model, 40)
    fake.seed_instance(3)
    assert [fake.neural_row(places_model) for _ in range(40)] == together
    assert fake.neural_row(places_model, given={"state": "Utah"})["state"] == "Utah"


def test_a_row_belongs_to_its_caller(fake: Faker, places_model: Path) -> None:
    fake.neural_row(places_model)["city"] = "changed"
    fake.seed_instance(3)
    assert fake.neural_row(places_model)["city"] != "changed"


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_hypothesis_draws_rows(places_model: Path) -> None:
    rows: list[dict[str, str]] = []

    @settings(max_examples=30, deadline=None, database=None, derandomize=True)
    @given(neural_row(places_model, given={"state": "Iowa"}))
    def collect(row: dict[str, str]) -> None:
        rows.append(row)

    collect()
    assert {row["state"] for row in rows} == {"Iowa"}
    assert len({row["street"] for row in rows}) > 10


@pytest.mark.parametrize("given", [None, {"state": "Iowa"}, {"zip": "301"}, {"city": "Provo"}])
def test_a_value_that_decides_another_never_contradicts_it(
    model: TextModel, given: dict[str, str] | None
) -> None:
    """At this temperature, columns that are drawn one by one would often contradict each other."""
    city_of = {row[3]: row[1] for row in places.table()}
    state_of = {row[1]: row[2] for row in places.table()}
    rows = model.rows(100, temperature=1.6, given=given)
    assert all(row["state"] == state_of[row["city"]] for row in rows)
    assert all(row["city"] == city_of.get(row["zip"], row["city"]) for row in rows)


def test_given_values_that_contradict_each_other(model: TextModel) -> None:
    with pytest.raises(ExhaustedError, match="other values in given"):
        model.rows(1, given={"city": "Provo", "state": "Ohio"})  # every zip code decides both


def test_golden_rows_are_no_training_rows(model: TextModel) -> None:
    known = {join_row(row) for row in places.table()}
    assert known.isdisjoint(golden.text for golden in model.card.golden)


def test_golden_rows_and_the_digest_are_verified(model: TextModel, tmp_path: Path) -> None:
    model.verify()
    assert all(len(list(split_row(golden.text))) == 4 for golden in model.card.golden)
    assert '"draws_first"' in model.card.drawing()


def columns(**changes: Any) -> dict[str, Any]:
    column = {"name": "a", "kind": "text", "max_length": 3, "may_be_empty": False}
    column |= {"draws_first": False, "training_values": {"range": 0, "gaps": ""}, "decides": {}}
    return column | changes


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([columns(kind="number")], "kind 'number'"),
        ([columns(max_length=-1)], "field 'max_length' is -1"),
        ([columns(), columns()], "must hold up to 256 columns with different names"),
        ([columns()], "column 'a' has no token that begins it"),
        ([{"name": "a"}], "field 'kind' is missing"),
        ([columns(decides={"b": ["x"]})], "must hold lists of values by the values of other"),
        ([columns(decides={"b": {"x": ["y"]}})], "column 'a' has no token that begins it"),
        ([columns(decides={"b": {"x": "y"}})], "must hold lists of values by the values of other"),
        (["a"], "columns is str, not an object"),
        ([columns(name=f"c{i}") for i in range(257)], "must hold up to 256 columns"),
    ],
)
def test_a_card_with_broken_columns_is_refused(found: list[Any], message: str) -> None:
    raw = json.loads(letters.card().to_json()) | {"columns": found}
    with pytest.raises(ValueError, match=message):
        read_card(json.dumps(raw))


def test_a_card_without_columns_is_read() -> None:
    raw = json.loads(letters.card().to_json())
    del raw["columns"]
    assert read_card(json.dumps(raw)) == letters.card()


def test_a_row_is_text_and_back() -> None:
    text = join_row(["12 Oak", "", "x"])
    assert text == f"{marker(0)}12 Oak{marker(1)}{marker(2)}x"
    assert list(split_row(text)) == [(0, "12 Oak"), (1, ""), (2, "x")]


def test_rows_are_whole_where_little_that_was_learned_is_left(places_model: Path) -> None:
    rows = load(places_model).rows(40, temperature=1.6)
    assert all(tuple(row) == places.COLUMNS for row in rows)


def test_a_file_that_draws_no_allowed_row_is_named(places_model: Path) -> None:
    with pytest.raises(ExhaustedError, match=r"places\.onnx: gave only rows that the options rej"):
        load(places_model).rows(1, columns={"street": Options(min_length=500)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": 3}, "tokens begin other columns than it has"),
        ({"options": {"max_length": 8}}, "options must have none of min_length, max_length"),
        ({"text": 2}, "is a category without values"),
    ],
)
def test_a_card_whose_tokens_do_not_fit_its_columns_is_refused(
    model: TextModel, change: dict[str, Any], message: str
) -> None:
    raw = json.loads(model.card.to_json())
    if "options" in change:
        raw["options"] |= change["options"]
    elif "columns" in change:
        raw["columns"] = raw["columns"][: change["columns"]]
    else:
        raw["columns"][0]["kind"] = "category"
    with pytest.raises(ValueError, match=message):
        read_card(json.dumps(raw))
