"""The gates of a recurrent cell, merged into one function of all their columns.

    Split(z) -> Sigmoid, Sigmoid, Tanh, Sigmoid    becomes    Split(Gates(z * scale))

One tanh computes all gates, because sigmoid(x) = 1/2 + 1/2 tanh(x / 2). The scale is 1/2 for a
sigmoid column and 1 for a tanh column. The scales are powers of two and are multiplied into the
weights, so no bit of a product changes. `Gates` is an operator of this package only. The pass
writes it as factor * tanh(x) + offset.
"""

from __future__ import annotations

import numpy as np
import onnx

from .graph import Array
from .source import FloatGraph, attributes

__all__ = ["GATES", "gate_scale", "gates_node", "merge_gates"]

GATES = "Gates"
_SCALES = {"Sigmoid": 0.5, "Tanh": 1.0}


def merge_gates(source: FloatGraph) -> None:
    """Merge the gates of each Split whose outputs are each read by one Sigmoid or Tanh only.

    Args:
        source: the float graph, changed in place.
    """
    for split in [node for node in source.nodes if node.op_type == "Split"]:
        activations = [_only_reader(source, name) for name in split.output]
        widths = _widths(source, split)
        if widths is None or any(a is None or a.op_type not in _SCALES for a in activations):
            continue
        readers = [a for a in activations if a is not None]
        kinds = [a.op_type for a in readers]
        adds, terms = _terms(source, split.input[0])
        scale = gate_scale(kinds, widths)
        made: list[onnx.NodeProto] = []
        z = _sum(source, [_scaled(source, name, scale, made) for name in terms], made)
        gates = gates_node(source, z, kinds, widths)
        again = onnx.NodeProto()
        again.CopyFrom(split)
        again.input[0] = gates.output[0]
        again.output[:] = [a.output[0] for a in readers]
        source.replace([split, *readers, *adds], [*made, gates, again])


def gate_scale(kinds: list[str], widths: list[int]) -> Array:
    """Return the factor that each column must be multiplied by before the node of `gates_node`.

    Args:
        kinds: the activation of each gate, "Sigmoid" or "Tanh".
        widths: the number of columns of each gate.

    Returns:
        float32 [columns]: 1/2 for a sigmoid column, 1 for a tanh column.
    """
    return _columns([_SCALES[kind] for kind in kinds], widths)


def gates_node(source: FloatGraph, z: str, kinds: list[str], widths: list[int]) -> onnx.NodeProto:
    """Return the `Gates` node that computes the sigmoid or tanh of each column.

    Args:
        source: the float graph; the node's constants are added, the node is not.
        z: the name of the columns [..., columns], already multiplied by `gate_scale`.
        kinds: the activation of each gate, "Sigmoid" or "Tanh".
        widths: the number of columns of each gate.
    """
    factor = source.constant(gate_scale(kinds, widths))
    offset = _columns([1 - _SCALES[kind] for kind in kinds], widths)
    return source.node(GATES, [z, factor, source.constant(offset)])


def _columns(values: list[float], widths: list[int]) -> Array:
    return np.repeat(np.array(values, dtype=np.float32), widths)


def _only_reader(source: FloatGraph, name: str) -> onnx.NodeProto | None:
    if source.uses()[name] != 1:
        return None
    return next((node for node in source.nodes if name in node.input), None)


def _widths(source: FloatGraph, split: onnx.NodeProto) -> list[int] | None:
    """Return the output widths of a Split along the last axis; None if they are not fixed."""
    shapes = [source.shapes.get(name) for name in split.output]
    axis = attributes(split).get("axis", 0)
    if any(not shape or shape[-1] is None for shape in shapes):
        return None
    if any(shape and axis not in (-1, len(shape) - 1) for shape in shapes):
        return None
    return [shape[-1] or 0 for shape in shapes if shape]


def _terms(source: FloatGraph, name: str) -> tuple[list[onnx.NodeProto], list[str]]:
    """Return the Add nodes of a sum that have no other reader, and the names of its terms."""
    node = source.producer(name)
    if node is None or node.op_type != "Add" or source.uses()[name] != 1:
        return [], [name]
    adds, terms = [node], []
    for part in node.input:
        inner, found = _terms(source, part)
        adds += inner
        terms += found
    return adds, terms


def _scaled(source: FloatGraph, name: str, scale: Array, made: list[onnx.NodeProto]) -> str:
    """Return a term with scaled columns; constants and weights are scaled without a new node."""
    if name in source.constants:
        return source.constant(source.constants[name] * scale)
    node = source.producer(name)
    weights = None if node is None else source.constants.get(node.input[-1])
    if node is not None and node.op_type == "MatMul" and weights is not None and weights.ndim == 2:
        made.append(source.node("MatMul", [node.input[0], source.constant(weights * scale)]))
    else:
        made.append(source.node("Mul", [name, source.constant(scale)]))
    return str(made[-1].output[0])


def _sum(source: FloatGraph, terms: list[str], made: list[onnx.NodeProto]) -> str:
    """Add the terms, first the constants and those of the token alone: they become one table."""
    by_token = source.depends_only_on_token(made)
    first, *rest = sorted(terms, key=lambda t: (t not in source.constants, t not in by_token))
    for term in rest:
        made.append(source.node("Add", [first, term]))
        first = made[-1].output[0]
    return first
