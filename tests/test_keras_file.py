from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from faker_neural import ConversionError, MissingFileError
from faker_neural_export._activations import hard_sigmoid
from faker_neural_export._attention import AttentionWeightedAverage
from faker_neural_export._keras_file import read_keras
from faker_neural_export._reading._extract import Extract
from faker_neural_export._reading._hdf5 import _parsed, extracted

L = keras.layers
OWN = Path(__file__).parent / "fixtures" / "legacy_keras"
SHARED = Path(__file__).parents[2] / "shared" / "fixtures" / "legacy_keras"
GIVEN = sorted({path for folder in (OWN, SHARED) for path in folder.glob("*.npz")})
SIZE = 12


def randomised(model: keras.Model) -> keras.Model:
    """Give every weight a value that matters: Keras starts biases and moving means at 0."""
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


MODELS: dict[str, Callable[[], keras.Model]] = {
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
def test_a_file_of_an_older_keras_gives_the_numbers_it_gave_there(npz: Path) -> None:
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


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of Keras 2.2.5: an embedding, two LSTM and a Dense layer."""
    return Path(shutil.copy(OWN / "k225_stateful.h5", tmp_path / "old.h5"))


def config_of(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        config: dict[str, Any] = json.loads(file.attrs["model_config"])
    return config


def with_config(path: Path, change: Callable[[list[Any]], object]) -> Path:
    """Change the layers in the configuration of a Sequential file."""
    config = config_of(path)
    change(config["config"]["layers"])
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


def refuses(path: Path, message: str, config: object = None) -> None:
    started = time.monotonic()
    with pytest.raises(ConversionError, match=message) as caught:
        read_keras(path, config)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5


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
    refuses(path, rf"model\{end}: layer 'lambda.*' \(Lambda\) is not known here and was not run")
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
        (never_written, r"says that it holds \(1000000, 1000000\), and the file does not"),
        (of_objects, "is no array of floats"),
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
        (lambda layers: layers[1].update({"module": "os"}), "layer 'lstm_3' .LSTM. is not known"),
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
            "of its input: give its first",
        ),
        (lambda layers: layers.extend(layers * 300), "has more than 1000 layers"),
    ],
)
def test_a_malformed_configuration_is_one_clear_error(
    change: Callable[[list[Any]], object], message: str, old: Path
) -> None:
    refuses(with_config(old, change), message)


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
        (functional(("a", [["in", 0, 0], ["b", 0, 0]]), B), "'a' waits for 'b', which never comes"),
        (functional(("a", [["none", 0, 0]])), "layer 'a' waits for 'none', which never comes"),
        (functional(("a", [["in", 7, 0]])), "layer 'a' waits for 'in', which never comes"),
        (functional(("a", ["in", 0])), r"inbound_nodes must hold lists of \[layer, call, output\]"),
        (functional(("a", [["in", 0, 0, {"training": True}]])), "is called with training=True"),
        (functional(A, A), "has two layers that are called 'a'"),
        (functional(A) | {"config": {"layers": []}}, "names no inputs or no outputs"),
        (functional(A) | {"keras_version": "x"}, "is of Keras 'x', which is no version"),
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
    refuses(old, "a.json: its configuration is no JSON", path)
    config: dict[str, Any] = config_of(old)
    for _ in range(20):
        config = {"class_name": "Sequential", "config": {"name": "s", "layers": [config]}}
    refuses(old, "8 models in a model", config)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.h5", b"", "is neither HDF5 nor .keras, or is damaged"),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(50), "is damaged and cannot be read"),
        ("a.keras", b"PK\x03\x04", "is damaged and cannot be read"),
        ("a.pkl", b"\x80\x04\x95", "is a pickle, which is never opened"),
        ("a.index", b"\x00\x00\x01", "checkpoint or SavedModel; load it with its own TensorFlow"),
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
    refuses(tmp_path / "model.ckpt", "is a TensorFlow checkpoint; load it")


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
        r"a.yaml: its configuration is no JSON; write it with model.to_json\(\)",
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
        archive.writestr("config.json", " " * (64 * 2**20 + 1))
        archive.writestr("model.weights.h5", b"")
    refuses(path, "its config.json has more than 67,108,864 bytes")


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


def test_what_two_ages_masked_differently_is_refused_where_the_file_does_not_say_which(
    tmp_path: Path,
) -> None:
    path = Path(shutil.copy(OWN / "k225_bidir_masked.h5", tmp_path / "a.h5"))
    config = config_of(path) | {"keras_version": "2.2.4-tf"}
    inner = config["config"]["layers"][1]["config"]["layer"]["config"]
    read_keras(path, config)  # implementation 1: TensorFlow 1
    inner["implementation"] = 2
    refuses(path, "TensorFlow 1 did in one way and 2.0 to 2.2 in another", config)


def test_masks_that_keras_3_merges_otherwise_are_refused(tmp_path: Path) -> None:
    tokens = keras.Input((10,))
    x, y = L.Embedding(SIZE, 5, mask_zero=True)(tokens), L.Embedding(SIZE, 5)(tokens)
    keras.Model(tokens, L.LSTM(3)(L.Add()([x, y]))).save(tmp_path / "a.keras")
    refuses(tmp_path / "a.keras", r"layer 'add.*' \(Add\): merges inputs of different masks")


def test_reading_an_hdf5_file_in_this_process_gives_the_same(old: Path) -> None:
    output = io.BytesIO()
    with h5py.File(old) as file:
        Extract(file).write(output)
    found, expected = _parsed(output.getvalue()), extracted(old)
    paths = sorted(expected.below("model_weights"))
    assert sorted(found.below("model_weights")) == paths
    assert all(np.array_equal(found.array(path), expected.array(path)) for path in paths)
    assert found.texts("model_weights", "layer_names") == [
        "embedding_2", "lstm_3", "lstm_4", "dense_4",
    ]  # fmt: skip
