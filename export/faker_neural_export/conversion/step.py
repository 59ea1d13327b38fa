"""A Keras stack of layers as a function from one token and the states to logits and states."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property

import keras
import numpy as np
import tensorflow

from faker_neural import ConversionError, State

from .input_output import (
    RECURRENT,
    Encode,
    Tensor,
    check_one_output,
    check_token_count,
    encoder,
    masks,
    producer,
    without_softmax,
)

__all__ = ["NotStepwiseError", "StepNetwork"]

_CELLS = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)
_SKIPPED = (
    keras.layers.InputLayer,
    keras.layers.Identity,
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.AlphaDropout,
    keras.layers.ActivityRegularization,
)
_POINTWISE = (
    keras.layers.Dense,
    keras.layers.Activation,
    keras.layers.Embedding,
    keras.layers.Softmax,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
)
_NORMALISING = (
    keras.layers.LayerNormalization,
    keras.layers.BatchNormalization,
    keras.layers.RMSNormalization,
    keras.layers.UnitNormalization,
)
_OF_ONE_RANK = (*_NORMALISING, keras.layers.PReLU)
_DISTRIBUTED = (keras.layers.Dense, keras.layers.Activation, keras.layers.Dropout)
_SUPPORTED = (
    *RECURRENT,
    *_SKIPPED,
    *_POINTWISE,
    *_OF_ONE_RANK,
    keras.layers.Masking,
    keras.layers.TimeDistributed,
)


class NotStepwiseError(ConversionError):
    """A model cannot run one token at a time; `problem` names the layer."""


class StepNetwork:
    """The layers of a Keras model that predicts the next token, without the last softmax.

    Args:
        path: the model's name in errors.
        model: a Sequential or Functional model whose layers form one chain.
        tokens: the number of tokens.
        labels: the number of label ids after the token ids. A label begins a text and is never
            predicted.
        classes: the number of class logits after the token logits.
        id_0_is_free: no text has the id 0, so a layer may mask it.

    Raises:
        NotStepwiseError: a layer combines several time steps or masks a token, or the layers form
            no chain.
        ConversionError: the model cannot be converted for any contract.
    """

    contract = "step"

    def __init__(
        self,
        path: str | os.PathLike[str],
        model: keras.Model,
        tokens: int,
        labels: int = 0,
        classes: int = 0,
        *,
        id_0_is_free: bool = True,
    ) -> None:
        self.path, self.model = path, model
        self.tokens, self.ids = tokens, tokens + labels
        self.layers = [layer for layer in _line(path, model) if type(layer) not in _SKIPPED]
        if len(self.layers) < 2:
            raise ConversionError(path, "has no layers between its input and its last one")
        first = self.layers[0]
        self.encode = encoder(path, model, tokens)
        _check_masks(path, self.layers, self.encode, tokens, id_0_is_free)
        last = self.layers[-1]
        self.project, self.gives_logits = without_softmax(
            path, last, _width(last), tokens + classes
        )
        if classes and not self.gives_logits:
            raise ConversionError(path, "has classes, and its last layer must be without softmax")
        if isinstance(first, keras.layers.Embedding) and first.input_dim < self.ids:
            check_token_count(path, "the embedding", first.input_dim, self.ids)
        if labels and not isinstance(first, keras.layers.Embedding):
            raise ConversionError(path, "has labels, which only an Embedding can be fed")
        self.states = [
            State(f"state_{i}", size)
            for i, size in enumerate(
                size
                for layer in self.layers
                for cell in _cells(layer)
                for size in _state_sizes(cell)
            )
        ]

    @cached_property
    def signature(self) -> list[tensorflow.TensorSpec]:
        """The inputs of the graph: `token` int64 [batch], each state float32 [batch, size]."""
        return [
            tensorflow.TensorSpec([None], tensorflow.int64, name="token"),
            *(
                tensorflow.TensorSpec([None, state.size], tensorflow.float32, name=state.name)
                for state in self.states
            ),
        ]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs of the graph."""
        return ("logits", *(state.successor for state in self.states))

    def step(self, token: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Run one step.

        Args:
            token: int64 [batch].
            states: float32 [batch, size] each, in the order of `self.states`.

        Returns:
            Logits float32 [batch, tokens + classes], then the next states.
        """
        x, remaining, following = self.encode(token), list(states), []
        for layer in self.layers[:-1]:
            for cell in _cells(layer):
                count = len(_state_sizes(cell))
                x, successors = cell(x, remaining[:count], training=False)
                del remaining[:count]
                following += successors
            if not isinstance(layer, RECURRENT):
                x = _pointwise(layer, x)
        return self.project(x), *following

    function = step

    def whole(self, tokens: Tensor) -> Tensor:
        """Run the Keras layers on whole sequences from a zero state.

        Args:
            tokens: int64 [batch, length].

        Returns:
            The output of the last layer, float32 [batch, length, tokens + classes]. The length is
            1 if a recurrent layer returns only its last output.
        """
        x = self.encode(tokens)
        for layer in self.layers:
            x = _from_zero_state(layer)(x, training=False)
            x = x[0] if isinstance(x, list | tuple) else x  # return_state adds states
        return x if len(x.shape) == 3 else keras.ops.expand_dims(x, 1)


def _line(path: str | os.PathLike[str], model: keras.Model) -> Sequence[keras.layers.Layer]:
    """Return the model's layers from input to output; check that they form a supported chain."""
    check_one_output(path, model)
    line, tensor = [], model.outputs[0]
    while tensor is not None:
        layer, sources = producer(path, tensor)
        _check_layer(path, layer)
        if len(sources) > 1:
            raise NotStepwiseError(path, f"layer {layer.name!r} has several inputs")
        tensor = sources[0] if sources else None
        line.append(layer)
    return line[::-1]


def _check_layer(path: str | os.PathLike[str], layer: keras.layers.Layer) -> None:
    """Check that a layer is supported, combines no time steps, and computes in float32."""
    distributed = isinstance(layer, keras.layers.TimeDistributed)
    inner, known = (layer.layer, _DISTRIBUTED) if distributed else (layer, _SUPPORTED)
    unknown = [cell for cell in _cells(layer) if type(cell) not in _CELLS]
    if type(layer) in _SKIPPED:
        return
    if type(layer) not in _SUPPORTED or type(inner) not in known or unknown:
        named = unknown[0] if unknown else inner
        name = getattr(named, "name", layer.name)  # a cell need not be a layer
        raise NotStepwiseError(
            path, f"layer {name!r} ({type(named).__name__}) cannot be taken a token at a time"
        )
    if getattr(layer, "go_backwards", False):
        raise NotStepwiseError(path, f"layer {layer.name!r} reads a text from its end")
    _check_axes(path, layer)
    for each in (inner, *_cells(layer)):
        if each.compute_dtype != "float32":
            raise ConversionError(
                path, f"layer {layer.name!r} computes in {each.compute_dtype}, not float32"
            )


def _check_axes(path: str | os.PathLike[str], layer: keras.layers.Layer) -> None:
    """Check that a layer does the same at each time step."""
    if isinstance(layer, _NORMALISING):
        axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
        if [axis % len(layer.input.shape) for axis in axes] != [len(layer.input.shape) - 1]:
            raise NotStepwiseError(
                path, f"layer {layer.name!r} normalises axis {layer.axis}, not -1"
            )
    if isinstance(layer, keras.layers.PReLU) and layer.alpha.shape[:-1] not in ((), (1,)):
        raise NotStepwiseError(path, f"layer {layer.name!r} has other slopes at each time step")


def _check_masks(
    path: str | os.PathLike[str],
    layers: Sequence[keras.layers.Layer],
    encode: Encode,
    tokens: int,
    id_0_is_free: bool,
) -> None:
    """Check that no layer masks a token: Keras would skip it, and a step reads it.

    Args:
        path: the model's name in errors.
        layers: the layers, from the input on.
        encode: makes the input of the model from ids [tokens, 1].
        tokens: the number of tokens.
        id_0_is_free: no text has the id 0, so it may be masked.
    """
    first, *others = layers
    if later := [layer for layer in others if isinstance(layer, keras.layers.Masking)]:
        raise NotStepwiseError(path, f"layer {later[0].name!r} (Masking) is not the first layer")
    mask = first.compute_mask(encode(np.arange(tokens)[:, None])) if masks(first) else None
    masked = [] if mask is None else np.flatnonzero(~np.asarray(mask)).tolist()
    if named := masked[id_0_is_free and masked[:1] == [0] :]:
        raise NotStepwiseError(
            path, f"layer {first.name!r} masks the id {named[0]}, and a token has this id"
        )


def _from_zero_state(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer; if it is stateful, its cell in a layer that is not."""
    if not getattr(layer, "stateful", False):
        return layer
    return keras.layers.RNN(layer.cell, return_sequences=layer.return_sequences)


def _width(layer: keras.layers.Layer) -> int:
    return int(layer.input.shape[-1])


def _cells(layer: keras.layers.Layer) -> Sequence[keras.layers.Layer]:
    """Return the cells of a recurrent layer, in the order in which they run; else nothing."""
    if not isinstance(layer, RECURRENT):
        return ()
    stacked = isinstance(layer.cell, keras.layers.StackedRNNCells)
    return layer.cell.cells if stacked else (layer.cell,)


def _state_sizes(cell: keras.layers.Layer) -> list[int]:
    sizes = cell.state_size
    return list(sizes) if isinstance(sizes, list | tuple) else [sizes]


def _pointwise(layer: keras.layers.Layer, x: Tensor) -> Tensor:
    if isinstance(layer, keras.layers.Masking):  # it masks no token
        return x
    if isinstance(layer, keras.layers.TimeDistributed):
        return _pointwise(layer.layer, x)
    if isinstance(layer, keras.layers.Embedding):  # Keras' own lookup also accepts ids below 0
        return tensorflow.gather(layer.embeddings, x)
    if isinstance(layer, _OF_ONE_RANK) and len(layer.input.shape) == 3:
        return layer(x[:, None, :], training=False)[:, 0, :]  # they require the built rank
    return layer(x, training=False)
