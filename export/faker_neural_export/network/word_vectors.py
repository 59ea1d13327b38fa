"""Word vectors made of character n-grams, shared by the input and the output of a network.

A word's vector is the sum of its n-grams' vectors and of one of its own, so that a word that
occurs once has a sensible place beside the words it resembles.

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

from .factored_softmax import Places

__all__ = [
    "ComposedEmbedding",
    "TiedLoss",
    "begin_with_frequencies",
    "continue_words",
    "finished",
    "is_loss",
]

Tensor = Any

_BUCKETS, _SIZES = 12_007, (3, 4, 5)
_MOST_STEPS = 127.49
_UNSEEN = 0.1  # as often has a token occurred that has not
SHARPNESS = 4.0
"""Logits are that many times the product of two vectors, which are short; a power of two, so that
both uses of a vector are on a grid."""


@keras.saving.register_keras_serializable("faker_neural")
class ComposedEmbedding(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Token ids int32 [batch, length] to vectors float32 [batch, length, size].

    Args:
        tokens: the string of each id.
        pieces: how many of them, at the end, are pieces of words.
        size: of a vector.
        labels: how many more ids there are, each with a vector of its own alone.
        seed: of the weights.
        more: what else Keras' layers take.
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
        """Make the vectors of the n-grams and of the tokens."""
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
        """Return the vector of each id, and the table."""
        table = self.table()
        every = tensorflow.concat([table, self.of_labels], axis=0)
        return tensorflow.gather(every, ids), table

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer again."""
        found = {name: getattr(self, name) for name in ("tokens", "pieces", "size", "labels")}
        return {**super().get_config(), **found, "seed": self.seed}


@keras.saving.register_keras_serializable("faker_neural")
class TiedLoss(keras.layers.Layer):  # type: ignore[misc]
    """The cross-entropy of targets in nats, float32 [batch, length], by the input's vectors.

    Only the logits of a target's class are computed: with 9,000 tokens a step of learning takes
    half the time.

    Args:
        classes: how many tokens each class of a factored softmax has; none for a flat softmax.
        seed: of the weights.
        more: what else Keras' layers take.
    """

    def __init__(self, classes: Sequence[int] = (), seed: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.classes, self.seed = list(classes), seed
        self._places = Places.of(self.classes) if classes else None

    def build(self, inputs: Any) -> None:
        """Make the biases, and the vectors of the classes."""
        (tokens, size), initial = inputs[1], keras.initializers.RandomNormal(0.0, 0.05, self.seed)
        self.of_classes = self.add_weight(shape=(len(self.classes), size), initializer=initial)
        self.bias = self.add_weight(shape=(tokens + len(self.classes),), initializer="zeros")
        self.built = True

    def call(self, inputs: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Return the cross-entropy of each target."""
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
        """Return the shape of the targets."""
        return tuple(inputs[2])

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer again."""
        return {**super().get_config(), "classes": self.classes, "seed": self.seed}


@keras.saving.register_keras_serializable("faker_neural")  # type: ignore[untyped-decorator]
def is_loss(_: Tensor, nats: Tensor) -> Tensor:
    """Return what the network gave, which is its loss."""
    return nats


def begin_with_frequencies(network: keras.Model, counts: NDArray[np.float32]) -> None:
    """Let a network begin with the tokens' frequencies, and with classes like their tokens.

    Args:
        network: one without a TiedLoss stays as it is.
        counts: of each token, [tokens].
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


def continue_words(network: keras.Model, earlier: keras.Model) -> None:
    """Put the weights of an earlier network into a new one, which may have other words.

    Words and labels that both have keep their vectors; those of the others are made of the
    n-grams that the earlier network has learned.

    Args:
        network: as new; its TiedLoss stays so, unless both have the same tokens and classes.
        earlier: of the same sizes.
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


def finished(network: keras.Model, into: keras.Model | None = None) -> keras.Model:
    """Return a network from tokens to logits, of Keras' own layers alone, with equal weights.

    Args:
        network: of a ComposedEmbedding, LSTM layers, a Dense layer and a TiedLoss; any other is
            returned as it is.
        into: what this function returned before, to be given the weights that `network` has now.
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
    """Round to the grid of 127 steps that exact arithmetic would round to, input and output alike.

    So the file can hold one matrix for both.
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
    """Return parts @ ngrams by SciPy, which takes a tenth of TensorFlow's time for it."""
    transposed = parts.T.tocsr()

    def times(matrix: csr_array, dense: Tensor) -> Tensor:
        found = tensorflow.numpy_function(matrix.__matmul__, [dense], tensorflow.float32)
        return tensorflow.ensure_shape(found, (matrix.shape[0], dense.shape[1]))

    @tensorflow.custom_gradient  # type: ignore[untyped-decorator]
    def product(dense: Tensor) -> tuple[Tensor, Any]:
        return times(parts, dense), lambda gradient: times(transposed, gradient)

    return product(ngrams)


def _parts(tokens: Sequence[str], first_piece: int) -> csr_array:
    """Return how much of each n-gram is in each token, float32 [tokens, n-grams]."""
    rows = [
        sorted({zlib.crc32(part.encode()) % _BUCKETS for part in _grams(token, i >= first_piece)})
        for i, token in enumerate(tokens)
    ]
    sizes = np.array([len(row) for row in rows])
    shares = np.repeat(sizes**-0.5, sizes).astype(np.float32)
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    return csr_array((shares, columns, np.append(0, sizes.cumsum())), shape=(len(tokens), _BUCKETS))


def _grams(token: str, piece: bool) -> Iterator[str]:
    """Yield the n-grams of a token; those of a word know where it begins and ends."""
    edges = "++" if piece else "^$"
    text = f"{edges[0]}{token.strip().lower()}{edges[1]}"
    for size in _SIZES:
        for start in range(len(text) - size + 1):
            yield text[start : start + size]
    yield f"{edges}{token}"
    if token.startswith(" "):
        yield "space before"
