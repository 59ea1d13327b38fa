"""A Keras stack of layers as a function of one token and the states."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow

from faker_neural import ConversionError, State

__all__ = ["Stack"]

Tensor = Any
Encode = Callable[[Tensor], Tensor]

_CELLS = (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN)
_SKIPPED = (keras.layers.InputLayer, keras.layers.Dropout)
_POINTWISE = (keras.layers.Dense, keras.layers.Activation, keras.layers.Embedding)
_NORMALISING = (keras.layers.LayerNormalization, keras.layers.BatchNormalization)
_DISTRIBUTED = (keras.layers.Dense, keras.layers.Activation, keras.layers.Dropout)
SUPPORTED = (*_CELLS, *_SKIPPED, *_POINTWISE, *_NORMALISING, keras.layers.TimeDistributed)


class Stack:
    """The layers of a Keras model that predicts the next token, its last softmax left out.

    Args:
        path: what the model is called in errors.
        model: a Sequential or Functional model whose layers form one line.
        tokens: how many tokens there are.

    Raises:
        ConversionError: the model is no such stack; the message names the layer.
    """

    def __init__(self, path: str | os.PathLike[str], model: keras.Model, tokens: int) -> None:
        self.path, self.tokens = path, tokens
        self.layers = [layer for layer in _line(path, model) if not isinstance(layer, _SKIPPED)]
        if len(self.layers) < 2:
            raise ConversionError(path, "has no layers between its input and its last one")
        self.encode = self._input(model)
        self.project, self.gives_logits = self._last()
        first = self.layers[0]
        self.padded = isinstance(first, keras.layers.Embedding) and first.mask_zero
        self.states = [
            State(f"state_{i}", size)
            for i, size in enumerate(
                size for layer in self.layers if _is_cell(layer) for size in _state_sizes(layer)
            )
        ]

    def step(self, token: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Take one step.

        Args:
            token: int64 [batch].
            states: float32 [batch, size], as many as `self.states`.

        Returns:
            Logits float32 [batch, tokens], then each state's successor.
        """
        x, remaining, following = self.encode(token), list(states), []
        for layer in self.layers[:-1]:
            if _is_cell(layer):
                count = len(_state_sizes(layer))
                x, successors = layer.cell(x, remaining[:count], training=False)
                del remaining[:count]
                following += successors
            else:
                x = _pointwise(layer, x)
        return self.project(x), *following

    def whole(self, tokens: Tensor) -> Tensor:
        """Run the layers as Keras does, over whole sequences from a zero state.

        Args:
            tokens: int64 [batch, length].

        Returns:
            What the last layer gives: float32 [batch, length, tokens], or [batch, 1, tokens]
            where a recurrent layer keeps only its last output.
        """
        x = self.encode(tokens)
        for layer in self.layers:
            x = _from_zero_state(layer)(x, training=False)
            x = x[0] if isinstance(x, list | tuple) else x  # of return_state
        return x if len(x.shape) == 3 else keras.ops.expand_dims(x, 1)

    def _input(self, model: keras.Model) -> Encode:
        """Find out how a token id enters: as itself, as a unit vector or as a number below 1."""
        count = float(self.tokens)
        if isinstance(self.layers[0], keras.layers.Embedding):
            self._fits("the embedding", self.layers[0].input_dim)
            return lambda token: token
        shape = model.inputs[0].shape
        if len(shape) != 3 or shape[-1] is None:
            raise ConversionError(
                self.path,
                f"its input is {shape}; it must be token ids before an Embedding, one-hot tokens "
                "[batch, length, tokens] or ids divided by their number [batch, length, 1]",
            )
        if shape[-1] != 1:
            self._fits("its one-hot input", shape[-1])
        else:
            return lambda token: keras.ops.expand_dims(keras.ops.cast(token, "float32") / count, -1)
        return lambda token: keras.ops.one_hot(token, self.tokens, dtype="float32")

    def _last(self) -> tuple[Encode, bool]:
        """Give the step of the last layer without its softmax, and whether it had none."""
        last = self.layers[-1]
        dense = last.layer if isinstance(last, keras.layers.TimeDistributed) else last
        activation = getattr(dense, "activation", None)
        names = getattr(activation, "__name__", type(dense).__name__)
        if isinstance(dense, keras.layers.Activation) and names == "softmax":
            before = self.layers[-2]
            self._fits(f"layer {before.name!r}", _width(before))
            return lambda x: x, False
        if not isinstance(dense, keras.layers.Dense) or names not in ("softmax", "linear"):
            raise ConversionError(
                self.path,
                f"its last layer {last.name!r} ({type(last).__name__}, {names}) must be Dense "
                "with softmax or no activation",
            )
        self._fits(f"layer {last.name!r}", dense.units)

        def project(x: Tensor) -> Tensor:
            product = keras.ops.matmul(x, dense.kernel)
            return product + dense.bias if dense.use_bias else product

        return project, names == "linear"

    def _fits(self, what: str, size: int) -> None:
        if size != self.tokens:
            raise ConversionError(
                self.path, f"{what} has {size} tokens, and {self.tokens} are listed"
            )


