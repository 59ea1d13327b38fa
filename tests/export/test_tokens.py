from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from faker_neural._encoding import Encoder
from faker_neural_export.vocabulary.tokens import learn_tokens

LINES = ["red fox", "red otter", "blue fox", "blue otters!", "the red fox"]


@pytest.mark.parametrize("kind", ["char", "word", "piece"])
def test_encoded_lines_join_to_the_lines(kind: str) -> None:
    tokens = learn_tokens(kind, LINES, [], 60)
    encoder = Encoder(tokens)
    assert ["".join(tokens[i] for i in encoder(line)) for line in LINES] == LINES


def test_characters_are_tokens_in_their_order() -> None:
    assert learn_tokens("char", ["ba"], ["é"], 9) == ("", "a", "b", "é")


def test_words_keep_their_space_and_come_by_frequency() -> None:
    tokens = learn_tokens("word", LINES, [], 1000)
    assert [token for token in tokens if len(token) > 1] == [" fox", "blue", "red"]


@pytest.mark.parametrize("kind", ["word", "piece"])
def test_held_out_lines_teach_nothing_but_their_characters(kind: str) -> None:
    tokens = learn_tokens(kind, LINES, ["zebra zebra zebra"] * 9, 60)
    assert set("za") <= set(tokens)
    assert not any("ze" in token for token in tokens)


def test_pieces_shorten_the_lines() -> None:
    lengths = {}
    for kind in ("char", "piece"):
        encoder = Encoder(learn_tokens(kind, LINES, [], 60))
        lengths[kind] = sum(len(encoder(line)) for line in LINES)
    assert lengths["piece"] < lengths["char"] / 2


@pytest.mark.parametrize("kind", ["word", "piece"])
def test_the_vocabulary_has_its_size(kind: str) -> None:
    characters = len(set("".join(LINES)))
    assert len(learn_tokens(kind, LINES, [], characters + 3)) == characters + 3
    assert len(learn_tokens(kind, LINES, [], 2)) == characters + 1


@pytest.mark.parametrize("kind", ["char", "word", "piece"])
def test_tokens_do_not_depend_on_the_hash_seed(kind: str) -> None:
    code = f"from tests.export.test_tokens import *; print(learn_tokens({kind!r}, LINES, [], 60))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_the_longest_token_that_fits_comes_first() -> None:
    assert Encoder(["", "a", "ab", "abc", "c"])("ababcc") == [2, 3, 4]


def test_a_character_without_a_token_is_named() -> None:
    with pytest.raises(ValueError, match="no token fits the character 'x'"):
        Encoder(["", "a"])("ax")
