"""Word vectors made of character n-grams, shared by the input and the output of a network.

A word's vector is the scaled sum of its n-grams' vectors, plus a vector of its own. So a word that
occurs once has a vector near those of similar words.

Sources: Bojanowski, Grave, Joulin and Mikolov, "Enriching word vectors with subword information",
2017; Press and Wolf, "Using the output embedding to improve language models", 2017.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .factored_softmax import ClassIndex

__all__ = [
    "ComposedEmbedding",
    "TiedLoss",
    "copy_weights",
    "initialise_from_counts",
    "output_is_loss",
    "to_plain_keras",
]

Tensor = Any

_BUCKETS, _SIZES = 12_007, (3, 4, 5)
_MOST_STEPS = 127.49
_UNSEEN = 0.1  # added to each count, so that no token has frequency 0
SHARPNESS = 4.0
"""The factor from the dot product of two vectors to a logit, because the vectors are short. It is a
power of two, so that the input and the output matrix are on the same kind of grid."""


@keras.saving.register_keras_serializable("faker_neural")
class ComposedEmbedding(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Maps token ids int32 [batch, length] to vectors float32 [batch, length, size].

    Args:
        tokens: the string of each id.
        pieces: the number of pieces of words; they are the last tokens.
        size: the length of a vector, at least 1.
        labels: the number of extra ids for labels, at least 0. A label has no n-grams.
        seed: seed of the initial weights.
        more: other keyword arguments of `keras.layers.Layer`.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        pieces: int,
        size: int,
        labels: int = 0,
        seed: int = 0,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.tokens, self.pieces, self.size = list(tokens), pieces, size
        self.labels, self.seed = labels, seed
        self._parts = _parts(self.tokens, len(self.tokens) - pieces)

    def build(self, shape: Any) -> None:
        """Make the vectors of the n-grams, of the tokens and of the labels.

        Args:
            shape: ignored.
        """
        first, second, third = (
            keras.initializers.RandomNormal(stddev=deviation, seed=3 * self.seed + i)
            for i, deviation in enumerate((0.05, 0.02, 0.05))
        )
        self.ngrams = self.add_weight(shape=(_BUCKETS, self.size), initializer=first)
        self.own = self.add_weight(shape=(len(self.tokens), self.size), initializer=second)
        self.of_labels = self.add_weight(shape=(self.labels, self.size), initializer=third)
        self.built = True

    def table(self) -> Tensor:
        """Return the vectors of all tokens, float32 [tokens, size]."""
        ngrams = tensorflow.convert_to_tensor(self.ngrams)
        return _product(self._parts, ngrams) + tensorflow.convert_to_tensor(self.own)

    def call(self, ids: Tensor) -> Tensor:
        """Return the vector of each id, and the vectors of all tokens.

        Args:
            ids: int32 [batch, length], token ids; the ids after the last token are labels.

        Returns:
            float32 [batch, length, size], and float32 [tokens, size].
        """
        table = self.table()
        every = tensorflow.concat([table, self.of_labels], axis=0)
        return tensorflow.gather(every, ids), table

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        found = {name: getattr(self, name) for name in ("tokens", "pieces", "size", "labels")}
        return {**super().get_config(), **found, "seed": self.seed}


@keras.saving.register_keras_serializable("faker_neural")
class TiedLoss(keras.layers.Layer):  # type: ignore[misc]
    """Computes the cross-entropy of targets in nats; the output matrix is the input's vectors.

    With classes, only the logits of the target's class are computed. With 9,000 tokens this halves
    the time of a training step.

    Args:
        classes: the number of tokens in each class of a factored softmax; empty for a flat softmax.
        seed: seed of the initial weights.
        more: other keyword arguments of `keras.layers.Layer`.
    """

    def __init__(self, classes: Sequence[int] = (), seed: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.classes, self.seed = list(classes), seed
        self._places = ClassIndex.of(self.classes) if classes else None

    def build(self, inputs: Any) -> None:
        """Make the biases, and the vectors of the classes.

        Args:
            inputs: the shapes of the inputs of `call`.
        """
        (tokens, size), initial = inputs[1], keras.initializers.RandomNormal(0.0, 0.05, self.seed)
        self.of_classes = self.add_weight(shape=(len(self.classes), size), initializer=initial)
        self.bias = self.add_weight(shape=(tokens + len(self.classes),), initializer="zeros")
        self.built = True

    def call(self, inputs: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Return the cross-entropy of each target, float32 [batch, length].

        Args:
            inputs: outputs of the layer below, float32 [batch, length, size]; the vectors of all
                tokens, float32 [tokens, size]; and the targets, int32 [batch, length].
        """
        x, table, targets = inputs
        shape, sharp = tensorflow.shape(targets), x * SHARPNESS
        sharp = tensorflow.reshape(sharp, (-1, x.shape[-1]))
        return tensorflow.reshape(
            self._nats(sharp, table, tensorflow.reshape(targets, (-1,))), shape
        )

    def _nats(self, x: Tensor, table: Tensor, targets: Tensor) -> Tensor:
        nats, places = tensorflow.nn.sparse_softmax_cross_entropy_with_logits, self._places
        if places is None:
            return nats(targets, tensorflow.matmul(x, table, transpose_b=True) + self.bias)
        of_class = tensorflow.gather(places.classes, targets)
        classes = tensorflow.matmul(x, self.of_classes, transpose_b=True)
        members = tensorflow.gather(tensorflow.gather(table, places.members), of_class)
        biases = tensorflow.gather(self.bias, places.members) + places.outside
        logits = tensorflow.einsum("ne,nme->nm", x, members) + tensorflow.gather(biases, of_class)
        place = tensorflow.gather(places.within, targets)
        return nats(of_class, classes + self.bias[places.tokens :]) + nats(place, logits)

    def compute_output_shape(self, inputs: Any) -> tuple[Any, ...]:
        """Return the shape of the targets.

        Args:
            inputs: the shapes of the inputs of `call`.
        """
        return tuple(inputs[2])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "classes": self.classes, "seed": self.seed}


