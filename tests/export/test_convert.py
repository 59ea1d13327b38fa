from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from faker_neural import ColumnError, ConversionError, OptionError
from faker_neural_export import Calibration, CardFacts, Generation, convert
from faker_neural_export.conversion import publish as publish_module

L = keras.layers
TOKENS = ["\n", " ", "a", "b", "c", "d", "e"]
N = len(TOKENS)


def scaled(*layers: keras.Layer, length: int | None = 12) -> keras.Model:
    return keras.Sequential([keras.Input((length, 1)), *layers, L.Dense(N, activation="softmax")])


def one_hot(*layers: keras.Layer, length: int | None = None) -> keras.Model:
    return keras.Sequential([keras.Input((length, N)), *layers])


def embedded(*layers: keras.Layer, **options: object) -> keras.Model:
    return keras.Sequential([keras.Input((None,)), L.Embedding(N, 5, **options), *layers])


def functional() -> keras.Model:
    token = keras.Input((None,), dtype="int32")
    x = L.LSTM(6, return_sequences=True)(L.Embedding(N, 4)(token))
    return keras.Model(token, L.TimeDistributed(L.Dense(N, activation="softmax"))(x))


def wrapped() -> keras.Model:
    model = embedded(L.GRU(6), L.Dense(N))
    return keras.Model(model.inputs, model.outputs)


def returning_state() -> keras.Model:
    token = keras.Input((None,), dtype="int32")
    x, _ = L.GRU(6, return_sequences=True, return_state=True)(L.Embedding(N, 4)(token))
    return keras.Model(token, L.Dense(N)(x))


def randomised(model: keras.Model) -> keras.Model:
    """Return every weight a value that matters: Keras starts biases and moving means at 0."""
    random = np.random.default_rng(0)
    model.set_weights(
        [
            abs(random.normal(0.3, 0.4, w.shape))
            if w.ndim == 1
            else random.normal(0, 0.25, w.shape)
            for w in model.get_weights()
        ]
    )
    return model


