"""The same value gets the same learned text, and another secret gives another."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from faker_neural import OptionError, TextModel, load
from faker_neural._pseudonyms import read_secret

SECRET = "a secret of many letters"


@pytest.fixture
def names() -> TextModel:
    return load("person_name")


def test_equal_values_get_equal_texts(names: TextModel) -> None:
    first, second, again = names.like(["Ann", "Bob", "Ann"], SECRET)
    assert first == again != second


def test_a_pseudonym_does_not_depend_on_the_other_values(names: TextModel) -> None:
    values = [f"customer {i}" for i in range(40)]
    together = names.like(values, SECRET)
    assert [names.like([value], SECRET)[0] for value in values[:5]] == together[:5]


def test_the_key_is_the_hmac_of_the_value(names: TextModel) -> None:
    """So that another program can compute it."""
    digest = hmac.new(SECRET.encode(), b"Ann", hashlib.sha256).digest()
    key = int.from_bytes(digest[:8], "big")
    assert names.like(["Ann"], SECRET) == names.texts([key])


def test_another_secret_gives_other_texts(names: TextModel) -> None:
    values = [f"customer {i}" for i in range(50)]
    ours, others = names.like(values, SECRET), names.like(values, SECRET + "!")
    assert sum(one == other for one, other in zip(ours, others, strict=True)) < 5


def test_a_number_counts_as_its_digits(names: TextModel) -> None:
    assert names.like([7, 2**70], SECRET) == names.like(["7", str(2**70)], SECRET)


def test_options_hold_for_pseudonyms(names: TextModel) -> None:
    values = [f"customer {i}" for i in range(30)]
    assert all(len(text) <= 9 for text in names.like(values, SECRET, max_length=9))


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "value=None must be text or a whole number, not NoneType"),
        (True, "value=True must be text or a whole number, not bool"),
        (1.5, "value=1.5 must be text or a whole number, not float"),
        ([], "value=[] must be text or a whole number, not list"),
        ("\ud800", "value='\\ud800' must be Unicode without lone surrogates"),
    ],
)
def test_a_value_of_another_type_is_refused(names: TextModel, value: object, rule: str) -> None:
    with pytest.raises(OptionError) as caught:
        names.like([1, value], SECRET)  # type: ignore[list-item]
    assert str(caught.value) == rule


def test_a_bad_secret_is_refused_and_not_shown(names: TextModel) -> None:
    with pytest.raises(OptionError) as caught:
        names.like(["Ann"], "hunter2")
    assert str(caught.value) == (
        "secret='7 bytes' must have 16 bytes or more: openssl rand -hex 32 makes one"
    )
    with pytest.raises(OptionError, match="secret='int' must be text or bytes"):
        names.like(["Ann"], 5)  # type: ignore[arg-type]


def test_a_number_of_too_many_digits_is_refused(names: TextModel) -> None:
    with pytest.raises(OptionError, match="has over 4,096 bits"):
        names.like([1 << 5000], SECRET)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero")
def test_a_device_is_no_secret_and_no_list_of_words(names: TextModel) -> None:
    with pytest.raises(OptionError, match="it is no regular file"):
        read_secret("/dev/zero")
    with pytest.raises(OptionError, match="it is no regular file"):
        names.texts([1], blocked="/dev/zero")