@keras.saving.register_keras_serializable("faker_neural")  # type: ignore[untyped-decorator]
def output_is_loss(_: Tensor, nats: Tensor) -> Tensor:
    """Return the output of a network that computes its own loss.

    Args:
        _: the targets, ignored.
        nats: float32 [batch, length], the output of the network.
    """
    return nats


def initialise_from_counts(network: keras.Model, counts: NDArray[np.float32]) -> None:
    """Initialise the output biases from token frequencies, and class vectors from their tokens.

    The vector of a class becomes the mean of its tokens' vectors, weighted by frequency.

    Args:
        network: the network to change. It is left unchanged if it has no TiedLoss.
        counts: float32 [tokens], how often each token occurs.
    """
    composed, tied = (_only(network, kind) for kind in (ComposedEmbedding, TiedLoss))
    if composed is None or tied is None:
        return
    shares, table = counts + _UNSEEN, np.asarray(composed.table())
    sizes = np.array(tied.classes or [len(shares)])
    first = sizes.cumsum() - sizes
    totals = np.add.reduceat(shares, first)
    bias = np.log(shares / np.repeat(totals, sizes))
    if tied.classes:
        bias = np.append(bias, np.log(totals / totals.sum()))
        means = np.add.reduceat(table * shares[:, None], first) / totals[:, None]
        tied.of_classes.assign(means)
    tied.bias.assign(bias)


def copy_weights(network: keras.Model, earlier: keras.Model) -> None:
    """Copy the weights of an earlier network into a new one, which may have other words.

    A word that both have keeps its vector. The vector of another word is made from the n-grams
    that the earlier network has learned. Labels keep their initial vectors. The TiedLoss is copied
    only if both networks have the same tokens and classes.

    Args:
        network: the new network, which is changed.
        earlier: the trained network, with layers of the same sizes.
    """
    old, new = (_only(one, ComposedEmbedding) for one in (earlier, network))
    new.ngrams.assign(old.ngrams)
    places = {token: i for i, token in enumerate(old.tokens)}
    own = np.zeros(new.own.shape, dtype=np.float32)
    known = [(i, places[token]) for i, token in enumerate(new.tokens) if token in places]
    for i, place in known:
        own[i] = old.own[place]
    new.own.assign(own)
    ends = [_only(one, TiedLoss) for one in (network, earlier)]
    if new.tokens == old.tokens and ends[0].classes == ends[1].classes:
        ends[0].set_weights(ends[1].get_weights())
    copied = ([one for one in each.layers if type(one) in _COPIED] for each in (network, earlier))
    for layer, before in zip(*copied, strict=True):
        layer.set_weights(before.get_weights())


