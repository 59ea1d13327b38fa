"""Models that are run whole: over a window, from noise, to a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import by_hand
import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from faker_neural import ColumnError, ConversionError, OptionError, TextModel
from faker_neural._decoding.contracts import latent
from faker_neural._decoding.contracts import window as windows
from faker_neural._keys import normal, split_mix
from faker_neural_export import Calibration, Generation, convert
from faker_neural_export.conversion.contracts import choose
from faker_neural_export.conversion.onnx_file import to_onnx, write
from faker_neural_export.exact.sampling_head import add_sampling_head
from faker_neural_export.keras_file.attention import AttentionWeightedAverage

L = keras.layers
TOKENS = ["", "\n", " ", *"abcdefgh"]
N, LENGTH = len(TOKENS), 8


def sequential(*layers: keras.Layer, shape: tuple[int, ...] = (LENGTH,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def embedded(*layers: keras.Layer, **options: object) -> keras.Model:
    return sequential(L.Embedding(N, 6, **options), *layers)


def dense() -> keras.Layer:
    return L.Dense(N, activation="softmax")


def attentive(**options: object) -> keras.Model:
    """The network of textgenrnn."""
    token = keras.Input((LENGTH,), dtype="int32")
    parts = [L.Embedding(N, 6)(token)]
    for _ in range(2):
        parts.append(L.LSTM(7, return_sequences=True, **options)(parts[-1]))
    return keras.Model(token, dense()(AttentionWeightedAverage()(L.Concatenate()(parts))))


def randomised(model: keras.Model) -> keras.Model:
    random = np.random.default_rng(0)
    weights = model.get_weights()
    model.set_weights(
        [
            abs(random.normal(0.3, 0.3, w.shape)) if w.ndim == 1 else random.normal(0, 0.4, w.shape)
            for w in weights
        ]
    )
    return model


def generator() -> keras.Model:
    """Noise to a text by residual convolutions."""
    noise = keras.Input((5,))
    x = L.Reshape((LENGTH, 12))(L.Dense(LENGTH * 12)(noise))
    y = L.Conv1D(12, 5, padding="same")(L.ReLU()(x))
    x = L.Add()([x, L.Rescaling(0.3)(y)])
    return keras.Model(noise, L.Softmax()(L.Conv1D(N, 1)(x)))


WINDOWS: dict[str, Callable[[], keras.Model]] = {
    "attention": attentive,
    "attention, a cell that ONNX has no operator for": lambda: attentive(
        recurrent_activation="relu6"
    ),
    "both directions, masked": lambda: embedded(
        L.Bidirectional(L.LSTM(6)), dense(), mask_zero=True
    ),
    "both directions of a GRU": lambda: embedded(
        L.Bidirectional(L.GRU(5, return_sequences=True)), L.GlobalMaxPooling1D(), dense()
    ),
    "convolutions": lambda: embedded(
        L.Conv1D(8, 3, padding="causal", activation="relu"), L.MaxPooling1D(2), L.Flatten(), dense()
    ),
    "one-hot, read from the end": lambda: sequential(
        L.LSTM(6, go_backwards=True), L.Dense(N), L.Softmax(), shape=(LENGTH, N)
    ),
    "scaled": lambda: sequential(L.Bidirectional(L.LSTM(6)), dense(), shape=(LENGTH, 1)),
    "a prediction after each token": lambda: embedded(
        L.Bidirectional(L.LSTM(5, return_sequences=True)), L.TimeDistributed(dense())
    ),
    "a model in a model": lambda: embedded(
        sequential(L.Bidirectional(L.SimpleRNN(6)), dense(), shape=(LENGTH, 6))
    ),
    "encoder and decoder": lambda: embedded(
        L.LSTM(6), L.RepeatVector(3), L.LSTM(6), L.Dense(N)
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=[*WINDOWS, "a generator"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    path = tmp_path_factory.mktemp("whole") / "model.onnx"
    if request.param == "a generator":
        return convert(randomised(generator()), TOKENS, path, generation=Generation(end=""))
    return convert(randomised(WINDOWS[request.param]()), TOKENS, path)


DECODERS: Mapping[str, Any] = {"window": windows.Decoder, "latent": latent.Decoder}


class Reference:
    """The onnx package's own evaluator in the place of a session."""

    def __init__(self, path: Path) -> None:
        self.evaluator = ReferenceEvaluator(onnx.load(path))

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any]) -> list[Any]:
        return list(self.evaluator.run(list(outputs), dict(feeds)))


def test_a_whole_model_becomes_exact_within_the_tolerance_of_keras(made: TextModel) -> None:
    card = made.card
    assert card.exact, card.arithmetic
    assert card.check["largest_difference"] < 1e-5
    assert card.arithmetic["cost"] < 0.005
    assert card.contract in DECODERS
    assert bool(card.check.get("window_because")) == (card.contract == "window")


