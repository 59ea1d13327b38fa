"""Models that have one id more or less than their tokens are listed."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from faker_neural import ConversionError, TextModel
from faker_neural_export import convert
from faker_neural_export.vocabulary.imported.listed import parse_tokens
from faker_neural_export.vocabulary.imported.sizes import ModelSizes, fit_tokens, sizes_of

L = keras.layers
LETTERS = [" ", "a", "b", "c"]
FROM_0 = {token: i for i, token in enumerate(LETTERS)}
FROM_1 = {token: i for i, token in enumerate(LETTERS, start=1)}


def model(inputs: int, outputs: int, least: int | None = None) -> keras.Model:
    """Return a model of random weights; the id `least` has the lowest bias."""
    made = keras.Sequential(
        [
            keras.Input((6,)),
            L.Embedding(inputs, 4),
            L.LSTM(5),
            L.Dense(outputs, activation="softmax"),
        ]
    )
    random = np.random.default_rng(3)
    made.set_weights([random.normal(0, 0.5, weight.shape) for weight in made.get_weights()])
    bias = np.zeros(outputs)
    if least is not None:
        bias[least] = -1
    made.layers[-1].bias.assign(bias)
    return made


def converted(tmp_path: Path, network: keras.Model, tokens: object) -> TextModel:
    return convert(network, tokens, tmp_path / "a.onnx")  # type: ignore[arg-type]


def test_ids_from_1_leave_id_0_for_padding(tmp_path: Path) -> None:
    card = converted(tmp_path, model(5, 5), FROM_1).card
    assert (card.tokens, card.padding, card.check.get("notes")) == (("", *LETTERS), 0, None)


def test_a_model_without_padding_counts_from_0_though_its_tokens_count_from_1(
    tmp_path: Path,
) -> None:
    card = converted(tmp_path, model(4, 4), FROM_1).card
    assert (card.tokens, card.padding) == (tuple(LETTERS), None)
    assert card.check["notes"] == "the model has no padding: its id 0 is ' '"


@pytest.mark.parametrize(
    ("tokens", "least", "found", "never"),
    [
        (FROM_0, None, (*LETTERS, ""), 4),
        (["", *LETTERS[1:]], None, ("", *LETTERS[1:], "<4>"), 4),
        (LETTERS, 0, ("", *LETTERS), 0),
        (LETTERS, 4, (*LETTERS, ""), 4),
    ],
)
def test_an_id_without_a_token_is_the_first_or_the_last_and_never_drawn(
    tmp_path: Path, tokens: object, least: int | None, found: tuple[str, ...], never: int
) -> None:
    made = converted(tmp_path, model(5, 5, least), tokens)
    assert made.card.tokens == found
    assert never in made.card.never_drawn
    assert "never drawn" in str(made.card.check["notes"])
    assert not any("<" in text for text in made.generate(50, temperature=9.0))


def test_an_embedding_may_have_more_ids_than_are_predicted(tmp_path: Path) -> None:
    small, large = model(4, 4), model(9, 4)
    weights = small.get_weights()
    rows = np.concatenate([weights[0], np.full((5, 4), 99.0, np.float32)])
    large.set_weights([rows, *weights[1:]])
    texts = [converted(tmp_path, network, LETTERS).generate(30) for network in (small, large)]
    assert texts[0] == texts[1]


def test_a_tokenizers_num_words_cuts_its_words(tmp_path: Path) -> None:
    found = {"word_index": FROM_1, "num_words": 3, "char_level": True}
    assert converted(tmp_path, model(5, 3), found).card.tokens == ("", " ", "a")
    assert converted(tmp_path, model(5, 5), found).card.tokens == ("", *LETTERS)


@pytest.mark.parametrize(
    ("tokens", "sizes", "message"),
    [
        (
            LETTERS,
            ModelSizes(5, 5),
            "m.keras: predicts 5 ids, and t.json lists 4 tokens: if id 0 is padding, begin the "
            'list with ""; if the last id is unused, end the list with ""',
        ),
        (
            LETTERS,
            ModelSizes(3, 3),
            "m.keras: predicts 3 ids, and t.json lists 4 tokens, with id 0: if the last one, 'c', "
            "is unused, leave it out; if the first one, ' ', is, write a list of the others",
        ),
        (
            FROM_0,
            ModelSizes(5, 5, 0),
            "m.keras: predicts 5 ids, and t.json lists 4 tokens: if id 0",
        ),
        (LETTERS, ModelSizes(9, 9), "m.keras: predicts 9 ids, and t.json lists 4 tokens"),
        (
            FROM_1,
            ModelSizes(3, 3),
            "m.keras: predicts 3 ids, and t.json lists 5 tokens: they are not of one model",
        ),
        (FROM_1, ModelSizes(4, 5), "m.keras: predicts 4 ids, and t.json lists 5 tokens, with id"),
        (LETTERS, ModelSizes(4, 3), "m.keras: its Embedding has 3 ids, and t.json lists 4 tokens"),
    ],
)
def test_what_is_not_plain_is_refused_with_both_ways_out(
    tokens: object, sizes: ModelSizes, message: str
) -> None:
    with pytest.raises(ConversionError) as refused:
        fit_tokens("m.keras", parse_tokens("t.json", tokens), sizes)
    assert str(refused.value).startswith(message)


def test_both_ways_out_are_accepted(tmp_path: Path) -> None:
    assert converted(tmp_path, model(5, 5), ["", *LETTERS]).card.padding == 0
    assert converted(tmp_path, model(5, 5), [*LETTERS, ""]).card.padding == 4
    assert converted(tmp_path, model(3, 3), LETTERS[1:]).card.tokens == ("a", "b", "c")
    assert converted(tmp_path, model(3, 3), LETTERS[:-1]).card.tokens == (" ", "a", "b")


def test_sizes_are_those_of_the_embedding_and_the_last_layer() -> None:
    assert sizes_of(model(7, 5, 0)) == ModelSizes(5, 7, 0)
    assert sizes_of(model(7, 5, 2)) == ModelSizes(5, 7, None)
    assert sizes_of(model(7, 5)) == ModelSizes(5, 7, None)
    scaled = keras.Sequential([keras.Input((6, 1)), L.LSTM(4), L.Dense(5, use_bias=False)])
    assert sizes_of(scaled) == ModelSizes(5, None, None)
    assert sizes_of(keras.Sequential([L.LSTM(4)])) is None
