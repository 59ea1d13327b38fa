from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from faker_neural import OptionError, Options, OptionValues, load
from faker_neural.cli._commands import generate


def test_options_are_frozen_and_hashable() -> None:
    one, other = Options(pattern="a+", alphabet="ba"), Options(pattern="a+", alphabet="abba")
    assert one == other
    assert len({one, other, Options(top_k=3)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.pattern = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temperature": "1"}, "temperature='1' must be a number, not str"),
        ({"temperature": -1}, "temperature=-1 must be 0 or more, and finite"),
        ({"temperature": True}, "temperature=True must be a number, not bool"),
        ({"top_k": 0}, "top_k=0 must be at least 1"),
        ({"top_k": 2.0}, "top_k=2.0 must be an int, not float"),
        ({"top_p": 0}, "top_p=0 must be above 0 and at most 1"),
        ({"top_p": 1.01}, "top_p=1.01 must be above 0 and at most 1"),
        ({"top_p": float("nan")}, "top_p=nan must be above 0 and at most 1"),
        ({"top_p": "0.9"}, "top_p='0.9' must be a number, not str"),
        ({"min_length": -1}, "min_length=-1 must be at least 0"),
        ({"max_length": 0}, "max_length=0 must be at least 1"),
        ({"max_length": "80"}, "max_length='80' must be an int, not str"),
        ({"min_length": 9, "max_length": 8}, "min_length=9 must be at most max_length=8"),
        ({"prefix": b"a"}, "prefix=b'a' must be text, not bytes"),
        ({"prefix": ""}, "prefix='' must not be empty"),
        ({"prefix": " a"}, "prefix=' a' must not begin with white space"),
        ({"prefix": "a\nb"}, "prefix='a\\nb' must have no line break or other control character"),
        ({"prefix": "\ud800"}, "prefix='\\ud800' must be Unicode without lone surrogates"),
        ({"prefix": "abc", "max_length": 2}, "prefix='abc' is longer than max_length=2"),
        ({"prefix": "abc", "alphabet": "ab"}, "prefix='abc' has 'c', which is not in alphabet"),
        ({"pattern": 7}, "pattern=7 must be text, not int"),
        ({"pattern": ""}, "pattern='' must not be empty"),
        ({"pattern": "(a"}, "pattern='(a' is no regular expression: missing ), unterminated"),
        ({"alphabet": ["a"]}, "alphabet=['a'] must be text, not list"),
        ({"alphabet": ""}, "alphabet='' must not be empty"),
        ({"alphabet": " \n"}, "alphabet='\\n ' must hold more than white space"),
        ({"label": 1}, "label=1 must be text, not int"),
        ({"verbatim": "no"}, "verbatim='no' must be allowed or rejected"),
        ({"length": 0}, "length=0 must be at least 1"),
        ({"length": 9, "pattern": "a"}, "pattern='a' does not go with length=9"),
        ({"length": 9, "min_length": 3}, "min_length=3 does not go with length=9"),
        ({"max_nb_chars": 20}, "max_nb_chars=20 is no option; did you mean max_length?"),
        ({"nb": 3}, "nb=3 is no option; neural_texts and mock_text take it"),
        ({"max_lenght": 3}, "max_lenght=3 is no option; did you mean max_length?"),
        ({"colour": 3}, "colour=3 is no option; there are: temperature, top_k"),
    ],
)
def test_a_bad_option_is_named_with_its_rule(given: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        Options.from_mapping(given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pattern": r"(a)\1"}, r"pattern='(a)\\1' has a reference to a group"),
        ({"pattern": "Ω+"}, "pattern='Ω+' cannot be met: no text of product_name matches"),
        ({"pattern": "1{9}", "max_length": 5}, "pattern='1{9}' does not go with max_length=5"),
        ({"pattern": "[a-z]+", "prefix": "Te"}, "pattern='[a-z]+' does not go with prefix='Te'"),
        (
            {"pattern": "[A-Z]+", "alphabet": "abc", "max_length": 9, "top_k": 3},
            "pattern='[A-Z]+' does not go with alphabet='abc': no text of product_name",
        ),
        (
            {"pattern": "(ab)*", "min_length": 3, "max_length": 3},
            "pattern='(ab)*' does not go with min_length=3 and max_length=3",
        ),
        ({"min_length": 10**9}, "min_length=1000000000 cannot be met: no text of product_name"),
        (
            {"pattern": ".{800}", "max_length": 14_000},
            "pattern='.{800}' needs too large an automaton for these lengths",
        ),
        ({"alphabet": "Ω", "max_length": 4}, "alphabet='Ω' cannot be met"),
        ({"prefix": "Tea ", "max_length": 4}, "prefix='Tea ' does not go with max_length=4"),
        ({"length": 4}, "length=4 is not supported by product_name"),
        ({"label": "x"}, "label='x' is not supported by product_name"),
    ],
)
def test_what_no_text_meets_is_refused_before_any_is_drawn(
    given: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        load("product_name").generate(0, **given)
    assert str(caught.value).startswith(message)


def test_none_is_the_models_own() -> None:
    model = load("product_name")
    assert model.options(max_length=None, verbatim=None) == model.options()


def test_every_option_is_everywhere() -> None:
    names = {field.name for field in dataclasses.fields(Options)}
    assert set(OptionValues.__annotations__) == names
    assert names <= set(inspect.signature(generate).parameters)
    table = (Path(__file__).parents[2] / "docs" / "options.md").read_text()
    assert all(f"`{name}`" in table for name in names)