def to_plain_keras(network: keras.Model, into: keras.Model | None = None) -> keras.Model:
    """Return an equal network from tokens to logits that has only Keras' own layers.

    The word vectors are rounded to a grid of at most 127 steps on each side of 0.

    Args:
        network: a network of a ComposedEmbedding, LSTM layers, a Dense layer and a TiedLoss. Any
            other network is returned unchanged.
        into: an earlier result of this function, which then receives the current weights; None to
            build a new one.

    Returns:
        A model of int32 [batch, length] token ids to float32 [batch, length, tokens + classes]
        logits.
    """
    composed, tied = (_only(network, kind) for kind in (ComposedEmbedding, TiedLoss))
    if composed is None or tied is None:
        return network
    made = into or _plain(network, composed, tied)
    learned = [layer for layer in network.layers if type(layer) in _COPIED]
    table = np.asarray(composed.table())
    vectors = _on_grid(np.vstack([table, np.asarray(tied.of_classes)]))
    table = vectors[: len(table)]
    made.layers[1].set_weights([np.vstack([table, np.asarray(composed.of_labels)])])
    for layer, old in zip(made.layers[2:-1], learned, strict=True):
        layer.set_weights(old.get_weights())
    made.layers[-1].set_weights([vectors.T * np.float32(SHARPNESS), np.asarray(tied.bias)])
    return made


def _on_grid(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round to the grid of 127 steps that the exact arithmetic of the model file uses.

    Input and output vectors are on the same grid, so the file can hold one matrix for both.
    """
    step = 2.0 ** np.ceil(np.log2(float(np.abs(vectors).max()) / _MOST_STEPS))
    rounded: NDArray[np.float32] = (np.rint(vectors / step) * step).astype(np.float32)
    return rounded


_COPIED = (keras.layers.LSTM, keras.layers.Dense)


def _only(network: keras.Model, kind: type[keras.layers.Layer]) -> Any:
    return next((layer for layer in network.layers if isinstance(layer, kind)), None)


def _plain(network: keras.Model, composed: ComposedEmbedding, tied: TiedLoss) -> keras.Model:
    token = keras.Input((None,), dtype="int32", name="token")
    tokens = len(composed.tokens)
    x = keras.layers.Embedding(tokens + composed.labels, composed.size)(token)
    for layer in network.layers:
        if type(layer) in _COPIED:
            x = type(layer).from_config(layer.get_config())(x)
    logits = keras.layers.Dense(tokens + len(tied.classes), name="logits")(x)
    return keras.Model(token, logits, name=network.name)


def _product(parts: csr_array, ngrams: Tensor) -> Tensor:
    """Return parts @ ngrams, computed by SciPy in a tenth of TensorFlow's time."""
    transposed = parts.T.tocsr()

    def times(matrix: csr_array, dense: Tensor) -> Tensor:
        found = tensorflow.numpy_function(matrix.__matmul__, [dense], tensorflow.float32)
        return tensorflow.ensure_shape(found, (matrix.shape[0], dense.shape[1]))

    @tensorflow.custom_gradient  # type: ignore[untyped-decorator]
    def product(dense: Tensor) -> tuple[Tensor, Any]:
        return times(parts, dense), lambda gradient: times(transposed, gradient)

    return product(ngrams)


def _parts(tokens: Sequence[str], first_piece: int) -> csr_array:
    """Return the weight of each n-gram bucket in each token, float32 [tokens, buckets]."""
    rows = [
        sorted({zlib.crc32(part.encode()) % _BUCKETS for part in _grams(token, i >= first_piece)})
        for i, token in enumerate(tokens)
    ]
    sizes = np.array([len(row) for row in rows])
    shares = np.repeat(sizes**-0.5, sizes).astype(np.float32)
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    return csr_array((shares, columns, np.append(0, sizes.cumsum())), shape=(len(tokens), _BUCKETS))


def _grams(token: str, piece: bool) -> Iterator[str]:
    """Yield the n-grams of a token; ^ and $ mark the ends of a word, + those of a piece."""
    edges = "++" if piece else "^$"
    text = f"{edges[0]}{token.strip().lower()}{edges[1]}"
    for size in _SIZES:
        for start in range(len(text) - size + 1):
            yield text[start : start + size]
    yield f"{edges}{token}"
    if token.startswith(" "):
        yield "space before"
