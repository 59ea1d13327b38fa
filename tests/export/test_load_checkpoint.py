"""Files without layers: their message is run, and the model it rebuilds has the same numbers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras_files import OWN

from faker_neural import ConversionError, MissingFileError
from faker_neural_export import convert, load_checkpoint, read_keras

L = keras.layers
TOKENS = ["\n", *"abcdefgh"]
N = len(TOKENS)
X = np.random.default_rng(4).integers(0, N, (3, 7))


class MyModel(tf.keras.Model):
    """The model of TensorFlow's tutorial "Text generation with an RNN", made as it makes it."""

    def __init__(self, vocab_size: int, embedding_dim: int, rnn_units: int) -> None:
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(
        self, inputs: Any, states: Any = None, return_state: bool = False, training: bool = False
    ) -> Any:
        x = self.embedding(inputs)
        if states is None:
            states = self.gru.get_initial_state(tf.shape(x)[0])
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x)
        return (x, states) if return_state else x

    def get_config(self) -> dict[str, Any]:
        return {"vocab_size": N, "embedding_dim": 4, "rnn_units": 6}


class OneStep(tf.keras.Model):
    """The tutorial's wrapper around the model, which it saves as a SavedModel."""

    def __init__(self, model: MyModel) -> None:
        super().__init__()
        self.model = model
        self.prediction_mask = tf.constant([0.0] * N)

    @tf.function
    def generate_one_step(self, inputs: Any, states: Any = None) -> Any:
        logits, states = self.model(inputs, states, return_state=True)
        return logits[:, -1] + self.prediction_mask, states


@pytest.fixture(scope="module")
def tutorial() -> MyModel:
    """The tutorial's model after a step of training, which gives its optimizer arrays too."""
    keras.utils.set_random_seed(3)
    model = MyModel(N, 4, 6)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.1), loss=loss)
    model.fit(X, X, epochs=2, verbose=0)
    return model


def as_checkpoint(model: MyModel, path: Path) -> Path:
    tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(str(path / "ckpt"))
    return path


def as_bare_checkpoint(model: MyModel, path: Path) -> Path:
    return Path(tf.train.Checkpoint(model).write(str(path)))


def as_one_step(model: MyModel, path: Path) -> Path:
    one_step = OneStep(model)
    one_step.generate_one_step(tf.constant(X))
    tf.saved_model.save(one_step, str(path))
    return path


def exported(model: MyModel, path: Path) -> Path:
    model.export(path, verbose=False)
    return path


def as_weights(model: MyModel, path: Path) -> Path:
    model.save_weights(path.with_suffix(".weights.h5"))
    return path.with_suffix(".weights.h5")


def as_keras(model: MyModel, path: Path) -> Path:
    model.save(path.with_suffix(".keras"))
    return path.with_suffix(".keras")


