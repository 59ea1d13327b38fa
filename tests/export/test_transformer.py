"""Transformers that predict the next token, as Keras' tutorials build them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from faker_neural import ConversionError
from faker_neural_export import convert, read_keras

L, ops = keras.layers, keras.ops
TOKENS = ["\n", " ", "a", "b", "c", "d", "e"]
N, WINDOW, SIZE = len(TOKENS), 10, 8


class TokenAndPositionEmbedding(L.Layer):  # type: ignore[misc]  # Keras has no types
    """The vectors of tokens and of their positions, as the miniature GPT of Keras adds them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.token_emb, self.pos_emb = L.Embedding(N, SIZE), L.Embedding(WINDOW, SIZE)

    def call(self, x: Any) -> Any:
        positions = self.pos_emb(ops.arange(0, ops.shape(x)[-1]))
        return self.token_emb(x) + positions


class TransformerBlock(L.Layer):  # type: ignore[misc]  # Keras has no types
    """A block of the miniature GPT."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.att = L.MultiHeadAttention(2, SIZE)
        self.ffn = keras.Sequential([L.Dense(16, activation="relu"), L.Dense(SIZE)])
        self.layernorm1, self.layernorm2 = (L.LayerNormalization(epsilon=1e-6) for _ in "12")

    def call(self, inputs: Any) -> Any:
        length = ops.shape(inputs)[1]
        earlier = ops.arange(length)[:, None] >= ops.arange(length)
        seen = self.att(inputs, inputs, attention_mask=earlier[None])
        out = self.layernorm1(inputs + seen)
        return self.layernorm2(out + self.ffn(out))


def randomised(model: keras.Model) -> keras.Model:
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0, 0.4, w.shape) for w in model.get_weights()])
    return model


def miniature_gpt(length: int | None = WINDOW) -> keras.Model:
    """The tutorial's model: it returns its logits and what enters the last layer."""
    inputs = keras.Input((length,), dtype="int32")
    x = TransformerBlock()(TokenAndPositionEmbedding()(inputs))
    return randomised(keras.Model(inputs=inputs, outputs=[L.Dense(N)(x), x]))


def of_layers(activation: str, normalised: type[keras.Layer]) -> keras.Model:
    """A transformer of Keras' own layers, with positions as a constant table."""
    inputs = keras.Input((WINDOW,), dtype="int32")
    x = L.Embedding(N, SIZE)(inputs)
    for _ in range(2):
        seen = L.MultiHeadAttention(2, 4, dropout=0.1)(x, x, use_causal_mask=True)
        x = normalised()(L.Add()([x, seen]))
        x = normalised()(L.Add()([x, L.Dense(SIZE)(L.Dense(16, activation)(x))]))
    return randomised(keras.Model(inputs, L.Dense(N)(x)))


@pytest.mark.parametrize(
    ("activation", "normalised"),
    [("relu", L.LayerNormalization), ("gelu", L.RMSNormalization), ("silu", L.UnitNormalization)],
)
@pytest.mark.parametrize("end", [".keras", ".h5"])
def test_a_transformer_of_keras_layers_is_read_from_a_file_as_a_window(
    activation: str, normalised: type[keras.Layer], end: str, tmp_path: Path
) -> None:
    of_layers(activation, normalised).save(tmp_path / f"a{end}")
    model = convert(tmp_path / f"a{end}", TOKENS, tmp_path / "a.onnx")
    assert (model.card.contract, model.card.window) == ("window", WINDOW)
    assert model.card.check["largest_difference"] < 1e-5
    assert model.card.exact, model.card.arithmetic
    assert len(model.generate(3)) == 3


def test_the_miniature_gpt_of_keras_is_converted_from_python(tmp_path: Path) -> None:
    model = convert(miniature_gpt(), TOKENS, tmp_path / "a.onnx")
    assert (model.card.contract, model.card.window) == ("window", WINDOW)
    assert model.card.check["largest_difference"] < 1e-5
    assert model.card.exact, model.card.arithmetic


@pytest.mark.filterwarnings("ignore:.build:UserWarning")  # the tutorial's layers have no build()
def test_a_file_with_layers_of_its_own_names_the_first_and_the_way_through_python(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gpt.keras"
    miniature_gpt().save(path)
    said = (
        r"gpt.keras: layer 'token_and_position_embedding.*' \(TokenAndPositionEmbedding\) is not "
        r"supported and was not run; load the model in Python .*convert\(model, tokens, "
    )
    with pytest.raises(ConversionError, match=said):
        read_keras(path)
    own = {each.__name__: each for each in (TokenAndPositionEmbedding, TransformerBlock)}
    found = convert(keras.models.load_model(path, own), TOKENS, tmp_path / "a.onnx")
    assert found.card.contract == "window"


def test_positions_as_a_table_are_a_constant_that_a_file_cannot_be_trusted_with(
    tmp_path: Path,
) -> None:
    inputs = keras.Input((WINDOW,), dtype="int32")
    x = L.Embedding(N, SIZE)(inputs) + L.Embedding(WINDOW, SIZE)(ops.arange(WINDOW))
    model = keras.Model(inputs, L.Dense(N)(L.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)))
    model.save(tmp_path / "a.keras")
    said = r"a.keras: layer 'add.*' is called with a constant; load the model in Python"
    with pytest.raises(ConversionError, match=said):
        read_keras(tmp_path / "a.keras")
    made = convert(model, TOKENS, tmp_path / "a.onnx")
    assert made.card.check["largest_difference"] < 1e-5
    assert made.card.exact, made.card.arithmetic


def test_the_output_of_tokens_is_chosen_by_its_size_also_from_a_dictionary(tmp_path: Path) -> None:
    inputs = keras.Input((None, N))
    x = L.LSTM(6, return_sequences=True)(inputs)
    named = keras.Model(inputs, {"features": x, "logits": L.Dense(N)(x)})
    assert convert(named, TOKENS, tmp_path / "a.onnx").card.contract == "step"
    twice = keras.Model(inputs, [L.Dense(N)(x), L.Dense(N)(x)])
    said = r"has several inputs or outputs; choose one of each: keras.Model\(model.inputs\[0\], mod"
    with pytest.raises(ConversionError, match=said):
        convert(twice, TOKENS, tmp_path / "a.onnx")


def test_a_model_of_its_own_class_is_told_how_to_be_built(tmp_path: Path) -> None:
    class Own(keras.Model):  # type: ignore[misc]  # Keras has no types
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(ConversionError, match=r"no Sequential or Functional model; build one of"):
        convert(Own(), TOKENS, tmp_path / "a.onnx")
