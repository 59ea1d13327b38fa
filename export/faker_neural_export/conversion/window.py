"""A whole Keras model as a graph: from a window of tokens, from noise, or to a score."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from faker_neural import ConversionError, State

from .input_output import (
    RECURRENT,
    Encode,
    Tensor,
    check_one_output,
    encoder,
    masks,
    producer,
    without_softmax,
)

__all__ = ["LatentNetwork", "ScoreNetwork", "WindowNetwork"]


class _OfTokens:
    """A network that reads `window` token ids in each row."""

    window: int

    @cached_property
    def signature(self) -> list[tensorflow.TensorSpec]:
        """The input of the graph: `tokens` int64 [batch, window]."""
        return [tensorflow.TensorSpec([None, self.window], tensorflow.int64, name="tokens")]


class WindowNetwork(_OfTokens):
    """A Keras model that reads the last tokens of a text, without its last softmax.

    Args:
        path: the model's name in errors.
        model: a Sequential or Functional model with one input and one output.
        tokens: the number of tokens.
        window: the number of tokens that the model reads, if its input has no fixed length; else 0.

    Raises:
        ConversionError: it is another kind of model; the message says why.
    """

    contract, states, outputs = "window", list[State](), ("logits",)

    def __init__(
        self, path: str | os.PathLike[str], model: keras.Model, tokens: int, window: int = 0
    ) -> None:
        check_one_output(path, model)
        self.path, self.model, self.tokens = path, model, tokens
        self.window = _window(path, model, window)
        self.encode = encoder(path, model, tokens)
        self._logits, self.gives_logits = _without_softmax(path, model, tokens)

    def function(self, tokens: Tensor) -> tuple[Tensor]:
        """Return the logits of the next token, float32 [batch, tokens].

        Args:
            tokens: int64 [batch, window].
        """
        with _stateless(self.model, unrolled=True):
            return (_at_the_end(self._logits(self.encode(tokens))),)

    def reference(self, tokens: NDArray[Any]) -> NDArray[np.float32]:
        """Return the output of the Keras model for windows, float32 [batch, tokens].

        Args:
            tokens: int64 [batch, window].

        Returns:
            Logits if `gives_logits`, else probabilities.
        """
        with _stateless(self.model, unrolled=False):
            return np.asarray(_at_the_end(self.model(self.encode(tokens), training=False)))


class LatentNetwork:
    """A Keras model from noise to a text, without its last softmax.

    Args:
        path: the model's name in errors.
        model: a model from float32 [batch, noise] to [batch, length, tokens].
        tokens: the number of tokens.

    Raises:
        ConversionError: it is another kind of model; the message says why.
    """

    contract, states, outputs = "latent", list[State](), ("logits",)

    def __init__(self, path: str | os.PathLike[str], model: keras.Model, tokens: int) -> None:
        check_one_output(path, model)
        noise, text = model.inputs[0].shape, model.outputs[0].shape
        if len(noise) != 2 or len(text) != 3 or None in (noise[1], text[1]):
            raise ConversionError(
                path,
                f"maps {noise} to {text}; a generator maps noise [batch, size] to "
                "[batch, length, tokens]",
            )
        self.path, self.model, self.tokens = path, model, tokens
        self.noise, self.length = noise[1], text[1]
        self._logits, self.gives_logits = _without_softmax(path, model, tokens)

    @cached_property
    def signature(self) -> list[tensorflow.TensorSpec]:
        """The input of the graph: `noise` float32 [batch, noise]."""
        return [tensorflow.TensorSpec([None, self.noise], tensorflow.float32, name="noise")]

    def function(self, noise: Tensor) -> tuple[Tensor]:
        """Return the logits of each token of a text, float32 [batch, length, tokens].

        Args:
            noise: float32 [batch, noise], standard normal.
        """
        with _stateless(self.model, unrolled=True):
            shape = (-1, self.length, self.tokens)  # convolutions lose this shape
            return (keras.ops.reshape(self._logits(noise), shape),)

    def reference(self, noise: NDArray[Any]) -> NDArray[np.float32]:
        """Return the output of the Keras model for noise, float32 [batch, length, tokens].

        Args:
            noise: float32 [batch, noise].

        Returns:
            Logits if `gives_logits`, else probabilities.
        """
        return np.asarray(self.model(noise, training=False))


class ScoreNetwork(_OfTokens):
    """A Keras classifier of texts.

    Args:
        path: the model's name in errors.
        model: a model from token ids [batch, length] to a probability, [batch, 1] or [batch].
        tokens: the number of tokens.

    Raises:
        ConversionError: it is another kind of model; the message says why.
    """

    contract, states, outputs = "score", list[State](), ("score",)

    def __init__(self, path: str | os.PathLike[str], model: keras.Model, tokens: int) -> None:
        check_one_output(path, model)
        text, score = model.inputs[0].shape, model.outputs[0].shape
        if len(text) != 2 or text[1] is None or tuple(score[1:]) not in ((1,), ()):
            raise ConversionError(
                path, f"maps {text} to {score}; a classifier maps [batch, length] to [batch, 1]"
            )
        self.path, self.model, self.tokens, self.window = path, model, tokens, text[1]

    def function(self, tokens: Tensor) -> tuple[Tensor]:
        """Return the probability of each text, float32 [batch].

        Args:
            tokens: int64 [batch, window].
        """
        with _stateless(self.model, unrolled=True):
            return (keras.ops.reshape(self.model(tokens, training=False), (-1,)),)

    def reference(self, tokens: NDArray[Any]) -> NDArray[np.float32]:
        """Return the probabilities of the Keras model for texts, float32 [batch].

        Args:
            tokens: int64 [batch, window].
        """
        return np.asarray(self.model(tokens, training=False)).reshape(-1)


def _window(path: str | os.PathLike[str], model: keras.Model, window: int) -> int:
    fixed = model.inputs[0].shape[1] if len(model.inputs[0].shape) > 1 else None
    if fixed is None and not window:
        raise ConversionError(path, "reads texts of any length; say how much: --window 40")
    if fixed is not None and window not in (0, fixed):
        raise ConversionError(path, f"reads {fixed} tokens; window={window} does not fit")
    return int(fixed or window)


def _without_softmax(
    path: str | os.PathLike[str], model: keras.Model, tokens: int
) -> tuple[Encode, bool]:
    """Return a function from the model's input to logits, and whether the model has no softmax."""
    last, sources = producer(path, model.outputs[0])
    if len(sources) != 1:
        raise ConversionError(path, f"its last layer {last.name!r} has {len(sources)} inputs")
    before = keras.Model(model.inputs, sources)
    if isinstance(last, keras.Model):
        after, gives_logits = _without_softmax(path, last, tokens)
    else:
        after, gives_logits = without_softmax(path, last, sources[0].shape[-1], tokens)
    return lambda x: after(_only(before(x, training=False))), gives_logits