def unsupported(path: str | os.PathLike[str], layer: str, kind: str) -> ConversionError:
    """Say that a layer of this kind is not known here."""
    names = ", ".join(kind.__name__ for kind in SUPPORTED)
    return ConversionError(
        path, f"layer {layer!r} ({kind}) cannot be taken a token at a time; supported: {names}"
    )


def _line(path: str | os.PathLike[str], model: keras.Model) -> Sequence[keras.layers.Layer]:
    """Give the model's layers from input to output, each known and each fed by the one before."""
    if not getattr(model, "inputs", None):
        raise ConversionError(path, "is not built, or no Sequential or Functional model")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ConversionError(path, "has several inputs or outputs; a stack has one of each")
    line, tensor = [], model.outputs[0]
    while tensor is not None:
        layer, sources = _made_by(path, tensor)
        _check_layer(path, layer)
        if len(sources) > 1:
            raise ConversionError(path, f"layer {layer.name!r} has several inputs")
        tensor = sources[0] if sources else None
        line.append(layer)
    return line[::-1]


def _check_layer(path: str | os.PathLike[str], layer: keras.layers.Layer) -> None:
    """Refuse what is not known, looks across time, or is not computed in float32."""
    distributed = isinstance(layer, keras.layers.TimeDistributed)
    inner, known = (layer.layer, _DISTRIBUTED) if distributed else (layer, SUPPORTED)
    if type(layer) not in SUPPORTED or type(inner) not in known:
        raise unsupported(path, inner.name, type(inner).__name__)
    if getattr(layer, "go_backwards", False):
        raise ConversionError(path, f"layer {layer.name!r} reads a text from its end")
    if isinstance(layer, _NORMALISING):
        axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
        if [axis % len(layer.input.shape) for axis in axes] != [len(layer.input.shape) - 1]:
            raise ConversionError(
                path, f"layer {layer.name!r} normalises axis {layer.axis}, not -1"
            )
    if not isinstance(layer, keras.layers.InputLayer) and inner.compute_dtype != "float32":
        raise ConversionError(
            path, f"layer {layer.name!r} computes in {inner.compute_dtype}, not float32"
        )


def _made_by(
    path: str | os.PathLike[str], tensor: Tensor
) -> tuple[keras.layers.Layer, list[Tensor]]:
    """Give the layer that made a symbolic tensor, and what it was made from beside its mask."""
    history = tensor._keras_history
    if history.tensor_index:
        raise ConversionError(path, f"layer {history.operation.name!r} hands on a state")
    call = history.operation._inbound_nodes[history.node_index].arguments
    given = [call.args, {name: value for name, value in call.kwargs.items() if name != "mask"}]
    sources = [x for x in keras.tree.flatten(given) if isinstance(x, keras.KerasTensor)]
    return history.operation, sources


def _from_zero_state(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Give the layer, or in place of a stateful one its cell in a layer that keeps nothing."""
    if not getattr(layer, "stateful", False):
        return layer
    return keras.layers.RNN(layer.cell, return_sequences=layer.return_sequences)


def _is_cell(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, _CELLS)


def _state_sizes(layer: keras.layers.Layer) -> list[int]:
    sizes = layer.cell.state_size
    return list(sizes) if isinstance(sizes, list | tuple) else [sizes]


def _width(layer: keras.layers.Layer) -> int:
    return int(layer.output.shape[-1])


def _pointwise(layer: keras.layers.Layer, x: Tensor) -> Tensor:
    if isinstance(layer, keras.layers.TimeDistributed):
        return _pointwise(layer.layer, x)
    if isinstance(layer, keras.layers.Embedding):  # Keras' own lookup also serves ids below 0
        return tensorflow.gather(layer.embeddings, x)
    if isinstance(layer, _NORMALISING) and len(layer.input.shape) == 3:
        return layer(x[:, None, :], training=False)[:, 0, :]  # they insist on the built rank
    return layer(x, training=False)
