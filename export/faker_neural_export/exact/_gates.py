"""The gates of a cell, brought to one function of all their columns.

    Split(z) -> Sigmoid, Sigmoid, Tanh, Sigmoid    becomes    Split(Gates(z * scale))

since sigmoid(x) = 1/2 + 1/2 tanh(x / 2): with a scale of 1/2 or 1 a column, one tanh serves all
gates. The scales are powers of two and go into the weights, which changes no bit of a product.
`Gates` is a node of this package alone; the pass writes it as what it stands for.
"""

from __future__ import annotations

import numpy as np
import onnx

from ._graph import Array
from ._source import FloatGraph, attributes

__all__ = ["GATES", "gate_scale", "merge_gates", "merged"]

GATES = "Gates"
_SCALES = {"Sigmoid": 0.5, "Tanh": 1.0}


def merge_gates(source: FloatGraph) -> None:
    """Merge the gates of every Split whose outputs all go to a Sigmoid or a Tanh and no further."""
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
        gates = merged(source, z, kinds, widths)
        again = onnx.NodeProto()
        again.CopyFrom(split)
        again.input[0] = gates.output[0]
        again.output[:] = [a.output[0] for a in readers]
        source.replace([split, *readers, *adds], [*made, gates, again])


def gate_scale(kinds: list[str], widths: list[int]) -> Array:
    """Return what each column is multiplied with before `merged`."""
    return _columns([_SCALES[kind] for kind in kinds], widths)


def merged(source: FloatGraph, z: str, kinds: list[str], widths: list[int]) -> onnx.NodeProto:
    """Make the node whose columns are the sigmoid or tanh of what `gate_scale` scaled to z."""
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
    """Return the widths of a Split of the last axis, if they are fixed."""
    shapes = [source.shapes.get(name) for name in split.output]
    axis = attributes(split).get("axis", 0)
    if any(not shape or shape[-1] is None for shape in shapes):
        return None
    if any(shape and axis not in (-1, len(shape) - 1) for shape in shapes):
        return None
    return [shape[-1] or 0 for shape in shapes if shape]


def _terms(source: FloatGraph, name: str) -> tuple[list[onnx.NodeProto], list[str]]:
    """Take a sum apart: the Add nodes that nothing else reads, and what they add up."""
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
    """Multiply a term's columns, in the weights where it is a product."""
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
    """Add up, first what is constant and what the token alone decides: that becomes one table."""
    by_token = source.decided_by_token(made)
    first, *rest = sorted(terms, key=lambda t: (t not in source.constants, t not in by_token))
    for term in rest:
        made.append(source.node("Add", [first, term]))
        first = made[-1].output[0]
    return first
