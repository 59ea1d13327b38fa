"""The input and the output of a network: the encoding of token ids, the logits before softmax."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import keras

from faker_neural import ConversionError

__all__ = [
    "RECURRENT",
    "Encode",
    "Logits",
    "Tensor",
    "check_one_output",
    "check_token_count",
    "encoder",
    "masks",
    "producer",
    "with_one_output",
    "without_softmax",
]

RECURRENT = (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN, keras.layers.RNN)

Tensor = Any
Encode = Callable[[Tensor], Tensor]
Logits = tuple[Encode, bool]
"""A function from the input of the last layer to logits, and whether that layer has no softmax."""


def encoder(path: str | os.PathLike[str], model: keras.Model, tokens: int) -> Encode:
    """Return a function from token ids to the input of a model.

    A model reads ids, one-hot vectors, or ids divided by the number of tokens.

    Args:
        path: the model's name in errors.
        model: a model with one input.
        tokens: the number of tokens.

    Raises:
        ConversionError: the model reads no such input, or its one-hot vectors have another size.
    """
    shape, ops = model.inputs[0].shape, keras.ops
    if len(shape) == 2 and _embeds(model):
        return lambda token: token
    if len(shape) != 3 or shape[-1] is None:
        raise ConversionError(
            path,
            f"its input is {shape}; it must be token ids before an Embedding, one-hot tokens "
            "[batch, length, tokens] or ids divided by their number [batch, length, 1]",
        )
    if shape[-1] == 1:
        return lambda token: ops.expand_dims(ops.cast(token, "float32") / float(tokens), -1)
    check_token_count(path, "its one-hot input", shape[-1], tokens)
    return lambda token: ops.one_hot(token, tokens, dtype="float32")


def masks(layer: keras.layers.Layer) -> bool:
    """Return whether a layer masks steps, which later layers then skip."""
    return isinstance(layer, keras.layers.Masking) or bool(getattr(layer, "mask_zero", False))


def with_one_output(model: keras.Model, tokens: int) -> keras.Model:
    """Return the part of a model that ends in logits or probabilities of tokens.

    Some models also return what enters their last layer or their attention.

    Args:
        model: a model with one input and one or more outputs.
        tokens: the number of tokens.

    Returns:
        The model itself if it has one output, or if not exactly one output has `tokens` as its last
        size.
    """
    if not getattr(model, "inputs", None) or isinstance(model, keras.Sequential):
        return model
    if isinstance(model.output, keras.KerasTensor):
        return model
    fitting = [output for output in model.outputs if output.shape[-1] == tokens]
    single = len(model.inputs) == len(fitting) == 1
    return keras.Model(model.inputs[0], fitting[0]) if single else model


def without_softmax(
    path: str | os.PathLike[str], last: keras.layers.Layer, width: int, tokens: int
) -> Logits:
    """Return the last layer without its softmax, and whether it had no softmax.

    Args:
        path: the model's name in errors.
        last: the last layer: Dense or TimeDistributed(Dense) with softmax or no activation, or a
            softmax layer.
        width: the last size of the layer's input.
        tokens: the number of logits: tokens, and classes of a factored softmax.

    Raises:
        ConversionError: it is another layer, or it has another number of tokens.
    """
    dense = last.layer if isinstance(last, keras.layers.TimeDistributed) else last
    name = getattr(getattr(dense, "activation", None), "__name__", type(dense).__name__)
    if _is_softmax(dense, name):
        check_token_count(path, f"what enters layer {last.name!r}", width, tokens)
        return lambda x: x, False
    if not isinstance(dense, keras.layers.Dense) or name not in ("softmax", "linear"):
        raise ConversionError(
            path,
            f"its last layer {last.name!r} ({type(last).__name__}, {name}) must be Dense "
            "with softmax or no activation",
        )
    check_token_count(path, f"layer {last.name!r}", dense.units, tokens)

    def project(x: Tensor) -> Tensor:
        product = keras.ops.matmul(x, dense.kernel)
        return product + dense.bias if dense.use_bias else product

    return project, name == "linear"


def check_one_output(path: str | os.PathLike[str], model: keras.Model) -> None:
    """Check that a model is built, and has one input and one output.

    Args:
        path: the model's name in errors.
        model: a Sequential or Functional model.

    Raises:
        ConversionError: the model is of another class, is not built, or has several.
    """
    if not getattr(model, "inputs", None):
        raise ConversionError(
            path,
            "is not built, or no Sequential or Functional model; build one of its layers: "
            "keras.Sequential([keras.Input((None,)), *layers])",
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ConversionError(
            path,
            "has several inputs or outputs; choose one of each: "
            "keras.Model(model.inputs[0], model.outputs[0])",
        )


def check_token_count(path: str | os.PathLike[str], what: str, size: int, tokens: int) -> None:
    """Check that a size is the number of tokens.

    Args:
        path: the model's name in errors.
        what: the name of the part that has the size.
        size: the size.
        tokens: the number of tokens.

    Raises:
        ConversionError: the size differs.
    """
    if size != tokens:
        raise ConversionError(path, f"{what} has {size} tokens, and {tokens} are listed")


def producer(
    path: str | os.PathLike[str], tensor: Tensor
) -> tuple[keras.layers.Layer, list[Tensor]]:
    """Return the layer that computes a symbolic tensor, and the layer's inputs without masks.

    Args:
        path: the model's name in errors.
        tensor: a tensor of a Functional model.

    Raises:
        ConversionError: the tensor is not the first output of the layer, so it is a state.
    """
    history = tensor._keras_history
    if history.tensor_index:
        raise ConversionError(path, f"layer {history.operation.name!r} hands on a state")
    call = history.operation._inbound_nodes[history.node_index].arguments
    given = [call.args, {name: value for name, value in call.kwargs.items() if name != "mask"}]
    sources = [x for x in keras.tree.flatten(given) if isinstance(x, keras.KerasTensor)]
    return history.operation, sources


def _is_softmax(layer: keras.layers.Layer, activation: str) -> bool:
    return isinstance(layer, keras.layers.Softmax) or (
        isinstance(layer, keras.layers.Activation) and activation == "softmax"
    )


def _embeds(model: keras.Model) -> bool:
    """Return whether a model reads ids: it has an integer input or an Embedding."""
    layers = model._flatten_layers(include_self=False, recursive=True)
    whole = keras.backend.standardize_dtype(model.inputs[0].dtype).startswith("int")
    return whole or any(isinstance(layer, keras.layers.Embedding) for layer in layers)
