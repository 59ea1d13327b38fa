"""The two ends of a network: how token ids enter it, and its logits without the last softmax."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import keras

from faker_neural import ConversionError

__all__ = ["Encode", "Logits", "Tensor", "encoder", "fits", "made_by", "projection"]

Tensor = Any
Encode = Callable[[Tensor], Tensor]
Logits = tuple[Encode, bool]
"""What is done in the place of the last layer, and whether that layer itself gives logits."""


def encoder(path: str | os.PathLike[str], model: keras.Model, tokens: int) -> Encode:
    """Find out how a token id enters: as itself, as a unit vector or as a number below 1.

    Args:
        path: what the model is called in errors.
        model: of one input.
        tokens: how many there are.

    Raises:
        ConversionError: the input is none of these, or is of another number of tokens.
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
    fits(path, "its one-hot input", shape[-1], tokens)
    return lambda token: ops.one_hot(token, tokens, dtype="float32")


def projection(
    path: str | os.PathLike[str], last: keras.layers.Layer, width: int, tokens: int
) -> Logits:
    """Return what the last layer does before its softmax.

    Args:
        path: what the model is called in errors.
        last: Dense or TimeDistributed(Dense) with softmax or no activation, or a softmax alone.
        width: numbers that enter `last`.
        tokens: how many there are.

    Raises:
        ConversionError: it is another layer, or of another number of tokens.
    """
    dense = last.layer if isinstance(last, keras.layers.TimeDistributed) else last
    name = getattr(getattr(dense, "activation", None), "__name__", type(dense).__name__)
    if _is_softmax(dense, name):
        fits(path, f"what enters layer {last.name!r}", width, tokens)
        return lambda x: x, False
    if not isinstance(dense, keras.layers.Dense) or name not in ("softmax", "linear"):
        raise ConversionError(
            path,
            f"its last layer {last.name!r} ({type(last).__name__}, {name}) must be Dense "
            "with softmax or no activation",
        )
    fits(path, f"layer {last.name!r}", dense.units, tokens)

    def project(x: Tensor) -> Tensor:
        product = keras.ops.matmul(x, dense.kernel)
        return product + dense.bias if dense.use_bias else product

    return project, name == "linear"


def fits(path: str | os.PathLike[str], what: str, size: int, tokens: int) -> None:
    """Refuse a size that is not the number of tokens."""
    if size != tokens:
        raise ConversionError(path, f"{what} has {size} tokens, and {tokens} are listed")


def made_by(
    path: str | os.PathLike[str], tensor: Tensor
) -> tuple[keras.layers.Layer, list[Tensor]]:
    """Return the layer that made a symbolic tensor, and what it was made from beside its mask."""
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
    """Say whether ids enter: an Embedding or an operation that takes ids reads the input."""
    layers = model._flatten_layers(include_self=False, recursive=True)
    whole = keras.backend.standardize_dtype(model.inputs[0].dtype).startswith("int")
    return whole or any(isinstance(layer, keras.layers.Embedding) for layer in layers)