def test_its_numbers_are_those_of_the_reference_evaluator(made: TextModel) -> None:
    decoder = DECODERS[made.card.contract](Reference(made.path), made.card)
    assert decoder.digest() == made.card.digest


@pytest.mark.parametrize("level", [0, 1, 2, 99])
def test_its_numbers_are_those_of_every_optimisation_level(made: TextModel, level: int) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel(level)
    session = onnxruntime.InferenceSession(made.path, options)
    assert DECODERS[made.card.contract](session, made.card).digest() == made.card.digest


def test_its_strings_do_not_depend_on_their_batch(made: TextModel) -> None:
    texts = made.generate(300, seed=5)
    assert [made.generate(1, seed=5, start=i)[0] for i in range(0, 300, 29)] == texts[::29]
    assert made.generate(300, seed=5, threads=2) == texts
    assert len(set(texts)) > 100


def test_padding_and_a_blank_start_are_never_drawn(made: TextModel) -> None:
    assert all(text and text == text.strip() for text in made.generate(300, temperature=3))


class Ladder:
    """Feeds a Keras model the last tokens by itself, with a sampler of its own."""

    def __init__(self, model: keras.Model, opening: list[int]) -> None:
        self.model, self.opening = model, opening

    def text(self, key: int, end: int, longest: int) -> str:
        ids: list[int] = []
        for step in range(longest):
            before = ([0] * LENGTH + self.opening + ids)[-LENGTH:]
            logits = np.log(np.asarray(self.model(np.array([before])))[0].astype(np.float64))
            logits[[0, *([1, 2] if not ids else [])]] = -np.inf
            drawn = split_mix(np.array([key], np.uint64), np.array([step], np.uint64))[0]
            draws = [half / 2**32 for half in (int(drawn) >> 32, int(drawn) % 2**32)]
            ids.append(by_hand.flat(logits.astype(np.float32), draws, 1.0, len(TOKENS)))
            if ids[-1] == end:
                ids.pop()
                break
        return "".join(TOKENS[i] for i in ids).rstrip()


def without_rounding(model: keras.Model, made: TextModel) -> TextModel:
    """The same file in float, whose choices are Keras' where two tokens are nearly as likely."""
    path = made.path.with_name("float.onnx")
    network = choose("model", model, N, made.card.contract, 0).network
    graph, card = to_onnx(network), replace(made.card, exact=False, golden=(), digest="")
    write(add_sampling_head(graph, card) if card.contract == "step" else graph, card, path)
    return TextModel(path)


def test_sampled_windows_are_those_of_a_keras_loop(tmp_path: Path) -> None:
    model = randomised(attentive())
    in_float = without_rounding(
        model, convert(model, TOKENS, tmp_path / "a.onnx", generation=Generation(max_tokens=30))
    )
    ladder = Ladder(model, [1])
    expected = [ladder.text(key, 1, 30) for key in range(12)]
    assert in_float.texts(range(12)) == expected
    assert len(set(expected)) > 8


def recurrent() -> keras.Model:
    return randomised(embedded(L.LSTM(8), dense()))


def test_a_model_of_windows_steps_from_its_openings_as_keras_reads_them(tmp_path: Path) -> None:
    model, openings = recurrent(), ["abc", "had beef", "g"]
    for contract in ("step", "window"):
        made = convert(
            model,
            TOKENS,
            tmp_path / "a.onnx",
            generation=Generation(contract=contract, openings=openings, end="", max_tokens=1),
        )
        first = set(without_rounding(model, made).generate(60, temperature=0))
        expected = set()
        for opening in openings:
            ids = [TOKENS.index(c) for c in opening]
            window = ([0] * LENGTH + ids)[-LENGTH:]
            fed = np.array([window if contract == "window" else ids])
            likely = np.array(model(fed))[0]
            likely[[0, 1, 2]] = 0
            expected.add(TOKENS[likely.argmax()])
        assert first == expected, contract
        made.verify()


def test_a_strings_opening_is_decided_by_its_key(tmp_path: Path) -> None:
    made = convert(
        recurrent(),
        TOKENS,
        tmp_path / "a.onnx",
        generation=Generation(openings=["abc", "hed", "feed"], end=""),
    )
    texts = made.generate(100, temperature=0)
    assert len(set(texts)) > 1
    assert [made.generate(1, start=i, temperature=0)[0] for i in range(100)] == texts


def test_an_opening_of_other_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConversionError, match="cannot begin with an opening: no token fits the character 'X'"
    ):
        convert(recurrent(), TOKENS, tmp_path / "a.onnx", generation=Generation(openings=["aX"]))


def test_texts_go_on_from_a_text_and_end_nowhere(tmp_path: Path) -> None:
    running = tmp_path / "running.txt"
    running.write_text("abc had beef\ngad face bad\n" * 300)
    ids = {token: i for i, token in enumerate(TOKENS) if token}
    for contract in ("step", "window"):
        made = convert(
            recurrent(),
            ids,
            tmp_path / "a.onnx",
            generation=Generation(contract=contract, max_tokens=50),
            calibration=Calibration(text=running),
        )
        assert made.card.end is None
        assert made.card.padding == 0
        assert {len(opening) for opening in made.card.openings} == {LENGTH}
        assert all(len(text) > 45 for text in made.generate(20))
        assert "held-out passages" in made.card.arithmetic["measured_on"]


