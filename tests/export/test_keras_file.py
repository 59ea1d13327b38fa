from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras_files import OWN, config_of, refuses

from faker_neural_export.keras_file.activations import hard_sigmoid
from faker_neural_export.keras_file.attention import AttentionWeightedAverage
from faker_neural_export.keras_file.load import read_keras
from faker_neural_export.keras_file.weights.extract import Extract
from faker_neural_export.keras_file.weights.hdf5 import _parse_json, read_hdf5

L = keras.layers
SHARED = Path(__file__).parents[3] / "shared" / "fixtures" / "legacy_keras"
BACKENDS = OWN.parent / "other_backends"
GIVEN = sorted({path for folder in (OWN, SHARED, BACKENDS) for path in folder.glob("*.npz")})
SIZE = 12


def randomised(model: keras.Model) -> keras.Model:
    """Return every weight a value that matters: Keras starts biases and moving means at 0."""
    random = np.random.default_rng(3)
    for weight in model.weights:
        value = random.normal(0, 0.4, weight.shape)
        weight.assign(abs(value) + 0.5 if "variance" in weight.name else value)
    return model


def one_hot(*layers: keras.Layer) -> keras.Model:
    return randomised(keras.Sequential([keras.Input((10, SIZE)), *layers]))


def branched() -> keras.Model:
    tokens, other = keras.Input((10,), name="tokens"), keras.Input((10, 5), name="other")
    x = L.Embedding(SIZE, 5)(tokens)
    shared = L.LSTM(6, return_sequences=True)
    inner_in = keras.Input((10, 6))
    inner = keras.Model(inner_in, L.BatchNormalization()(L.Dense(6)(inner_in)), name="inner")
    y = inner(shared(other))
    z, h, c = L.LSTM(4, return_state=True, return_sequences=True)(x)
    z = L.LSTM(4, return_sequences=True)(z, initial_state=[h, c])
    both = L.Concatenate()([inner(shared(x)), z])
    return keras.Model([tokens, other], [L.Dense(3)(both), L.GlobalMaxPooling1D()(y)])


def masked() -> keras.Model:
    x = tokens = keras.Input((10,))
    x = embedded = L.Embedding(SIZE, 5, mask_zero=True)(x)
    x = L.Bidirectional(L.GRU(4, return_sequences=True))(x)
    x = L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum")(x)
    x = AttentionWeightedAverage()(L.Concatenate()([embedded, x]))
    return keras.Model(tokens, L.Dense(4, activation="softmax")(x))


def cells() -> keras.Model:
    return one_hot(
        L.RNN(L.LSTMCell(5, recurrent_activation="hard_sigmoid"), return_sequences=True),
        L.RNN([L.GRUCell(4, reset_after=False), L.SimpleRNNCell(3)], return_sequences=True),
        L.Bidirectional(L.RNN([L.LSTMCell(4), L.LSTMCell(3)], return_sequences=True)),
        L.Bidirectional(L.RNN(L.GRUCell(4, use_bias=False))),
        L.Dense(3),
    )