STACKS = {
    "embedding, LSTM": lambda: embedded(L.LSTM(6, return_sequences=True), L.Dense(N)),
    "functional, TimeDistributed": functional,
    "a Sequential wrapped as Functional": wrapped,
    "one-hot window, LSTM": lambda: one_hot(
        L.LSTM(8), L.Dense(N), L.Activation("softmax"), length=12
    ),
    "one-hot, two LSTM, TimeDistributed": lambda: one_hot(
        L.LSTM(6, return_sequences=True),
        L.LSTM(5, return_sequences=True),
        L.TimeDistributed(L.Dense(N, activation="softmax")),
    ),
    "scaled integers, three LSTM": lambda: scaled(
        L.LSTM(6, return_sequences=True),
        L.Dropout(0.2),
        L.LSTM(6, return_sequences=True),
        L.LSTM(5),
    ),
    "GRU as Keras 2 had it": lambda: embedded(
        L.GRU(6, reset_after=False, recurrent_activation="hard_sigmoid"), L.Dense(N)
    ),
    "SimpleRNN, relu": lambda: embedded(L.SimpleRNN(6, activation="relu"), L.Dense(N)),
    "normalised": lambda: embedded(
        L.LSTM(6, return_sequences=True),
        L.LayerNormalization(),
        L.BatchNormalization(),
        L.LSTM(5),
        L.BatchNormalization(),
        L.LayerNormalization(),
        L.Dense(4, activation="elu"),
        L.Dense(N, use_bias=False),
    ),
    "Dense between": lambda: embedded(
        L.TimeDistributed(L.Dense(4, activation="tanh")), L.LSTM(6, unroll=True), L.Dense(N),
    ),
    "stateful with a batch of its own": lambda: keras.Sequential([
        keras.Input(batch_shape=(1, 12)), L.Embedding(N, 4),
        L.GRU(6, return_sequences=True, stateful=True), L.Dense(N),
    ]),
    "a GRU that gives its state too": returning_state,
    "an RNN over a cell": lambda: embedded(
        L.RNN(L.GRUCell(6), return_sequences=True), L.RNN(L.LSTMCell(5), stateful=False), L.Dense(N)
    ),
    "an RNN over several cells": lambda: embedded(
        L.RNN([L.LSTMCell(6), L.GRUCell(5), L.SimpleRNNCell(4)], return_sequences=True), L.Dense(N)
    ),
    "normalised in other ways": lambda: embedded(
        L.LSTM(6, return_sequences=True),
        L.RMSNormalization(),
        L.LSTM(6),
        L.UnitNormalization(),
        L.Identity(),
        L.Dense(N),
    ),
    "slopes that were learned": lambda: embedded(
        L.LSTM(6, return_sequences=True), L.PReLU(shared_axes=[1]), L.LSTM(5), L.PReLU(), L.Dense(N)
    ),
    "activations of exponentials": lambda: embedded(
        L.LSTM(6), L.Dense(5, "gelu"), L.Dense(5, "selu"), L.Dense(5, "celu"), L.Dense(5, "mish"),
        L.Dense(N),
    ),
    "one-hot, with a mask for the padding": lambda: one_hot(L.Masking(), L.LSTM(6), L.Dense(N)),
    "recurrent dropout": lambda: embedded(
        L.LSTM(6, dropout=0.3, recurrent_dropout=0.3), L.Dense(N)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_converts_within_the_tolerance(name: str, tmp_path: Path) -> None:
    source = tmp_path / "model.keras"
    randomised(STACKS[name]()).save(source)
    made = convert(source, TOKENS, tmp_path / "model.onnx")
    assert made.card.check["largest_difference"] < 1e-5
    assert made.card.check["predictions"] > 500
    assert made.card.check["greedy_tokens"] > 400
    assert made.card.exact, made.card.arithmetic
    assert made.card.arithmetic["cost"] < 0.001
    assert (made.card.start, made.card.end) == (0, 0)


def test_what_has_no_exact_form_stays_float_and_says_why(tmp_path: Path) -> None:
    model = embedded(L.LSTM(6), L.Dense(4, activation="sparsemax"), L.Dense(N))
    card = convert(randomised(model), TOKENS, tmp_path / "model.onnx").card
    assert not card.exact
    assert card.arithmetic["float_because"] == "there is no exact form here for TopK"
    assert (dict(card.bounds), card.digest) == ({}, "")


def test_a_product_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    model = embedded(L.SimpleRNN(4), L.Dense(9000), L.Dense(N))
    model.set_weights([np.ones_like(weights) for weights in model.get_weights()])
    said = r"product \w+_\d+ reaches [\d,]+ grid units; 16,777,216 is the bound"
    with pytest.raises(ConversionError, match=said):
        convert(model, TOKENS, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_real_lines_calibrate_and_measure(tmp_path: Path) -> None:
    lines = tmp_path / "lines.csv"
    lines.write_text("id,text\n" + "".join(f"{i},{'abcd'[i % 4]}ad\n" for i in range(60)))
    model = randomised(STACKS["embedding, LSTM"]())
    made = convert(
        model, TOKENS, tmp_path / "model.onnx", calibration=Calibration(lines=lines, column="text")
    )
    assert "held-out lines" in str(made.card.arithmetic["measured_on"])


def test_lines_of_other_characters_are_refused(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("XYZ\nZYX\n")
    model = randomised(STACKS["embedding, LSTM"]())
    with pytest.raises(
        ColumnError, match=r"lines\.txt: none of its 2 lines .* model's tokens: .* none for '[xyz]'"
    ):
        convert(model, TOKENS, tmp_path / "model.onnx", calibration=Calibration(lines=lines))


def test_padding_is_never_where_a_text_begins(tmp_path: Path) -> None:
    made = convert(
        randomised(embedded(L.GRU(6), L.Dense(N), mask_zero=True)),
        {token: i for i, token in enumerate("abcdef", start=1)},
        tmp_path / "model.onnx",
    )
    assert made.card.tokens == ("", *"abcdef")
    assert made.card.start == 1
    assert made.card.check["largest_difference"] < 1e-5


def test_equal_models_give_equal_files(tmp_path: Path) -> None:
    contents = set()
    for name in ("one", "two"):
        convert(
            randomised(functional()),
            TOKENS,
            tmp_path / f"{name}.onnx",
            facts=CardFacts(name="same"),
        )
        contents.add((tmp_path / f"{name}.onnx").read_bytes())
    assert len(contents) == 1


def test_the_given_model_is_left_as_it_was(tmp_path: Path) -> None:
    model = randomised(scaled(L.LSTM(6)))
    x = np.random.default_rng(0).random((2, 12, 1))
    before = np.asarray(model(x))
    convert(model, TOKENS, tmp_path / "a.onnx")
    assert np.array_equal(np.asarray(model(x)), before)


def test_tokens_come_from_a_mapping_either_way_round(tmp_path: Path) -> None:
    for mapping in ({token: i for i, token in enumerate(TOKENS)}, dict(enumerate(TOKENS))):
        made = convert(randomised(functional()), mapping, tmp_path / "a.onnx")
        assert made.card.tokens == tuple(TOKENS)


def test_tokens_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps({token: i for i, token in enumerate(TOKENS)}))
    made = convert(randomised(functional()), path, tmp_path / "a.onnx")
    assert made.card.tokens == tuple(TOKENS)


@pytest.mark.parametrize(
    ("tokens", "arguments", "start", "end"),
    [
        (TOKENS, {}, "\n", "\n"),
        (["x", " ", *"abcde"], {}, " ", None),
        (list("abcdefg"), {}, "a", None),
        (list("abcdefg"), {"start": "c", "end": "d"}, "c", "d"),
    ],
)
def test_a_text_begins_and_ends_where_the_tokens_say(
    tmp_path: Path, tokens: list[str], arguments: dict[str, str], start: str, end: str | None
) -> None:
    card = convert(
        randomised(functional()), tokens, tmp_path / "a.onnx", generation=Generation(**arguments)
    ).card
    assert tokens[card.start] == start
    assert (None if card.end is None else tokens[card.end]) == end


class OwnCell(L.LSTMCell):
    """A cell that might do anything."""


class PlainCell:
    """A cell that is no layer and has no name."""

    state_size = output_size = 4

    def call(self, x: Any, states: Any) -> Any:
        return x[:, :4] + states[0], [states[0]]

    __call__ = call


def test_what_is_no_stack_is_refused(tmp_path: Path) -> None:
    token = keras.Input((None,), dtype="int32")
    x = L.Embedding(N, 4)(token)
    branched = keras.Model(token, L.Dense(N)(L.Add()([L.LSTM(4)(x), L.GRU(4)(x)])))
    refused = {
        r"layer 'add.*' \(Add\) cannot be taken a token at a time$": branched,
        r"\(Bidirectional\) cannot be taken": embedded(L.Bidirectional(L.LSTM(4)), L.Dense(N)),
        r"\(Conv1D\) cannot be taken": embedded(
            L.Conv1D(4, 2), L.LSTM(4), L.Dense(N)
        ),
        r"layer 'lstm.*' reads a text from its end": embedded(
            L.LSTM(4, go_backwards=True), L.Dense(N)
        ),
        r"predicts 9 ids, and tokens lists 7 tokens": embedded(L.LSTM(4), L.Dense(9)),
        r"layer 'rescaling.*' \(Rescaling\) cannot be taken": embedded(
            L.Rescaling(2.0), L.LSTM(4), L.Dense(N)
        ),
        r"its last layer .* \(Dense, sigmoid\) must be Dense": embedded(
            L.LSTM(4), L.Dense(N, activation="sigmoid")
        ),
        r"its last layer 'lstm.*' \(LSTM, tanh\) must be Dense": embedded(L.LSTM(N)),
        r"its Embedding has 5 ids, and tokens lists 7 tokens": keras.Sequential(
            [keras.Input((None,)), L.Embedding(5, 4), L.LSTM(4), L.Dense(N)]
        ),
        r"its one-hot input has 3 tokens, and 7 are listed": keras.Sequential(
            [keras.Input((None, 3)), L.LSTM(4), L.Dense(N)]
        ),
        r"its input is \(None, 3\); it must be token ids": keras.Sequential(
            [keras.Input((3,)), L.Dense(4), L.Dense(N)]
        ),
        r"layer 'time_distributed.*|'layer_norm.*' \(LayerNormalization\) cannot be": embedded(
            L.TimeDistributed(L.LayerNormalization()), L.LSTM(4), L.Dense(N)
        ),
        r"layer 'layer_norm.*' normalises axis \[?1\]?, not -1": keras.Sequential(
            [keras.Input((5, N)), L.LayerNormalization(axis=1), L.LSTM(4), L.Dense(N)]
        ),
        r"layer 'lstm.*' computes in float64, not float32": embedded(
            L.LSTM(4, dtype="float64"), L.Dense(N)
        ),
        r"tf2onnx cannot convert it \(": embedded(
            L.LSTM(4), L.Activation(keras.ops.erfinv), L.Dense(N)
        ),
        r"layer 'rnn.*' computes in float64, not float32": embedded(
            L.RNN(L.GRUCell(4, dtype="float64")), L.Dense(N)
        ),
        r"layer 'rnn.*' \(PlainCell\) cannot be taken": embedded(L.RNN(PlainCell()), L.Dense(N)),
        r"layer 'own_cell.*' \(OwnCell\) cannot be taken": embedded(L.RNN(OwnCell(4)), L.Dense(N)),
        r"layer 'p_re_lu.*' has other slopes at each time step": keras.Sequential(
            [keras.Input((5, N)), L.PReLU(), L.LSTM(4), L.Dense(N)]
        ),
        r"layer 'lstm.*' hands on a state": keras.Model(
            token, L.Dense(N)(L.LSTM(4, return_state=True)(x)[2])
        ),
        r"is not built, or no Sequential": keras.Sequential([L.LSTM(4), L.Dense(N)]),
        r"has no layers between its input and its last one": keras.Sequential(
            [keras.Input((None, N)), L.Dropout(0.1)]
        ),
        r"has several inputs or outputs": keras.Model(token, [L.Dense(N)(x), L.Dense(N)(x)]),
    }  # fmt: skip
    for message, model in refused.items():
        with pytest.raises(ConversionError, match=message):
            convert(model, TOKENS, tmp_path / "a.onnx", generation=Generation(contract="step"))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="start='x' must be one of the model's tokens"):
        convert(functional(), TOKENS, tmp_path / "a.onnx", generation=Generation(start="x"))


@pytest.mark.parametrize("max_tokens", [0, 10_001, 5.5])
def test_a_length_out_of_range_is_refused(tmp_path: Path, max_tokens: int) -> None:
    with pytest.raises(OptionError, match=r"max_tokens=.* must be a whole number, 1 to 10000"):
        convert(
            functional(), TOKENS, tmp_path / "a.onnx", generation=Generation(max_tokens=max_tokens)
        )


def test_a_card_that_could_not_be_read_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="the card's field 'data' has 'licence': null"):
        convert(functional(), TOKENS, tmp_path / "a.onnx", facts=CardFacts(data={"licence": None}))
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_differs_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "a.onnx"
    output.write_bytes(b"old")
    real = publish_module.to_onnx

    def faulty(stack):
        model = real(stack)
        weight = model.graph.initializer[-1]
        values = np.frombuffer(weight.raw_data, np.float32) + np.float32(0.5) * np.arange(
            len(weight.raw_data) // 4, dtype=np.float32
        )
        weight.raw_data = values.tobytes()
        return model

    monkeypatch.setattr(publish_module, "to_onnx", faulty)
    with pytest.raises(ConversionError, match=r"^the model 'func.*': the ONNX graph differs"):
        convert(randomised(functional()), TOKENS, output)
    assert output.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [output]
