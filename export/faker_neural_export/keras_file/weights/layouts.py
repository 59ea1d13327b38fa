"""Conversion of arrays from older layouts to that of Keras 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.plan.network import Layer

from .hdf5 import Array

__all__ = ["GATES", "modern_layout"]

GATES: Mapping[str, Sequence[str]] = {"LSTM": "icfo", "GRU": "zrh"}  # in Keras 1's order of saving
_ORDER = {"LSTM": "ifco", "GRU": "zrh"}  # in the kernel since Keras 2
_PARTS = {"kernel": "W", "recurrent_kernel": "U", "bias": "b"}
_KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")

Arrays = dict[str, Array]


def modern_layout(layer: Layer, found: Arrays, flipped: bool) -> Arrays:
    """Convert a layer's arrays to the layout of Keras 3.

    Args:
        layer: the layer that owns the arrays.
        found: the arrays, by the names of the weights. The arrays of an LSTM or GRU of Keras 1 are
            named by part and gate, such as "W_i".
        flipped: whether Theano saved the arrays; its convolutions reverse the kernel.

    Returns:
        The arrays, by the names of the weights.

    Raises:
        ReadError: the shapes of the arrays are not those of a known layout.
    """
    if layer.kind in GATES:
        return _from_cudnn(layer, _joined(layer.kind, found))
    if layer.kind in ("Conv1D", "SeparableConv1D"):
        return {
            name: _kernel(layer, array, flipped) if name in _KERNELS else array
            for name, array in found.items()
        }
    return found


def _joined(kind: str, found: Arrays) -> Arrays:
    """Join the gates, which Keras 1 saved as separate arrays."""
    if "W_" + GATES[kind][0] not in found:
        return found
    return {
        name: _concatenated([found[f"{part}_{gate}"] for gate in _ORDER[kind]])
        for name, part in _PARTS.items()
    }


def _concatenated(parts: list[Array]) -> Array:
    if len({part.shape for part in parts}) > 1 or not parts[0].ndim:
        raise ReadError(f"its gates have the shapes {', '.join(str(part.shape) for part in parts)}")
    return np.concatenate(parts, axis=-1)


def _from_cudnn(layer: Layer, found: Arrays) -> Arrays:
    """Convert the layout of CuDNNLSTM and CuDNNGRU, recognised by a bias of twice the size.

    In that layout each gate of a kernel is transposed, and the input bias and the recurrent bias
    are separate.
    """
    gates, bias = len(GATES[layer.kind]), found.get("bias")
    if bias is None or bias.shape != (2 * gates * layer.arguments["units"],):
        return found

    def each_gate(array: Array, turn: Callable[[Array], Array]) -> Array:
        if array.ndim != 2 or array.shape[1] != gates * layer.arguments["units"]:
            return array  # its wrong shape is an error later, where it is used
        return np.concatenate([turn(part) for part in np.split(array, gates, axis=1)], axis=1)

    two = bias.reshape(2, -1)
    return {
        "kernel": each_gate(found["kernel"], lambda part: part.T.reshape(part.shape, order="F")),
        "recurrent_kernel": each_gate(found["recurrent_kernel"], _transposed),
        "bias": two.sum(axis=0) if layer.kind == "LSTM" else two,
    }


def _transposed(array: Array) -> Array:
    if array.shape[0] != array.shape[1]:
        raise ReadError(
            f"its recurrent kernel has a gate of shape {array.shape}; it must be square"
        )
    return array.T


def _kernel(layer: Layer, array: Array, flipped: bool) -> Array:
    """Remove the second spatial axis of a Keras 1 kernel, and undo Theano's reversal."""
    if array.ndim == 4:
        array = _without_second_axis(layer.arguments, array)
    return array[::-1].copy() if flipped else array


def _without_second_axis(arguments: Mapping[str, Any], array: Array) -> Array:
    size, filters = arguments["kernel_size"], arguments["filters"]
    if array.shape[:2] != (size, 1) or array.shape[3] != filters:  # before 1.2, or Theano's axes
        array = array.transpose(2, 3, 1, 0)
    if array.shape[1] != 1:
        raise ReadError(f"kernel shape {array.shape} is not valid in any Keras version")
    return array[:, 0]
