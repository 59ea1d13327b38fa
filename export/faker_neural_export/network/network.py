"""The network that `train` trains."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural_export.vocabulary.vocabulary import Vocabulary

from .factored_softmax import FactoredCrossEntropy
from .word_vectors import ComposedEmbedding, TiedLoss, output_is_loss

if TYPE_CHECKING:
    from faker_neural_export.settings.training import Settings

__all__ = ["build_network", "compile_network", "feed"]

Tensor = Any

_OF_INPUTS = 0.6  # dropout of the word vectors, as a multiple of that of the LSTM outputs


def build_network(vocabulary: Vocabulary, settings: Settings, labels: int = 0) -> keras.Model:
    """Build the network: an embedding (or none), LSTM layers with dropout, and a dense layer.

    Args:
        vocabulary: the tokens, and the classes of a factored softmax.
        settings: sizes, dropout and seed.
        labels: the number of extra ids in the embedding, at least 0. They are never predicted.

    Returns:
        With `settings.composed`, a model with two inputs, token ids and targets, both int32
        [batch, length]. Its output is the cross-entropy of each target in nats, float32
        [batch, length].

        Otherwise a model with one input, which `settings.input` decides: token ids, int32
        [batch, length]; one-hot tokens, float32 [batch, length, tokens]; or ids divided by the
        number of tokens, float32 [batch, length, 1]. Its output is float32
        [batch, length, tokens + classes]: the logits of each next token, then those of the
        classes.
    """
    seeds = itertools.count(settings.seed * 1000)  # explicit, so that no global generator is read
    if settings.composed:
        return _composed(vocabulary, settings, seeds, labels)
    tokens = len(vocabulary.tokens)
    token, x = _input(tokens, settings, seeds, labels)
    x = _recurrent(x, settings, seeds)
    if settings.projection:
        x = _projection(settings.projection, seeds)(x)
    logits = keras.layers.Dense(
        tokens + len(vocabulary.classes),
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
    )(x)
    network = keras.Model(token, logits, name="network")
    if settings.input == "scaled":
        _tell_apart(network.layers[1], tokens, next(seeds))
    return network


def _composed(
    vocabulary: Vocabulary, settings: Settings, seeds: Iterator[int], labels: int
) -> keras.Model:
    token, target = (keras.Input((None,), dtype="int32", name=n) for n in ("token", "target"))
    embedding = ComposedEmbedding(
        vocabulary.tokens, vocabulary.pieces, settings.embedding, labels, seed=next(seeds)
    )
    x, table = embedding(token)
    x = keras.layers.Dropout(settings.dropout * _OF_INPUTS, seed=next(seeds))(x)
    x = _projection(settings.embedding, seeds)(_recurrent(x, settings, seeds))
    nats = TiedLoss(vocabulary.classes, seed=next(seeds))([x, table, target])
    return keras.Model([token, target], nats, name="network")


def _projection(size: int, seeds: Iterator[int]) -> keras.layers.Dense:
    initial = keras.initializers.GlorotUniform(seed=next(seeds))
    return keras.layers.Dense(size, use_bias=False, kernel_initializer=initial)


def _recurrent(x: Tensor, settings: Settings, seeds: Iterator[int]) -> Tensor:
    for units in settings.layers:
        lstm = keras.layers.LSTM(
            units,
            return_sequences=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
        )
        x = keras.layers.Dropout(settings.dropout)(lstm(x))
    return x


def compile_network(network: keras.Model, classes: Sequence[int] = ()) -> keras.Model:
    """Add the loss and a fresh optimiser to a network, and return it.

    Args:
        network: a result of `build_network`.
        classes: the number of tokens in each class; empty for a flat softmax.
    """
    loss: Any = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if len(network.inputs) > 1:
        loss = output_is_loss
    elif classes:
        loss = FactoredCrossEntropy(classes)
    network.compile(keras.optimizers.Adam(clipnorm=1.0), loss, jit_compile=False)
    return network


def feed(network: keras.Model, ids: NDArray[np.int32], targets: NDArray[np.int32]) -> Any:
    """Convert token ids to the input of a network.

    Args:
        network: a result of `build_network`.
        ids: int32 [batch, length], the token ids.
        targets: int32 [batch, length], used only if the network has an input for them.

    Returns:
        The list of ids and targets; or the ids alone: unchanged, one-hot as float32
        [batch, length, tokens], or divided by the number of tokens as float32 [batch, length, 1].
    """
    if len(network.inputs) > 1:
        return [ids, targets]
    shape, tokens = network.inputs[0].shape, network.outputs[0].shape[-1]
    if len(shape) == 2:
        return ids
    if shape[-1] == 1:
        return ids[..., None].astype(np.float32) / np.float32(tokens)
    return np.eye(tokens, dtype=np.float32)[ids]


def _input(
    tokens: int, settings: Settings, seeds: Iterator[int], labels: int
) -> tuple[Tensor, Tensor]:
    """Return the input of the network and the input of the first LSTM layer."""
    if settings.input != "embedding":
        size = tokens if settings.input == "one-hot" else 1
        x = keras.Input((None, size), name="token")
        return x, x
    token = keras.Input((None,), dtype="int32", name="token")
    initial = keras.initializers.RandomUniform(seed=next(seeds))
    embedding = keras.layers.Embedding(
        tokens + labels, settings.embedding, embeddings_initializer=initial
    )
    return token, embedding(token)


def _tell_apart(lstm: keras.layers.LSTM, tokens: int, seed: int) -> None:
    """Set the weights of a layer with one input so that each gate switches at its own number.

    Glorot's initial weights are so small for one input that a thousand batches pass before the
    layer distinguishes its input tokens.
    """
    random = np.random.default_rng(seed)
    kernel, recurrent, bias = lstm.get_weights()
    kernel = random.uniform(-tokens, tokens, kernel.shape).astype(np.float32)
    places = random.uniform(size=bias.shape).astype(np.float32)
    lstm.set_weights([kernel, recurrent, bias - kernel[0] * places])
