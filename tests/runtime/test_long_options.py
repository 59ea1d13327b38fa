"""Long options, also those of a stranger's card, are refused soon and in a short error."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from letters import card, save

from faker_neural import ModelFileError, OptionError, TextModel, load


@pytest.mark.parametrize(("name", "most"), [("prefix", 2_000), ("pattern", 5_000)])
def test_a_long_text_is_refused(name: str, most: int) -> None:
    with pytest.raises(OptionError) as caught:
        load("company").generate(1, **{name: "a" * 10**6})
    assert str(caught.value).endswith(
        f"\u2026 must have at most {most:,} characters, not 1,000,000"
    )
    assert len(str(caught.value)) < 300


def test_the_longest_prefix_takes_seconds() -> None:
    started = time.process_time()
    assert load("company").generate(1, prefix="A" + "bc " * 666)[0].startswith("Abc bc")
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prefix": "a" * 10**6}, "prefix='aaa.*must have at most 2,000 characters"),
        ({"pattern": "[[:alpha:" * 10**5}, "pattern=.* must have at most 5,000 characters"),
    ],
)
def test_a_card_with_long_options_is_refused(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = save(tmp_path, card(options=options))
    with pytest.raises(ModelFileError, match=message) as caught:
        TextModel(path)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "x+"}, r"pattern='x\+' cannot be met: no text of letters matches"),
        ({"pattern": ".{4900}"}, "has an automaton of more than 4,000 states"),
        ({"pattern": r"(a)\1"}, "has a reference to a group"),
        ({"min_length": 5_000}, "min_length=5000"),
        ({"label": "x" * 10**5}, "is not supported by letters"),
    ],
)
def test_an_error_about_a_cards_own_options_names_the_file(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    model = TextModel(save(tmp_path, card(options=options)))
    with pytest.raises(ModelFileError, match=message) as caught:
        model.generate(1)
    assert str(caught.value).startswith(f"{model.path}: its card's options: ")
    assert len(str(caught.value)) < 600


def test_an_own_mistake_is_an_option_error_still(tmp_path: Path) -> None:
    model = TextModel(save(tmp_path, card(options={"pattern": "a+"})))
    with pytest.raises(OptionError, match=r"pattern='a\+' does not go with alphabet='b'"):
        model.generate(1, alphabet="b")
    with pytest.raises(OptionError, match=r"pattern='x\+' cannot be met"):
        model.generate(1, pattern="x+")


def test_long_tokens_and_many_states_are_refused_soon(tmp_path: Path) -> None:
    tokens = ("", *(letter * 256 for letter in "abc"))
    model = TextModel(save(tmp_path, card(tokens=tokens)))
    started = time.process_time()
    with pytest.raises(OptionError, match="needs too large an automaton"):
        model.generate(1, pattern=".{3900}", max_length=10**6)
    assert time.process_time() - started < 10
