"""A seed of any kind becomes a 64-bit number, the same on every machine."""

from __future__ import annotations

import numpy as np
import pytest
from faker import Faker

import faker_neural
from faker_neural import FakerNeuralError, OptionError, load
from faker_neural._seeds import seed_number


@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**64 - 1])
def test_a_64_bit_number_is_its_own_seed(seed: int) -> None:
    assert seed_number(seed) == seed


@pytest.mark.parametrize(
    ("seed", "number"),
    [
        ("abc", 5523856598188587639),
        ("", 1610312725416734657),
        (-1, 12570710231093649038),
        (2**64, 15783165880929541034),
        (0.5, 16651274325122711774),
        (float("inf"), 7093638966692554928),
    ],
)
def test_a_seed_is_the_same_number_on_every_machine(seed: int | float | str, number: int) -> None:
    assert seed_number(seed) == number


def test_kinds_of_the_same_value_agree_as_for_random() -> None:
    assert seed_number(7.0) == seed_number(np.int64(7)) == seed_number(np.float64(7)) == 7
    assert seed_number("é") == seed_number("é".encode()) == seed_number(bytearray("é".encode()))
    assert seed_number(-0.0) == 0


def test_other_seeds_are_other_numbers() -> None:
    seeds = ["7", 7, "0.5", 0.5, -7, 2**64 + 7, "", b"\x00", float("inf"), float("-inf")]
    assert len({seed_number(seed) for seed in seeds}) == len(seeds)


@pytest.mark.parametrize("seed", [0, 2**70, -3, 0.5, "abc", b"abc", bytearray(b"abc")])
def test_every_seed_of_a_faker_but_none_is_a_seed(seed: int | float | str | bytes) -> None:
    Faker().seed_instance(seed)
    assert faker_neural.generate("company", 2, seed=seed) == load("company").generate(
        2, seed=seed_number(seed)
    )


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (None, "seed=None must be an int, a float, text or bytes, not NoneType"),
        (True, "seed=True must be an int, a float, text or bytes, not bool"),
        ([1], r"seed=\[1\] must be an int, a float, text or bytes, not list"),
        (1j, "must be an int, a float, text or bytes, not complex"),
        (float("nan"), "seed=nan must be a number"),
        ("\ud800", "must be Unicode without lone surrogates"),
    ],
)
def test_another_seed_is_refused(seed: object, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        seed_number(seed)  # type: ignore[arg-type]


def test_generate_takes_what_the_method_takes() -> None:
    options = {"seed": 3, "start": 5, "threads": 2, "unique": True, "max_length": 20}
    assert faker_neural.generate("company", 4, **options) == load("company").generate(4, **options)
    path = faker_neural.bundled()["company"]
    assert faker_neural.generate(path, 1) == load("company").generate(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "compny", "n": 1}, "no model is called 'compny': did you mean 'company'"),
        ({"model": "company", "n": -1}, "n=-1 must be at least 0"),
        ({"model": "us_place", "n": 1}, "draws rows of street, city, state, zip: use rows"),
    ],
)
def test_a_mistake_of_generate_is_one_line(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(FakerNeuralError, match=message):
        faker_neural.generate(**arguments)