def test_a_text_of_other_characters_is_refused(tmp_path: Path) -> None:
    running = tmp_path / "running.txt"
    running.write_text("XYZ " * 100)
    message = "no text of this model: 300 of its 399 characters have no token \\('x', 'y', 'z'"
    with pytest.raises(ColumnError, match=message):
        convert(recurrent(), TOKENS, tmp_path / "a.onnx", calibration=Calibration(text=running))
    with pytest.raises(OptionError, match="takes the place of lines and openings"):
        convert(
            recurrent(),
            TOKENS,
            tmp_path / "a.onnx",
            calibration=Calibration(text=running),
            generation=Generation(openings=["abc"]),
        )


def test_running_text_has_the_length_that_was_asked_for(tmp_path: Path) -> None:
    made = convert(recurrent(), TOKENS, tmp_path / "a.onnx")
    short, long = (made.generate(20, seed=2, length=length) for length in (40, 400))
    assert {len(text) for text in long} == {400}
    assert [text[:40] for text in long] == short
    assert any("\n" in text for text in short)
    assert made.generate(1, seed=2, length=400) == long[:1]


def test_temperature_0_takes_the_likeliest_token(tmp_path: Path) -> None:
    made = convert(recurrent(), TOKENS, tmp_path / "a.onnx")
    assert len(set(made.generate(50, temperature=0))) == 1
    assert made.generate(1, temperature=0) == made.generate(1, temperature=1e-9)


def test_a_generators_text_ends_at_its_first_end(tmp_path: Path) -> None:
    model = randomised(generator())
    made = convert(model, TOKENS, tmp_path / "a.onnx", generation=Generation(end=""))
    keys = np.arange(50, dtype=np.uint64)
    likely = np.array(model(normal(keys, 5)))
    likely[:, 0, :3] = 0
    expected = []
    for ids in likely.argmax(axis=-1).tolist():
        text = "".join(TOKENS[i] for i in (ids[: ids.index(0)] if 0 in ids else ids))
        expected.append(text.strip())
    found = made.texts(range(50), temperature=0)
    assert sum(a == b for a, b in zip(found, expected, strict=True)) > 45  # 7-bit inputs
    assert len(set(found)) > 30


def test_a_generator_has_no_running_text(tmp_path: Path) -> None:
    made = convert(
        randomised(generator()), TOKENS, tmp_path / "a.onnx", generation=Generation(end="")
    )
    with pytest.raises(
        OptionError, match="length=9 is not supported by a, which draws a whole text"
    ):
        made.generate(1, length=9)


def test_what_is_no_model_of_a_window_is_refused(tmp_path: Path) -> None:
    token = keras.Input((None,), dtype="int32")
    any_length = keras.Model(token, dense()(L.Bidirectional(L.LSTM(4))(L.Embedding(N, 4)(token))))
    refused = {
        r"layer 'bidir.*' \(Bidirectional\) cannot be taken a token at a time, and as a window it "
        r"reads texts of any length; say how much: --window 40": (any_length, {"contract": None}),
        r"reads 8 tokens; window=9 does not fit": (recurrent(), {"window": 9}),
        r"maps \(None, 8\) to \(None, 11\); a generator maps": (
            recurrent(),
            {"contract": "latent"},
        ),
        r"has several inputs or outputs": (
            keras.Model(token, [dense()(L.LSTM(4)(L.Embedding(N, 4)(token)))] * 2),
            {},
        ),
        r"predicts 9 ids, and tokens lists 11 tokens": (
            embedded(L.Flatten(), L.Dense(9, activation="softmax")),
            {},
        ),
    }
    for message, (model, options) in refused.items():
        with pytest.raises(ConversionError, match=message):
            convert(
                model,
                TOKENS,
                tmp_path / "a.onnx",
                generation=Generation(**({"contract": "window"} | options)),
            )
        assert list(tmp_path.iterdir()) == []


def test_a_model_of_any_length_is_given_a_window(tmp_path: Path) -> None:
    token = keras.Input((None,), dtype="int32")
    model = keras.Model(token, dense()(L.Bidirectional(L.LSTM(4))(L.Embedding(N, 4)(token))))
    made = convert(randomised(model), TOKENS, tmp_path / "a.onnx", generation=Generation(window=5))
    assert made.card.window == 5
    assert made.card.exact


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"contract": "leap"}, "contract='leap' must be one of step, window, latent"),
        ({"window": -1}, "window=-1 must be a whole number, 0 to 10000"),
    ],
)
def test_a_bad_argument_is_named(arguments: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=message):
        convert(recurrent(), TOKENS, tmp_path / "a.onnx", generation=Generation(**arguments))