def rebuilt(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> keras.Model:
    """Run the lines of the message about a file, and read the model that they saved."""
    with pytest.raises(ConversionError) as caught:
        read_keras(path)
    said, _, lines = str(caught.value).partition("in Python, if these are its layers: ")
    assert "\n" not in lines
    assert said.startswith(str(path))
    monkeypatch.chdir(tmp_path)
    exec(lines, {})
    return read_keras("model.keras")


def logits(model: keras.Model) -> Any:
    return np.asarray(model(X, training=False))


@pytest.mark.parametrize(
    ("save", "said"),
    [
        (as_checkpoint, "is a TensorFlow checkpoint, whose layers are code that is not in it"),
        (as_bare_checkpoint, "is a TensorFlow checkpoint, whose layers are code that is not in it"),
        (as_one_step, "is a TensorFlow checkpoint, whose layers are code that is not in it"),
        (exported, "is a TensorFlow checkpoint, whose layers are code that is not in it"),
        (as_weights, "holds only weights; give the model's configuration too, as model.to_json"),
        (as_keras, "is of the class 'MyModel', whose code is not in the file"),
    ],
)
def test_the_lines_of_the_message_rebuild_the_model_of_the_tutorial(
    save: Callable[[MyModel, Path], Path],
    said: str,
    tutorial: MyModel,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path = save(tutorial, tmp_path / "saved")
    with pytest.raises(ConversionError, match=said):
        read_keras(path)
    found = rebuilt(path, monkeypatch, tmp_path)
    np.testing.assert_allclose(logits(found), logits(tutorial), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["ckpt-1", "ckpt-1.index", "checkpoint", "."])
def test_every_file_of_a_checkpoint_names_it(name: str, tutorial: MyModel, tmp_path: Path) -> None:
    as_checkpoint(tutorial, tmp_path)
    model = load_checkpoint(sequential(), tmp_path / name)
    np.testing.assert_allclose(logits(model), logits(tutorial), rtol=0, atol=1e-5)


def sequential() -> keras.Model:
    recurrent = L.GRU(6, return_sequences=True)
    return keras.Sequential([keras.Input((None,)), L.Embedding(N, 4), recurrent, L.Dense(N)])


def test_a_rebuilt_model_of_the_tutorial_becomes_a_model_file(
    tutorial: MyModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rebuilt(as_checkpoint(tutorial, tmp_path / "saved"), monkeypatch, tmp_path)
    card = convert(tmp_path / "model.keras", TOKENS, tmp_path / "a.onnx").card
    assert (card.contract, card.exact) == ("step", True)


STACKS: dict[str, list[keras.Layer]] = {
    "LSTM, LSTM": [L.LSTM(6, return_sequences=True), L.LSTM(6, return_sequences=True)],
    "without biases": [
        L.LSTM(5, return_sequences=True, use_bias=False),
        L.SimpleRNN(4, return_sequences=True, use_bias=False),
        L.Dense(3, use_bias=False),
    ],
    "GRU as Keras 2 had it": [L.GRU(4, return_sequences=True, reset_after=False)],
}


@pytest.mark.parametrize("name", STACKS)
def test_the_layers_are_told_from_the_shapes(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = [keras.Input((None,)), L.Embedding(N, 7), *STACKS[name], L.Dense(N)]
    model = keras.Sequential([layer if i < 1 else copied(layer) for i, layer in enumerate(made)])
    model.set_weights([np.random.default_rng(1).uniform(0.1, 1, w.shape) for w in model.weights])
    model.save_weights(tmp_path / "a.weights.h5")
    found = rebuilt(tmp_path / "a.weights.h5", monkeypatch, tmp_path)
    np.testing.assert_allclose(logits(found), logits(model), rtol=0, atol=1e-5)


def copied(layer: keras.Layer) -> keras.Layer:
    return type(layer).from_config(layer.get_config())


def test_a_model_that_reads_one_hot_characters_begins_with_their_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = keras.Sequential([keras.Input((None, 5)), L.LSTM(4), L.Dense(5, "softmax")])
    model.save_weights(tmp_path / "a.weights.h5")
    found = rebuilt(tmp_path / "a.weights.h5", monkeypatch, tmp_path)
    assert found.input_shape == (None, None, 5)
    assert [a.tolist() for a in found.get_weights()] == [a.tolist() for a in model.get_weights()]


def test_arrays_that_make_no_chain_are_listed(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((9, 5)), L.Conv1D(4, 3), L.LSTM(3), L.Dense(2)])
    model.save_weights(tmp_path / "a.weights.h5")
    said = (
        r"or rebuild the model in Python, call faker_neural_export.load_checkpoint\(model, "
        r'".*a.weights.h5"\) and save it; its arrays: layers/conv1d/0 \[3, 5, 4\], .*'
    )
    with pytest.raises(ConversionError, match=said):
        read_keras(tmp_path / "a.weights.h5")


def test_layers_whose_order_the_file_does_not_tell_are_listed(tmp_path: Path) -> None:
    model = Twins("reader", "again")
    model(X)
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(ConversionError, match=r"its arrays: again/cell/0 \[6, 18\], again/cell/1"):
        read_keras(tmp_path / "a.weights.h5")


def test_a_folder_that_moved_is_read_and_its_last_checkpoint_is_used(
    tutorial: MyModel, tmp_path: Path
) -> None:
    checkpoint = tf.train.Checkpoint(model=tutorial)
    before, expected = tutorial.get_weights(), logits(tutorial)
    for i in range(11):  # ckpt-11 comes after ckpt-9
        tutorial.set_weights(before if i == 10 else [np.zeros_like(w) for w in before])
        checkpoint.write(str(tmp_path / "from" / f"ckpt-{i + 1}"))
    moved = Path(shutil.move(tmp_path / "from", tmp_path / "to"))
    np.testing.assert_allclose(logits(load_checkpoint(sequential(), moved)), expected, atol=1e-5)
    state = f'model_checkpoint_path: "{tmp_path}/from/ckpt-2"\n'
    (moved / "checkpoint").write_text(state)
    assert not logits(load_checkpoint(sequential(), moved)).any()


class Twins(tf.keras.Model):
    """Two recurrent layers of equal shapes.

    Args:
        first: the name of the first of them.
        second: the name of the second.
    """

    def __init__(self, first: str, second: str) -> None:
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(N, 6)
        setattr(self, first, tf.keras.layers.GRU(6, return_sequences=True))
        setattr(self, second, tf.keras.layers.GRU(6, return_sequences=True))
        self.dense, self.names = tf.keras.layers.Dense(N), (first, second)

    def call(self, inputs: Any) -> Any:
        first, second = (getattr(self, name) for name in self.names)
        return self.dense(second(first(self.embedding(inputs))))


def twins(first: str, second: str, path: Path) -> Twins:
    model = Twins(first, second)
    model(X)
    tf.train.Checkpoint(model).write(str(path))
    return model


def of_two(**names: str) -> keras.Model:
    first, second = (
        L.GRU(6, return_sequences=True, **({"name": name} if name else {}))
        for name in (names.get("first"), names.get("second"))
    )
    return keras.Sequential([keras.Input((None,)), L.Embedding(N, 6), first, second, L.Dense(N)])


def test_layers_of_equal_shapes_are_told_by_their_numbers_or_names(tmp_path: Path) -> None:
    model = twins("gru_9", "gru_10", tmp_path / "a")
    found = load_checkpoint(of_two(), tmp_path / "a")
    np.testing.assert_allclose(logits(found), logits(model), atol=1e-6)
    model = twins("reader", "again", tmp_path / "b")
    found = load_checkpoint(of_two(first="reader", second="again"), tmp_path / "b")
    np.testing.assert_allclose(logits(found), logits(model), atol=1e-6)
    said = r"b: holds 'reader/cell', 'again/cell' of equal shapes; give .* such as name='reader'"
    with pytest.raises(ConversionError, match=said):
        load_checkpoint(of_two(), tmp_path / "b")


def test_the_layers_of_a_functional_model_have_names_too(tmp_path: Path) -> None:
    model, other = twins("reader", "again", tmp_path / "b"), of_two(first="reader", second="again")
    entry = keras.Input((None,))
    x = entry
    for layer in other.layers:
        x = layer(x)
    found = load_checkpoint(keras.Model(entry, x), tmp_path / "b")
    np.testing.assert_allclose(logits(found), logits(model), atol=1e-6)


def test_the_lines_name_layers_of_equal_shapes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = twins("reader", "again", tmp_path / "a")
    found = rebuilt(tmp_path / "a", monkeypatch, tmp_path)
    np.testing.assert_allclose(logits(found), logits(model), atol=1e-6)


def test_an_array_without_a_layer_and_a_layer_without_an_array_are_refused(
    tutorial: MyModel, tmp_path: Path
) -> None:
    path = as_bare_checkpoint(tutorial, tmp_path / "a")
    without = keras.Sequential([keras.Input((None,)), L.Embedding(N, 4), L.Dense(N)])
    with pytest.raises(ConversionError, match=r"a: holds no arrays for the layer 'dense.*' \("):
        load_checkpoint(without, path)
    less = keras.Sequential([keras.Input((None,)), L.Embedding(N, 4)])
    with pytest.raises(ConversionError, match=r"holds 'dense' \(.*\), 'gru/cell' .* no such layer"):
        load_checkpoint(less, path)
    more = keras.Sequential([keras.Input((None,)), L.Embedding(N, 4), L.GRU(6), L.Dense(N)])
    load_checkpoint(more, path)
    unbuilt = keras.Sequential([L.Embedding(N, 4), L.GRU(6), L.Dense(N)])
    with pytest.raises(ConversionError, match=r"has no weights yet: begin it with keras\.Input"):
        load_checkpoint(unbuilt, path)
    twins("one", "two", tmp_path / "b")
    one = keras.Sequential([keras.Input((None,)), L.Embedding(N, 6), L.GRU(6), L.Dense(N)])
    with pytest.raises(ConversionError, match=r"'one/cell', 'two/cell' of equal shapes, and the"):
        load_checkpoint(one, tmp_path / "b")


def test_the_weights_of_an_older_keras_are_loaded() -> None:
    path = OWN / "k225_stateful.h5"
    expected = read_keras(path)
    model = keras.models.clone_model(expected)
    assert load_checkpoint(model, path) is model
    for found, reference in zip(model.get_weights(), expected.get_weights(), strict=True):
        assert np.array_equal(found, reference)


def test_what_holds_no_keras_is_refused(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.get_variable("w", (2, 3), initializer=tf.zeros_initializer)
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(session, str(tmp_path / "one.ckpt"))
    said = "has no layers of Keras: TensorFlow 1 wrote it"
    with pytest.raises(ConversionError, match=said):
        load_checkpoint(sequential(), tmp_path / "one.ckpt")
    with pytest.raises(ConversionError, match=f"is a TensorFlow checkpoint and {said}"):
        read_keras(tmp_path / "one.ckpt.meta")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConversionError, match="is a folder without a checkpoint"):
        load_checkpoint(sequential(), tmp_path / "empty")
    with pytest.raises(MissingFileError, match="there is no such checkpoint"):
        load_checkpoint(sequential(), tmp_path / "none")
    (tmp_path / "bad.index").write_bytes(b"\x00" * 100)
    (tmp_path / "bad.data-00000-of-00001").write_bytes(b"\x00" * 100)
    with pytest.raises(ConversionError, match=r"is damaged and cannot be read \("):
        load_checkpoint(sequential(), tmp_path / "bad")


def test_a_checkpoint_that_was_not_copied_whole_is_named(tutorial: MyModel, tmp_path: Path) -> None:
    as_bare_checkpoint(tutorial, tmp_path / "a")
    data = tmp_path / "a.data-00000-of-00001"
    data.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    said = r"a.index: is a TensorFlow checkpoint and has only a pointer of Git LFS as a.data-00000"
    with pytest.raises(ConversionError, match=said):
        read_keras(tmp_path / "a.index")
    data.unlink()
    said = r"is a TensorFlow checkpoint and lacks its file a.data-00000-of-00001$"
    with pytest.raises(ConversionError, match=said):
        read_keras(tmp_path / "a.index")


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    model = sequential()
    model.layers[-1].bias.assign(np.full(N, np.nan))
    tf.train.Checkpoint(model).write(str(tmp_path / "a"))
    with pytest.raises(ConversionError, match=r"a: '.*bias.*' holds numbers that are not finite"):
        load_checkpoint(sequential(), tmp_path / "a")


def test_names_in_a_file_stay_text_in_one_line(tmp_path: Path) -> None:
    evil = 'a")\nimport os  # \x1b[2J'
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        for name in ("one", evil):
            for key, shape in (("0", (3, 12)), ("1", (3, 12)), ("2", (12,))):
                file[f"{name}/vars/{key}"] = np.zeros(shape, "float32")
        file["out/vars/0"], file["out/vars/1"] = np.zeros((3, 3), "f4"), np.zeros(3, "f4")
    with pytest.raises(ConversionError) as caught:
        read_keras(tmp_path / "a.weights.h5")
    assert str(caught.value).isprintable()
    two = keras.Sequential([keras.Input((None, 3)), L.Dense(3)])
    with pytest.raises(ConversionError) as caught:
        load_checkpoint(two, tmp_path / "a.weights.h5")
    assert str(caught.value).isprintable()
