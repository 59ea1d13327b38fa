"""The check of a converted graph: it accepts chaotic networks, and no planted fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from faker_neural import Card, ConversionError
from faker_neural_export import CardFacts, Generation, Samples, convert
from faker_neural_export.conversion.checking.check import check
from faker_neural_export.conversion.contracts import Network, choose
from faker_neural_export.conversion.convert import convert_detector
from faker_neural_export.conversion.onnx_file import to_onnx
from faker_neural_export.conversion.window import ScoreNetwork
from faker_neural_export.exact.arithmetic import make_calibration_set
from faker_neural_export.exact.calibration import Feeds

L = keras.layers
TOKENS = ["\n", " ", *"abcdefgh"]
CHARACTERS = ["", "\ufffd", *"abcdefgh"]
N, LENGTH, UNITS = len(TOKENS), 8, 12
TEXTS = Samples(["abba", "hedge", "cab", "bead"] * 5, ["dada", "efga", "bag", "ha"] * 5, "lines")

Arrays = list[np.ndarray[Any, Any]]


def lstm(**options: Any) -> keras.Layer:
    return L.LSTM(UNITS, name="lstm", **options)


def stack(gain: float = 1.0) -> keras.Model:
    """A `step` model. A gain of 20 makes each last bit of a state decide the next states."""
    model = randomised(keras.Sequential([keras.Input((None, N)), lstm(), L.Dense(N)]))
    kernel, recurrent, *others = model.get_weights()
    model.set_weights([kernel * gain, recurrent * gain, *others])
    return model


def window() -> keras.Model:
    token = keras.Input((LENGTH,), dtype="int32")
    x = lstm(return_sequences=True)(L.Embedding(N, 6)(token))
    return randomised(keras.Model(token, L.Dense(N)(L.GlobalAveragePooling1D()(x))))


def generator() -> keras.Model:
    noise = keras.Input((5,))
    x = lstm(return_sequences=True)(L.Reshape((LENGTH, 4))(L.Dense(LENGTH * 4)(noise)))
    return randomised(keras.Model(noise, L.Softmax()(L.Conv1D(N, 1)(x))))


def classifier() -> keras.Model:
    token = keras.Input((LENGTH,), dtype="int32")
    x = lstm()(L.Embedding(len(CHARACTERS), 6)(token))
    return randomised(keras.Model(token, L.Dense(1, activation="sigmoid")(x)))


def randomised(model: keras.Model) -> keras.Model:
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0, 0.5, w.shape) for w in model.get_weights()])
    return model


MODELS: dict[str, Callable[[], keras.Model]] = {
    "step": stack,
    "a chaotic step": lambda: stack(gain=20),
    "window": window,
    "latent": generator,
    "score": classifier,
}


def a_gate_swapped(model: keras.Model) -> None:
    layer = model.get_layer("lstm")
    swapped = []
    for array in layer.get_weights():
        i, f, c, o = np.split(array, 4, axis=-1)
        swapped.append(np.concatenate([f, i, c, o], axis=-1))
    layer.set_weights(swapped)


def a_bias_left_out(model: keras.Model) -> None:
    layer = model.get_layer("lstm")
    *kernels, bias = layer.get_weights()
    layer.set_weights([*kernels, np.zeros_like(bias)])


def one_weight_in_a_hundred_changed_by_1_percent(model: keras.Model) -> None:
    random = np.random.default_rng(1)
    weights: Arrays = model.get_weights()
    model.set_weights([w * np.where(random.random(w.shape) < 0.01, 1.01, 1) for w in weights])


FAULTS = [a_gate_swapped, a_bias_left_out, one_weight_in_a_hundred_changed_by_1_percent]


class Converted:
    """A model that was converted, with the texts, the windows or the noise of its check."""

    def __init__(self, path: Path, model: keras.Model, contract: str) -> None:
        if contract == "score":
            made: Any = convert_detector(model, CHARACTERS, path, TEXTS, CardFacts())
        else:
            made = convert(model, TOKENS, path, generation=Generation(max_tokens=60))
        self.card: Card = made.card
        self.network = self.network_of(model)
        samples = TEXTS if contract == "score" else None
        self.feeds: Feeds = make_calibration_set(path, path, self.card, samples).measuring

    def network_of(self, model: keras.Model) -> Network:
        if self.card.contract == "score":
            return ScoreNetwork("the model", model, len(CHARACTERS))
        return choose("the model", model, N, self.card.contract, 0).network

    def check(self, other: keras.Model) -> None:
        """Check the graph of another model against this one."""
        check(self.network, to_onnx(self.network_of(other)), self.card, self.feeds)


@pytest.fixture(scope="module", params=MODELS)
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("check") / "model.onnx"
    made = Converted(path, MODELS[request.param](), request.param)
    assert made.card.contract == request.param.split()[-1]
    return request.param, made


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(
    converted: tuple[str, Converted], fault: Callable[[keras.Model], None]
) -> None:
    name, made = converted
    faulty = MODELS[name]()
    made.check(faulty)
    fault(faulty)
    with pytest.raises(ConversionError, match="the model: the ONNX graph differs from Keras at"):
        made.check(faulty)


def test_a_network_that_amplifies_rounding_converts_and_says_how_far(tmp_path: Path) -> None:
    found = Converted(tmp_path / "a.onnx", stack(gain=20), "step").card.check
    assert float(found["largest_difference"]) > 1e-4
    assert float(found["difference"]) < 4 * float(found["rounding"])


def test_a_network_whose_every_prediction_is_chance_is_refused(tmp_path: Path) -> None:
    model = randomised(keras.Sequential([keras.Input((80, N)), L.SimpleRNN(64), L.Dense(N)]))
    model.set_weights([2 * weights for weights in model.get_weights()])
    with pytest.raises(ConversionError, match=r"cannot be checked: .* \d\d% of the draws change"):
        convert(model, TOKENS, tmp_path / "a.onnx", generation=Generation(contract="window"))
    assert list(tmp_path.iterdir()) == []


def test_the_check_leaves_the_weights_as_they_were(tmp_path: Path) -> None:
    model = window()
    before: Sequence[np.ndarray[Any, Any]] = model.get_weights()
    convert(model, TOKENS, tmp_path / "a.onnx")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("contract", ["step", "window"])
def test_numbers_that_are_not_finite_are_said_of_the_model_and_not_of_a_draft(
    contract: str, tmp_path: Path
) -> None:
    model = keras.Sequential([keras.Input((LENGTH, N)), lstm(), L.Dense(N)], name="broken")
    *weights, bias = randomised(model).get_weights()
    model.set_weights([*weights, bias * np.nan])
    with pytest.raises(ConversionError, match=r"^the model 'broken': .* not a finite number$"):
        convert(model, TOKENS, tmp_path / "a.onnx", generation=Generation(contract=contract))
    assert list(tmp_path.iterdir()) == []