def _only(x: Tensor) -> Tensor:
    return x[0] if isinstance(x, list | tuple) else x


def _at_the_end(x: Tensor) -> Tensor:
    """Return the prediction after the last token, if the model predicts after each token."""
    return x if len(x.shape) == 2 else x[:, -1]


@contextmanager
def _stateless(model: keras.Model, *, unrolled: bool) -> Iterator[None]:
    """Start recurrent layers at 0; if `unrolled`, unroll those that have no ONNX operator."""
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    masked = any(masks(layer) for layer in layers)
    recurrent = [layer for layer in layers if isinstance(layer, RECURRENT)]
    before = [(layer.stateful, layer.unroll) for layer in recurrent]
    try:
        for layer in recurrent:
            layer.stateful = False
            layer.unroll = unrolled and (masked or not _has_operator(layer))
            if layer.unroll and layer.go_backwards:
                object.__setattr__(layer, "inner_loop", _reversing(layer))  # not tracked
        yield
    finally:
        for layer, (stateful, unroll) in zip(recurrent, before, strict=True):
            layer.stateful, layer.unroll = stateful, unroll
            vars(layer).pop("inner_loop", None)


def _reversing(layer: keras.layers.Layer) -> Callable[..., Any]:
    """Return the loop of a layer that reads backwards, over a reversed sequence and mask.

    An unrolled loop of Keras itself reverses the steps, and then sets zeros at the masked steps of
    the sequence that is not reversed.
    """
    loop = layer.inner_loop

    def reversed_steps(x: Tensor) -> Tensor:
        return x if x is None else keras.ops.take(x, list(range(x.shape[1]))[::-1], axis=1)

    def inner_loop(sequences: Tensor, initial_state: Any, mask: Any, training: bool = False) -> Any:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        layer.go_backwards = False
        try:
            return loop(reversed_steps(sequences), initial_state, reversed_steps(mask), training)
        finally:
            layer.go_backwards = True

    return inner_loop


def _has_operator(layer: keras.layers.Layer) -> bool:
    """Return whether tf2onnx converts a layer to ONNX's LSTM; other layers become loops."""
    return (
        type(layer) is keras.layers.LSTM
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and not layer.recurrent_dropout
    )
