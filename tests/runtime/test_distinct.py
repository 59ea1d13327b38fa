from __future__ import annotations

from pathlib import Path

import letters
import pytest
from faker import Faker
from faker.exceptions import UniquenessException

from faker_neural import ExhaustedError, OptionError, Provider, TextModel, load


def test_no_two_are_equal_and_the_first_are_as_they_were() -> None:
    model = load("product_category")
    plain, unique = model.generate(2000), model.generate(2000, unique=True)
    assert len(set(plain)) < len(set(unique)) == 2000
    first = dict.fromkeys(plain)
    assert [text for text in unique if text in first][:50] == list(first)[:50]


def test_the_same_seed_gives_the_same_and_more_rows_change_none() -> None:
    model = load("product_category")
    many = model.generate(1500, seed=5, unique=True)
    assert many == model.generate(1500, seed=5, unique=True, threads=2)
    assert many[:700] == model.generate(700, seed=5, unique=True)
    assert many != model.generate(1500, seed=6, unique=True)


def test_a_field_that_holds_too_few_says_how_far_it_got(tmp_path: Path) -> None:
    """Texts of at most two letters out of three: there are twelve."""
    model = TextModel(letters.save(tmp_path, letters.card(max_tokens=2)))
    assert len(model.generate(12, unique=True)) == 12
    with pytest.raises(ExhaustedError, match="gave 12 different strings of 13, and then nothing"):
        model.generate(13, unique=True)


def test_options_hold_for_what_is_drawn_again() -> None:
    texts = load("world_city").generate(300, unique=True, max_length=5)
    assert max(map(len, texts)) <= 5
    assert len(set(texts)) == 300


def test_unique_is_a_bool() -> None:
    with pytest.raises(OptionError, match="unique=1 must be a bool, not int"):
        load("company").generate(2, unique=1)  # type: ignore[arg-type]


def test_fakers_unique_ends_with_fakers_error() -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(1)
    values = [fake.unique.neural_text("company", max_length=2, alphabet="ab") for _ in range(2)]
    assert len(set(values)) == 2
    with pytest.raises(UniquenessException):
        [fake.unique.neural_text("company", max_length=2, alphabet="ab") for _ in range(20)]
    fake.unique.clear()
