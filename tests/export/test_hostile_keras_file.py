"""Keras files that are damaged, or written to do harm: each is one clear error, soon."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras_files import OWN, config_of, refuses, with_config

from faker_neural import ConversionError, MissingFileError
from faker_neural_export import load_checkpoint
from faker_neural_export.keras_file.load import read_keras

L = keras.layers
SIZE = 12


def elsewhere(file: h5py.File, name: str) -> None:
    file[name] = h5py.ExternalLink("/etc/hostname", "/kernel")


def by_soft_link(file: h5py.File, name: str) -> None:
    file[name] = h5py.SoftLink("/model_weights/lstm_3")


def external(file: h5py.File, name: str) -> None:
    file.create_dataset(name, (16, 20), "f4", external=[("/etc/hostname", 0, 1280)])


def virtual(file: h5py.File, name: str) -> None:
    layout = h5py.VirtualLayout((16, 20), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "kernel", (16, 20))
    file.create_virtual_dataset(name, layout)


def never_written(file: h5py.File, name: str) -> None:
    file.create_dataset(name, (10**6, 10**6), "f4", chunks=(1000, 1000))


def of_objects(file: h5py.File, name: str) -> None:
    file.create_dataset(name, data=["a"])


def not_finite(file: h5py.File, name: str) -> None:
    file.create_dataset(name, data=np.full((16, 20), np.nan, "float32"))


@pytest.mark.parametrize(
    ("put", "message"),
    [
        (elsewhere, "is a link, which is not followed"),
        (by_soft_link, "is a link, which is not followed"),
        (external, "lies in another file, which is not opened"),
        (virtual, "lies in another file, which is not opened"),
        (never_written, r"declares shape \(1000000, 1000000\), but the file holds less"),
        (of_objects, "is not an array of floats"),
        (not_finite, "holds numbers that are not finite"),
    ],
)
def test_an_array_that_is_not_one_is_refused(
    put: Callable[[h5py.File, str], None], message: str, old: Path
) -> None:
    name = "model_weights/dense_4/dense_4/kernel:0"
    with h5py.File(old, "r+") as file:
        del file[name]
        put(file, name)
    refuses(old, f"kernel:0' {message}")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (10**12, "units=1000000000000 must be a whole number"),
        (2 * 10**9, r"its kernel is \[8, 8000000000\], and \[8, 64\] in the file"),
        (True, "units=True must be a whole number"),
        ("16", "units='16' must be a whole number"),
        (None, "units=None must be a whole number"),
        ([[]], "units="),
    ],
)
def test_a_hostile_size_is_refused_before_anything_is_allocated(
    value: object, message: str, old: Path
) -> None:
    refuses(with_config(old, lambda layers: layers[1]["config"].update(units=value)), message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda layers: layers[1].update({"class_name": "Highway"}), "layer 'lstm_3' .Highway"),
        (
            lambda layers: layers[1].update({"module": "os"}),
            "layer 'lstm_3' .LSTM. is not supported",
        ),
        (lambda layers: layers[1].update({"config": 3}), "layer 'LSTM' .LSTM. has no config"),
        (lambda layers: layers[1].pop("class_name"), "has a layer without a class_name"),
        (lambda layers: layers.clear(), "must have a list of layers"),
        (lambda layers: layers[1]["config"].pop("units"), "layer 'lstm_3' .LSTM. has no 'units'"),
        (lambda layers: layers[1]["config"].update(time_major=True), "has time_major=True, which"),
        (lambda layers: layers[1]["config"].update(activation="mine"), "activation='mine' must be"),
        (lambda layers: layers[1]["config"].update(activation=["4wE="]), "activation=.* must be"),
        (lambda layers: layers[1]["config"].update(name=5), "name is 5; it must be a string"),
        (lambda layers: layers[1]["config"].update(dtype="int8"), "has dtype='int8', which"),
        (lambda layers: layers[0]["config"].update(batch_input_shape="x"), "input shape 'x' must"),
        (
            lambda layers: layers[0]["config"].pop("batch_input_shape"),
            "no input shape: set it on the first",
        ),
        (lambda layers: layers.extend(layers * 300), "has more than 1000 layers"),
    ],
)
def test_a_malformed_configuration_is_one_clear_error(
    change: Callable[[list[Any]], object], message: str, old: Path
) -> None:
    refuses(with_config(old, change), message)


def in_place_of_the_lstm(path: Path, kind: str, **config: object) -> Path:
    def change(layers: list[Any]) -> None:
        layers[1].update({"class_name": kind, "config": {"name": "x", **config}})

    return with_config(path, change)


CELL = {"class_name": "LSTMCell", "config": {"name": "c", "units": 16, "activation": "tanh"}}
GIANT = {"class_name": "SimpleRNNCell", "config": {"units": 10**9, "activation": "tanh"}}


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        ("RNN", {}, "has a layer without a class_name"),
        ("RNN", {"cell": {"class_name": "Dense", "config": {}}}, "layer 'Dense' .Dense. has no"),
        (
            "RNN",
            {"cell": {"class_name": "Flatten", "config": {}}},
            "layer 'x' .RNN. must hold one of LSTMCell, GRUCell, SimpleRNNCell, StackedRNNCells",
        ),
        ("RNN", {"cell": {"class_name": "Mine", "config": {}}}, "layer 'Mine' .Mine. is not supp"),
        ("RNN", {"cell": CELL}, "layer 'c' .LSTMCell. has no 'recurrent_activation'"),
        ("RNN", {"cell": GIANT}, r"kernel is \[8, 1000000000\], and \[8, 64\] in the file"),
        ("StackedRNNCells", {"cells": []}, "layer 'x' .StackedRNNCells. must have a list of cells"),
        ("StackedRNNCells", {"cells": {"a": CELL}}, "must have a list of cells"),
        ("EinsumDense", {"equation": "__import__('os')"}, "must be an equation such as"),
        (
            "MultiHeadAttention",
            {"num_heads": 10**9, "key_dim": 10**9},
            "layer 'x' has 8 weights by its configuration and 3 in the file",
        ),
        ("MultiHeadAttention", {"num_heads": 0, "key_dim": 1}, "num_heads=0 must be a whole"),
    ],
)
def test_a_hostile_cell_or_attention_is_refused(
    kind: str, config: dict[str, Any], message: str, old: Path
) -> None:
    refuses(in_place_of_the_lstm(old, kind, **config), message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_heads": 10**9}, r"its query kernel is \[8, 1000000000, 4\], and \[8, 2, 4\] in the"),
        ({"key_dim": 10**9}, r"its query kernel is \[8, 2, 1000000000\], and \[8, 2, 4\] in the"),
        ({"output_shape": [5]}, r"its output kernel is \[2, 4, 5\], and \[2, 4, 8\] in the file"),
        ({"use_gate": True}, "has use_gate=True, which is not supported"),
        ({"sliding_window": 3}, "has sliding_window=3, which is not supported"),
        ({"attention_axes": [2]}, "attention_axes=.* must be a whole number, 1 to 1"),
    ],
)
def test_a_hostile_size_of_attention_is_refused_before_anything_is_allocated(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    given, path = keras.Input((10, 8)), tmp_path / "a.h5"
    keras.Model(given, L.MultiHeadAttention(2, 4)(given, given)).save(path)
    config = config_of(path)
    config["config"]["layers"][1]["config"].update(change)
    refuses(path, message, config)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use_causal_mask": True}, "is called with use_causal_mask, which only attention has"),
        ({"attention_mask": [["in", 0, 0]]}, "is called with attention_mask="),
        ({"value": 3}, "is called with a constant; load the model in Python"),
    ],
)
def test_a_call_with_something_else_is_refused(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    given, path = keras.Input((10, 8)), tmp_path / "a.h5"
    keras.Model(given, L.LSTM(3)(given)).save(path)
    config = config_of(path)
    config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"].update(change)
    refuses(path, message, config)


def functional(*layers: tuple[str, list[Any]]) -> dict[str, Any]:
    """Describe a Functional model of Keras 2: names of layers, each with what feeds it."""
    entry = {"name": "in", "batch_input_shape": [None, 3], "dtype": "float32"}
    return {
        "class_name": "Model",
        "keras_version": "2.2.5",
        "config": {
            "name": "m",
            "layers": [
                {"class_name": "InputLayer", "config": entry, "name": "in", "inbound_nodes": []},
                *(
                    {
                        "class_name": "Add" if len(fed) > 1 else "Flatten",
                        "name": name,
                        "config": {"name": name},
                        "inbound_nodes": [fed],
                    }
                    for name, fed in layers
                ),
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [[layers[-1][0], 0, 0]],
        },
    }


A, B = ("a", [["in", 0, 0, {}]]), ("b", [["a", 0, 0, {}]])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            functional(("a", [["in", 0, 0], ["b", 0, 0]]), B),
            "'a' needs the output of 'b', which is never computed",
        ),
        (
            functional(("a", [["none", 0, 0]])),
            "layer 'a' needs the output of 'none', which is never computed",
        ),
        (
            functional(("a", [["in", 7, 0]])),
            "layer 'a' needs the output of 'in', which is never computed",
        ),
        (functional(("a", ["in", 0])), r"inbound_nodes must hold lists of \[layer, call, output\]"),
        (functional(("a", [["in", 0, 0, {"training": True}]])), "is called with training=True"),
        (functional(A, A), "has two layers that are called 'a'"),
        (functional(A) | {"config": {"layers": []}}, "names no inputs or no outputs"),
        (functional(A) | {"keras_version": "x"}, "has the Keras version 'x', which is not one"),
        (
            {"class_name": "Dense", "config": {"name": "d", "units": 3, "activation": "relu"}},
            "is a layer .Dense. and no model",
        ),
        ([], "has a layer without a class_name"),
    ],
)
def test_a_graph_that_is_none_is_one_clear_error(
    config: object, message: str, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = np.array([], "S")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(config))
    refuses(tmp_path / "a.h5", message, path)


def test_deep_nesting_ends(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a":' * 100_000)
    refuses(old, "a.json: its configuration is not JSON", path)
    config: dict[str, Any] = config_of(old)
    for _ in range(20):
        config = {"class_name": "Sequential", "config": {"name": "s", "layers": [config]}}
    refuses(old, "8 nested models", config)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.h5", b"", "is neither HDF5 nor .keras, or is damaged"),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(50), "is damaged and cannot be read"),
        ("a.keras", b"PK\x03\x04", "is damaged and cannot be read"),
        ("a.pkl", b"\x80\x04\x95", "is a pickle, which is never opened"),
        ("a.index", b"\x00\x00\x01", "is a TensorFlow checkpoint and lacks its file a.data-00000"),
        (
            "a.h5",
            b"version https://git-lfs.github.com/spec/v1",
            "is only a pointer of Git LFS",
        ),
        ("checkpoint", b"model_checkpoint_path: 1", "is a part of a TensorFlow checkpoint"),
        ("a.json", b'{"class_name": 1}', "is a configuration; name the file of its weights first"),
    ],
)
def test_what_is_no_model_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    refuses(tmp_path / name, message)


def test_a_folder_and_a_checkpoint_are_named(tmp_path: Path) -> None:
    refuses(tmp_path, r'is a folder, as TensorFlow writes .*model.save\("NAME.h5"\)')
    (tmp_path / "model.ckpt.index").write_bytes(b"")
    refuses(tmp_path / "model.ckpt", "is a TensorFlow checkpoint and lacks its file model.ckpt")
    (tmp_path / "model.ckpt.data-00000-of-00001").write_bytes(bytes(9))
    refuses(tmp_path / "model.ckpt", "is a TensorFlow checkpoint and is damaged and cannot be read")


def test_a_damaged_checkpoint_is_read_or_refused(tmp_path: Path) -> None:
    model, path = keras.Sequential([keras.Input((4,)), L.Dense(3), L.Dense(2)]), tmp_path / "a"
    tf.train.Checkpoint(model).write(str(path))
    index, data = tmp_path / "a.index", tmp_path / "a.data-00000-of-00001"
    contents, random = [index.read_bytes(), data.read_bytes()], np.random.default_rng(0)
    refused = []
    for _ in range(40):
        for file, content in zip((index, data), contents, strict=True):
            file.write_bytes(damaged(content, random))
        try:
            load_checkpoint(model, path)
        except ConversionError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert not any("\n" in each for each in refused)


def test_a_file_that_is_not_there_is_missed(old: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.h5: there is no such Keras model"):
        read_keras(tmp_path / "none.h5")
    with pytest.raises(MissingFileError, match=r"none\.json: there is no such configuration"):
        read_keras(old, tmp_path / "none.json")


def test_yaml_is_refused(old: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "class_name: Sequential\nconfig: !!python/object:os.system {}\n"
    )
    refuses(
        old,
        r"a.yaml: its configuration is not JSON; write it with model.to_json\(\)",
        tmp_path / "a.yaml",
    )


def test_a_configuration_that_is_no_text_is_refused(old: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    refuses(old, "a.json: cannot be read as a configuration in JSON", tmp_path / "a.json")


def test_a_zip_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"")
    refuses(path, "is a ZIP file and no Keras model")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", " " * (16 * 2**20 + 1))
        archive.writestr("model.weights.h5", b"")
    refuses(path, "its config.json has more than 16,777,216 bytes")


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    kept = bytearray(content[: random.integers(len(content)) if random.random() < 0.3 else None])
    for _ in range(random.integers(0, 8)):
        kept[random.integers(len(kept))] ^= 1 << random.integers(8)
    return bytes(kept)


@pytest.mark.parametrize("name", ["k225_stateful.h5", "k215_fmt.keras"])
def test_a_damaged_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    content, random = (OWN / name).read_bytes(), np.random.default_rng(0)
    path, refused = tmp_path / name, []
    for _ in range(60):
        path.write_bytes(damaged(content, random))
        started = time.monotonic()
        try:
            read_keras(path)
        except ConversionError as error:
            refused.append(str(error))
        assert time.monotonic() - started < 10
    assert len(refused) > 10
    assert not any("\n" in each for each in refused)