def transformer() -> keras.Model:
    """A small transformer that reads from the left, as a tutorial builds it of layers."""
    tokens = keras.Input((10,), dtype="int32")
    x = L.Embedding(SIZE, 8)(tokens)
    for options in ({}, {"value_dim": 5, "use_bias": False}):
        seen = L.MultiHeadAttention(2, 4, **options)(x, x, use_causal_mask=True)
        x = L.LayerNormalization()(L.Add()([x, L.Dropout(0.1)(seen)]))
        x = L.Add()([x, L.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d")(x)])
    other = L.MultiHeadAttention(2, 3, output_shape=6)(query=x, value=L.Dense(7)(x), key=x)
    return keras.Model(tokens, L.Dense(4)(L.Attention()([other, other], use_causal_mask=True)))


MODELS: dict[str, Callable[[], keras.Model]] = {
    "layers as activations": lambda: one_hot(
        L.Dense(5, L.LeakyReLU(negative_slope=0.1)),
        L.LSTM(4, activation=L.ReLU(max_value=3.0), return_sequences=True),
        L.Bidirectional(L.LSTM(3, activation=L.ELU(0.5))),
        L.Activation(L.Softmax()),
    ),
    "cells": cells,
    "transformer": lambda: randomised(transformer()),
    "normalised": lambda: one_hot(
        L.GroupNormalization(4),
        L.RMSNormalization(),
        L.UnitNormalization(),
        *(L.Dense(4, name) for name in ("celu", "hard_tanh", "sparsemax", "squareplus", "gelu")),
        L.Dense(3, "log_sigmoid"),
    ),
    "recurrent": lambda: one_hot(
        L.LSTM(5, return_sequences=True, recurrent_activation="hard_sigmoid"),
        L.Dropout(0.3),
        L.GRU(4, reset_after=False, return_sequences=True, use_bias=False),
        L.GRU(4, return_sequences=True, go_backwards=True),
        L.SimpleRNN(4, activation="relu"),
        L.Dense(3, activation="softmax"),
    ),
    "convolutions": lambda: one_hot(
        L.Conv1D(6, 3, padding="causal", dilation_rate=2),
        L.LeakyReLU(negative_slope=0.2),
        L.SeparableConv1D(5, 2, padding="same"),
        L.PReLU(),
        L.MaxPooling1D(2),
        L.ZeroPadding1D(1),
        L.UpSampling1D(2),
        L.Cropping1D((1, 2)),
        L.AveragePooling1D(2, padding="same"),
        L.BatchNormalization(),
        L.LayerNormalization(),
        L.Flatten(),
        L.RepeatVector(2),
        L.Permute((2, 1)),
        L.Reshape((-1, 4)),
        L.GlobalAveragePooling1D(),
    ),
    "distributed": lambda: randomised(
        keras.Sequential(
            [
                keras.Input((5, 8, 6)),
                L.TimeDistributed(L.Conv1D(4, 3)),
                L.TimeDistributed(keras.Sequential([keras.Input((6, 4)), L.GRU(5)])),
                L.TimeDistributed(L.Dense(7, activation="tanh")),
                keras.Sequential([L.LSTM(4, return_sequences=True), L.Dense(3)]),
                L.Softmax(axis=1),
            ]
        )
    ),
    "branched": lambda: randomised(branched()),
    "masked": lambda: randomised(masked()),
}


def example(model: keras.Model) -> list[Any]:
    random = np.random.default_rng(4)
    return [
        random.integers(0, SIZE, (3, 10)).astype("float32")
        if len(x.shape) == 2
        else random.normal(size=(3, *x.shape[1:])).astype("float32")
        for x in model.inputs
    ]


def outputs(model: keras.Model, given: list[Any]) -> list[Any]:
    x = given if len(given) > 1 else given[0]
    return [np.asarray(y) for y in keras.tree.flatten(model(x, training=False))]


def assert_alike(found: keras.Model, given: list[Any], expected: list[Any]) -> None:
    for y, reference in zip(outputs(found, given), expected, strict=True):
        np.testing.assert_allclose(y, reference, rtol=0, atol=1e-5)


def file_of(npz: Path) -> Path:
    return next(path for end in (".h5", ".keras") if (path := npz.with_suffix(end)).exists())


@pytest.mark.parametrize("npz", GIVEN, ids=lambda path: path.stem)
def test_a_file_of_an_older_keras_or_another_backend_gives_the_numbers_it_gave_there(
    npz: Path,
) -> None:
    if "lam" in npz.stem:
        pytest.skip("holds a Lambda")
    data = np.load(npz)
    given = [data[name] for name in sorted(data.files) if name.startswith("x")]
    expected = [data[name] for name in sorted(data.files) if name.startswith("ref")]
    assert_alike(read_keras(file_of(npz)), given, expected)


@pytest.mark.parametrize("form", ["model.keras", "model.h5", "model.weights.h5"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_this_keras_gives_the_same_numbers(name: str, form: str, tmp_path: Path) -> None:
    model, path, config = MODELS[name](), tmp_path / form, None
    (model.save_weights if "weights" in form else model.save)(path)
    if "weights" in form:
        config = tmp_path / "model.json"
        config.write_text(model.to_json())
    given = example(model)
    assert_alike(read_keras(path, config), given, outputs(model, given))


def lambda_that_leaves_a_trace(trace: Path) -> keras.Layer:
    def leave(x: Any, where: str = str(trace)) -> Any:
        from pathlib import Path

        Path(where).touch()
        return x

    return L.Lambda(leave)


@pytest.mark.parametrize("end", [".keras", ".h5"])
def test_a_lambda_is_refused_and_not_run(end: str, tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / f"model{end}"
    model = keras.Sequential([keras.Input((3,)), lambda_that_leaves_a_trace(trace), L.Dense(2)])
    model.save(path)
    trace.unlink()
    refuses(path, rf"model\{end}: layer 'lambda.*' \(Lambda\) is not supported and was not run")
    assert not trace.exists()


def test_an_old_lambda_is_refused() -> None:
    refuses(OWN / "k215_lam.keras", r"k215_lam.keras: layer 'lambda.*' \(Lambda\) .* was not run")


def test_hard_sigmoid_keeps_the_meaning_it_had_in_keras_2(old: Path) -> None:
    x = np.array([-3.0, -2.6, -1.0, 0.0, 1.0, 2.6, 3.0], "float32")
    np.testing.assert_allclose(hard_sigmoid(x), np.clip(0.2 * x + 0.5, 0, 1), atol=1e-6)
    cells = [layer.cell for layer in read_keras(old).layers if isinstance(layer, L.LSTM)]
    assert [cell.recurrent_activation for cell in cells] == [hard_sigmoid, hard_sigmoid]


def test_hard_sigmoid_has_the_meaning_of_keras_3_in_its_files(tmp_path: Path) -> None:
    one_hot(L.Dense(3, activation="hard_sigmoid")).save(tmp_path / "new.keras")
    layer = read_keras(tmp_path / "new.keras").layers[-1]
    assert layer.activation is keras.activations.hard_sigmoid


def test_a_gru_that_does_not_say_so_resets_before(tmp_path: Path) -> None:
    model = read_keras(OWN / "k1_gru.h5")
    cells = [layer.cell for layer in model.layers if isinstance(layer, L.GRU)]
    assert [cell.reset_after for cell in cells] == [False] * 3


def test_what_was_read_can_be_saved_and_read_again(old: Path, tmp_path: Path) -> None:
    model = read_keras(old)
    model.save(tmp_path / "new.keras")
    given = example(model)
    assert_alike(read_keras(tmp_path / "new.keras"), given, outputs(model, given))


def test_a_configuration_is_taken_parsed_too(old: Path) -> None:
    model = read_keras(old, config_of(old) | {"keras_version": "2.2.5"})
    given = example(model)
    assert_alike(model, given, outputs(read_keras(old), given))


def test_weights_alone_ask_for_a_configuration(tmp_path: Path) -> None:
    one_hot(L.Dense(3)).save_weights(tmp_path / "a.weights.h5")
    refuses(
        tmp_path / "a.weights.h5", r"a.weights.h5: holds only weights; give .*model.to_json\(\)"
    )


def test_a_configuration_and_weights_of_different_models_are_refused(
    old: Path, tmp_path: Path
) -> None:
    config = config_of(old) | {"keras_version": "2.2.5"}
    layers = config["config"]["layers"]
    layers[1]["config"]["units"] = 9
    refuses(old, r"old.h5: layer 'lstm_3' \(LSTM\): .* kernel is \[8, 36\], and \[8, 64\]", config)
    del layers[1]
    refuses(old, "3 layers have weights by the configuration and 4 in the file .*lstm_3", config)
    layers.insert(1, {"class_name": "Dense", "config": layers[-1]["config"] | {"name": "x"}})
    refuses(old, "layer 'x' has 2 weights by its configuration and 3 in the file", config)


def test_a_weight_that_is_not_in_the_tree_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    one_hot(L.Dense(3), L.Dense(2)).save_weights(path)
    config = json.loads(one_hot(L.Dense(3), L.LSTM(2)).to_json())
    refuses(
        path, r"layer 'lstm.*' \(LSTM\): its kernel must be at 'layers/lstm/cell/vars/0'", config
    )


def test_a_weight_that_belongs_to_no_layer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    one_hot(L.Dense(3), L.Dense(2)).save_weights(path)
    refuses(
        path,
        "'layers/dense_1/vars/0', which belongs to no layer",
        json.loads(one_hot(L.Dense(3)).to_json()),
    )


def test_weights_whose_names_say_something_else_are_refused(old: Path) -> None:
    with h5py.File(old, "r+") as file:
        group = file["model_weights/dense_4"]
        names = group.attrs["weight_names"]
        group.attrs["weight_names"] = names[::-1]
    refuses(old, "layer 'dense_4': the file has .*bias:0, .*kernel:0 where kernel, bias must be")


def test_names_in_pieces_are_joined(old: Path) -> None:
    expected = read_keras(old).get_weights()
    with h5py.File(old, "r+") as file:
        group = file["model_weights"]
        names = group.attrs["layer_names"]
        del group.attrs["layer_names"]
        group.attrs["layer_names0"], group.attrs["layer_names1"] = names[:2], names[2:]
    for found, reference in zip(read_keras(old).get_weights(), expected, strict=True):
        assert np.array_equal(found, reference)


def theano(path: Path) -> np.ndarray:
    """Write what Keras 1 over Theano wrote for a convolution; give its kernel, turned round."""
    kernel = np.random.default_rng(0).normal(size=(3, 1, 4, 5)).astype("float32")
    layer = {
        "name": "c",
        "nb_filter": 5,
        "filter_length": 3,
        "activation": "linear",
        "bias": False,
        "batch_input_shape": [None, 10, 4],
        "border_mode": "valid",
        "subsample_length": 1,
    }
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "1.2.2"
        file.attrs["model_config"] = json.dumps(
            {
                "class_name": "Sequential",
                "config": [{"class_name": "Convolution1D", "config": layer}],
            }
        )
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"c"]
        group.create_dataset("c/c_W", data=kernel)
        group["c"].attrs["weight_names"] = [b"c_W"]
    return kernel[::-1, 0]


def test_a_convolution_of_theano_is_turned_round(tmp_path: Path) -> None:
    expected = theano(tmp_path / "a.h5")
    assert np.array_equal(read_keras(tmp_path / "a.h5").get_weights()[0], expected)


def test_what_two_ages_masked_differently_is_refused_where_the_file_does_not_say_which(
    tmp_path: Path,
) -> None:
    path = Path(shutil.copy(OWN / "k225_bidir_masked.h5", tmp_path / "a.h5"))
    config = config_of(path) | {"keras_version": "2.2.4-tf"}
    inner = config["config"]["layers"][1]["config"]["layer"]["config"]
    read_keras(path, config)  # implementation 1: TensorFlow 1
    inner["implementation"] = 2
    refuses(path, "TensorFlow 1 and 2.0 to 2.2 compute differently", config)


def test_masks_that_keras_3_merges_otherwise_are_refused(tmp_path: Path) -> None:
    tokens = keras.Input((10,))
    x, y = L.Embedding(SIZE, 5, mask_zero=True)(tokens), L.Embedding(SIZE, 5)(tokens)
    keras.Model(tokens, L.LSTM(3)(L.Add()([x, y]))).save(tmp_path / "a.keras")
    refuses(tmp_path / "a.keras", r"layer 'add.*' \(Add\): merges inputs with different masks")


def test_reading_an_hdf5_file_in_this_process_gives_the_same(old: Path) -> None:
    output = io.BytesIO()
    with h5py.File(old) as file:
        Extract(file, old.stat().st_size).write(output)
    found, expected = _parse_json(output.getvalue()), read_hdf5(old)
    paths = sorted(expected.below("model_weights"))
    assert sorted(found.below("model_weights")) == paths
    assert all(np.array_equal(found.array(path), expected.array(path)) for path in paths)
    assert found.texts("model_weights", "layer_names") == [
        "embedding_2", "lstm_3", "lstm_4", "dense_4",
    ]  # fmt: skip


def test_attention_that_looks_back_in_keras_2_reads_its_other_tensors(tmp_path: Path) -> None:
    model = randomised(transformer())
    model.save(tmp_path / "a.h5")
    config = old_calls(config_of(tmp_path / "a.h5"))
    given = example(model)
    found = read_keras(tmp_path / "a.h5", config)
    assert_alike(found, given, outputs(model, given))


def test_attention_over_padding_that_an_older_keras_did_not_skip_is_refused(
    tmp_path: Path,
) -> None:
    tokens = keras.Input((10,))
    x = L.Embedding(SIZE, 8, mask_zero=True)(tokens)
    keras.Model(tokens, L.MultiHeadAttention(2, 4)(x, x)).save(tmp_path / "a.h5")
    config = old_calls(config_of(tmp_path / "a.h5"))
    for layer in config["config"]["layers"]:
        for node in layer["inbound_nodes"]:
            for part in node:
                part[3:] = [{k: v for k, v in part[3].items() if not k.endswith("mask")}]
    config["config"]["layers"] = [
        layer for layer in config["config"]["layers"] if layer["class_name"] != "NotEqual"
    ]
    refuses(tmp_path / "a.h5", "reads masked steps", config | {"keras_version": "2.9.0"})
    read_keras(tmp_path / "a.h5", config | {"keras_version": "2.10.0"})


def old_calls(config: dict[str, Any]) -> dict[str, Any]:
    """Write the calls of a configuration as Keras 2 wrote them."""
    for layer in config["config"]["layers"]:
        layer["inbound_nodes"] = [old_call(node) for node in layer["inbound_nodes"]]
    return config | {"keras_version": "2.15.0"}


def old_call(node: dict[str, Any]) -> list[Any]:
    def place(tensor: Any) -> list[Any]:
        return list(tensor["config"]["keras_history"])

    def is_tensor(value: Any) -> bool:
        return isinstance(value, dict)

    listed = node["args"][0] if node["args"] and isinstance(node["args"][0], list) else node["args"]
    options = {k: place(v) if is_tensor(v) else v for k, v in node["kwargs"].items()}
    first, *rest = [place(tensor) for tensor in listed] or [options.pop("query")]
    if "use_causal_mask" in options and isinstance(node["args"][0], dict):
        return [[*first, {"value": rest[0], **options}]]
    return [[*first, options], *([*each, {}] for each in rest)]
