"""A method for each field: `fake.neural_company()`."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from faker import Faker
from faker.providers import BaseProvider
from own_fields import field

from faker_neural import (
    ContractError,
    FakerNeuralError,
    NeuralFaker,
    OptionError,
    Options,
    Provider,
    SettingError,
    bundled,
    fields_from,
    load,
)
from faker_neural._catalog.bundled_names import ModelName, RowName, TextName
from faker_neural._field_methods import FieldMethods


def seeded(fake: Faker) -> Faker:
    fake.seed_instance(5)
    return fake


@pytest.fixture
def fake() -> NeuralFaker:
    made = NeuralFaker()
    made.seed_instance(5)
    return made


def test_the_list_of_methods_is_the_list_of_bundled_fields() -> None:
    listed = [name for name in vars(FieldMethods) if name.startswith("neural_")]
    assert listed == [f"neural_{name}" for name in bundled()]


def test_the_types_list_the_bundled_fields() -> None:
    texts, rows = get_args(TextName), get_args(RowName)
    assert sorted([*texts, *rows]) == list(bundled())
    assert [bool(load(name).card.columns) for name in texts] == [False] * len(texts)
    assert all(load(name).card.columns for name in rows)
    assert get_args(ModelName) == (TextName, RowName)


@pytest.mark.parametrize("name", get_args(TextName))
def test_the_method_of_a_field_draws_what_neural_text_draws(fake: NeuralFaker, name: str) -> None:
    drawn = getattr(fake, f"neural_{name}")(temperature=0.6)
    assert drawn == seeded(fake).neural_text(name, temperature=0.6)


@pytest.mark.parametrize("name", get_args(RowName))
def test_the_method_of_a_field_of_rows_draws_a_dict(fake: NeuralFaker, name: str) -> None:
    drawn = getattr(fake, f"neural_{name}")(temperature=0.6)
    assert drawn == seeded(fake).neural_row(name, temperature=0.6)


def test_the_description_of_a_field_of_rows_names_its_columns() -> None:
    for name in get_args(RowName):
        columns = [column.name for column in load(name).card.columns]
        said = getattr(Provider, f"neural_{name}").__doc__
        assert f"{', '.join(columns[:-1])} and {columns[-1]}: " in said


def test_a_field_of_rows_takes_given_values_and_options_of_columns(fake: NeuralFaker) -> None:
    place = fake.neural_us_place(given={"state": "TX"}, columns={"city": Options(max_length=7)})
    assert place["state"] == "TX"
    assert len(place["city"]) <= 7


def test_a_format_may_name_a_field(fake: NeuralFaker) -> None:
    company = fake.neural_text("company")
    assert seeded(fake).parse("{{neural_company}} & Co.") == f"{company} & Co."


def test_unique_and_optional_know_the_methods(fake: NeuralFaker) -> None:
    assert len({fake.unique.neural_company() for _ in range(20)}) == 20
    found = {type(fake.optional.neural_job_title()) for _ in range(20)}
    assert found == {str, type(None)}


def test_each_of_several_locales_has_the_methods() -> None:
    fake = seeded(Faker(["en_US", "ja_JP"], includes=["faker_neural"]))
    assert isinstance(fake.neural_company(), str)
    assert seeded(fake)["ja_JP"].neural_company() == seeded(fake)["en_US"].neural_company()


def test_no_method_of_faker_is_replaced() -> None:
    plain = Faker().factories[0]
    assert not any(name.startswith("neural_") for name in dir(plain))
    ours = set(dir(Provider(plain))).difference(dir(BaseProvider(plain)))
    assert all(name.startswith(("neural_", "_")) for name in ours)


def test_a_field_of_ones_own_has_a_method(tmp_path: Path) -> None:
    with fields_from(field(tmp_path).parent):
        fake = seeded(NeuralFaker(["en_US", "ja_JP"]))
        drawn = fake["ja_JP"].neural_tea(max_length=30)
        assert drawn == seeded(fake)["ja_JP"].neural_text("tea", max_length=30)
        assert fake.unique.neural_tea() != fake.unique.neural_tea()


def test_a_field_of_ones_own_may_draw_rows(tmp_path: Path) -> None:
    with fields_from(field(tmp_path, "shop", like="us_place").parent):
        assert NeuralFaker().neural_shop(given={"state": "TX"})["state"] == "TX"


def test_a_field_of_ones_own_goes_before_the_bundled_one(tmp_path: Path) -> None:
    with fields_from(field(tmp_path, "company", like="dish_name").parent):
        drawn = seeded(NeuralFaker()).neural_company()
    assert drawn == seeded(NeuralFaker()).neural_dish_name()


@pytest.mark.parametrize("name", ["earl-grey", "text", "rows"])
def test_a_name_that_gives_no_method_leaves_all_others(tmp_path: Path, name: str) -> None:
    with fields_from(field(tmp_path, name).parent):
        fake = NeuralFaker()
        assert not hasattr(fake.factories[0], "neural_earl-grey")
        assert isinstance(fake.neural_text("company"), str)
        assert len(fake.neural_rows(nb=2)) == 2


def test_a_name_may_begin_with_a_digit(tmp_path: Path) -> None:
    with fields_from(field(tmp_path, "2024_tea").parent):
        assert isinstance(NeuralFaker().neural_2024_tea(), str)


def test_a_field_that_is_found_later_has_its_method_in_later_fakers(tmp_path: Path) -> None:
    before = NeuralFaker()
    with fields_from(field(tmp_path).parent):
        assert isinstance(before.neural_text("tea"), str)
        with pytest.raises(AttributeError, match="neural_tea"):
            before.neural_tea()
        before.factories[0].add_provider(Provider)
        assert isinstance(before.neural_tea(), str)


def test_copies_have_the_methods_of_fields_of_ones_own(tmp_path: Path) -> None:
    with fields_from(field(tmp_path).parent):
        fake = seeded(NeuralFaker())
        copies = [copy.deepcopy(fake), pickle.loads(pickle.dumps(fake))]
        expected = [fake.neural_tea() for _ in range(3)]
        assert all([twin.neural_tea() for _ in range(3)] == expected for twin in copies)


def test_a_copy_where_the_field_is_unknown_says_so_when_it_is_drawn(tmp_path: Path) -> None:
    with fields_from(field(tmp_path).parent):
        pickled = pickle.dumps(NeuralFaker())
    with pytest.raises(FakerNeuralError, match="no model is called 'tea'"):
        pickle.loads(pickled).neural_tea()


def test_another_attribute_is_missed_as_always() -> None:
    provider = Provider(Faker().factories[0])
    with pytest.raises(AttributeError, match="'Provider' has no attribute 'neural'"):
        provider.neural  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="'Provider' has no attribute 'neural_'"):
        provider.neural_  # type: ignore[attr-defined]  # noqa: B018


def test_a_wrong_setting_is_named_when_the_provider_is_attached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAKER_NEURAL_PATH", "absent")
    with pytest.raises(SettingError, match=r"FAKER_NEURAL_PATH: '.*absent' is not a folder"):
        NeuralFaker()


def test_a_field_of_texts_takes_no_given_values(fake: NeuralFaker, tmp_path: Path) -> None:
    with fields_from(field(tmp_path).parent), pytest.raises(OptionError, match="given="):
        NeuralFaker().neural_tea(given={"state": "TX"})


def test_a_bundled_method_does_not_draw_rows_of_an_own_field(tmp_path: Path) -> None:
    own = field(tmp_path, "company", like="us_place").parent
    with fields_from(own), pytest.raises(ContractError, match="draws rows of street"):
        NeuralFaker().neural_company()


def test_fakers_command_line_draws_from_a_field_and_lists_all(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "faker", "-i", "faker_neural"]
    environment = {"FAKER_NEURAL_PATH": str(field(tmp_path).parent)}
    for name in ("neural_company", "neural_us_place", "neural_tea"):
        done = subprocess.run([*command, name], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout) > 1
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("artwork_title", "company", "tea", "us_place", "world_place"):
        assert f"fake.neural_{name}(**" in done.stdout
