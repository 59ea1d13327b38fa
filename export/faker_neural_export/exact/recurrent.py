"""LSTM and GRU operators as Scans over a cell, still in float.

One product multiplies the inputs of all steps. A Scan then runs its body once for each step and
carries the states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from .gates import gate_scale, gates_node
from .graph import Array, InexactError
from .source import FloatGraph, attributes

__all__ = ["expand_recurrent"]

_DEFAULTS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}
_LSTM_GATES = ["Sigmoid", "Sigmoid", "Sigmoid", "Tanh"]  # i, o, f, c


def expand_recurrent(source: FloatGraph) -> None:
    """Replace every LSTM and GRU operator with Scans.

    Args:
        source: the float graph, changed in place.

    Raises:
        InexactError: an operator has peepholes, a clip, lengths, coupled gates (input_forget),
            another layout than 0, weights that are not constant, or activations that are not the
            default.
    """
    for node in [node for node in source.nodes if node.op_type in _DEFAULTS]:
        source.replace([node], _expanded(source, node))


_READS_BACKWARDS = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}


@dataclass(frozen=True, slots=True)
class _Direction:
    """The weights of one direction of a recurrent operator, as right factors of products.

    Args:
        kernel: [inputs, gates x units].
        recurrent: [units, gates x units].
        bias: [gates x units], added to the product with `kernel`.
        recurrent_bias: [gates x units], added to the product with `recurrent`.
        reverse: whether this direction reads the sequence from its end.
    """

    kernel: Array
    recurrent: Array
    bias: Array
    recurrent_bias: Array
    reverse: bool

    @property
    def units(self) -> int:
        return int(self.recurrent.shape[0])


def _expanded(source: FloatGraph, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    given = attributes(node)
    _check(source, node, given)
    made = _Nodes(source)
    ends = [_scan(made, node, d, *rest) for d, rest in enumerate(_directions(source, node, given))]
    for output, parts, axis in zip(node.output, zip(*ends, strict=True), (1, 0, 0), strict=False):
        if output:
            made.add("Concat", list(parts), output, axis=axis)
    return made.nodes


def _scan(
    made: _Nodes, node: onnx.NodeProto, d: int, weights: _Direction, body: onnx.GraphProto
) -> list[str]:
    """Add one direction; return its outputs [steps, 1, batch, units] and each last state.

    A last state is [1, batch, units].
    """
    product = made.add("MatMul", [node.input[0], made.constant(weights.kernel)])
    z = _ordered(made, made.add("Add", [product, made.constant(weights.bias)]), weights)
    count = len(body.input) - 1
    states = [_initial(made, node, 5 + i, d, weights.units) for i in range(count)]
    names = [made.source.name("state") for _ in states]
    sequence = made.source.name("sequence")
    made.add(
        "Scan",
        [*states, z],
        *names,
        sequence,
        body=body,
        num_scan_inputs=1,
    )
    sequence = _ordered(made, sequence, weights)
    axes = [made.constant(np.array([axis], dtype=np.int64)) for axis in (1, *[0] * count)]
    return [
        made.add("Unsqueeze", [name, axis])
        for name, axis in zip([sequence, *names], axes, strict=True)
    ]


def _ordered(made: _Nodes, sequence: str, weights: _Direction) -> str:
    """Reverse a sequence [steps, ...] if the direction reads it from its end.

    Scan has attributes for this, but the reference evaluator of onnx does not support them.
    """
    if not weights.reverse:
        return sequence
    ends = [made.constant(np.array([n])) for n in (-1, np.iinfo(np.int64).min, 0, -1)]
    return made.add("Slice", [sequence, *ends])


def _check(source: FloatGraph, node: onnx.NodeProto, given: dict[str, Any]) -> None:
    """Raise InexactError for options that the cells below do not implement."""
    default = _DEFAULTS[node.op_type]
    found = given.get("activations", default)
    if any(kind != default[i % len(default)] for i, kind in enumerate(found)):
        raise InexactError(f"{node.op_type} with activations {', '.join(found)}")
    for name in ("clip", "input_forget", "layout"):
        if given.get(name):
            raise InexactError(f"{node.op_type} with {name}={given[name]}")
    for place, what in ((4, "lengths"), (7, "peepholes")):
        if len(node.input) > place and node.input[place]:
            raise InexactError(f"{node.op_type} with {what}")
    for name in node.input[1:4]:
        if name and name not in source.constants:
            raise InexactError(f"{node.op_type} with weights that are computed")


def _directions(
    source: FloatGraph, node: onnx.NodeProto, given: dict[str, Any]
) -> list[tuple[_Direction, onnx.GraphProto]]:
    """Return the weights and the Scan body of each direction."""
    name = given.get("direction", "forward")
    kernel, recurrent = (source.constants[i] for i in node.input[1:3])
    biases = np.zeros((len(kernel), 2 * kernel.shape[1]), dtype=np.float32)
    if len(node.input) > 3 and node.input[3]:
        biases = source.constants[node.input[3]]
    units = recurrent.shape[2]
    lstm = node.op_type == "LSTM"
    scale = gate_scale(_LSTM_GATES, [units] * 4) if lstm else np.ones(3 * units, np.float32)
    found = []
    for d, reverse in enumerate(_READS_BACKWARDS[name]):
        bias, recurrent_bias = np.split(biases[d], 2)
        matrices = kernel[d].T * scale, recurrent[d].T * scale
        weights = _Direction(*matrices, bias * scale, recurrent_bias * scale, reverse)
        found.append((weights, _lstm(weights) if lstm else _gru(weights, given)))
    return found


def _initial(made: _Nodes, node: onnx.NodeProto, i: int, d: int, units: int) -> str:
    """Return the name of a direction's initial state [batch, units], 0 if none is given."""
    if len(node.input) > i and node.input[i]:
        return made.add("Gather", [node.input[i], made.constant(np.array(d))], axis=0)
    batch = made.add("Shape", [node.input[0]], start=1, end=2)
    shape = made.add("Concat", [batch, made.constant(np.array([units]))], axis=0)
    return made.add("ConstantOfShape", [shape])


class _Nodes:
    """New nodes, for a Scan body or in place of an operator."""

    def __init__(self, source: FloatGraph) -> None:
        self.source = source
        self.nodes: list[onnx.NodeProto] = []
        self.constant = source.constant

    def add(self, kind: str, inputs: list[str], *outputs: str, **fields: Any) -> str:
        self.nodes.append(self.source.node(kind, inputs, outputs, **fields))
        return str(self.nodes[-1].output[0])


def _lstm(weights: _Direction) -> onnx.GraphProto:
    """Return one step of an LSTM; z [batch, 4 x units] is x @ kernel + bias for i, o, f, c."""
    n = weights.units
    body = _Nodes(_body(4 * n, [("h", n), ("c", n)]))
    product = body.add("MatMul", [_clipped(body, "h"), body.constant(weights.recurrent)])
    product = body.add("Add", [product, body.constant(weights.recurrent_bias)])
    z = body.add("Add", ["z", product])
    body.nodes.append(gates_node(body.source, z, _LSTM_GATES, [n] * 4))
    body.add("Split", [body.nodes[-1].output[0]], "i", "o", "f", "g", axis=1, num_outputs=4)
    kept = body.add("Mul", ["f", "c"])
    body.add("Add", [kept, body.add("Mul", ["i", "g"])], "c next")
    body.add("Mul", ["o", body.add("Tanh", ["c next"])], "h next")
    return _finished(body)


def _gru(weights: _Direction, given: dict[str, Any]) -> onnx.GraphProto:
    """Return one step of a GRU; z [batch, 3 x units] is x @ kernel + bias for z, r, h."""
    n = weights.units
    body = _Nodes(_body(3 * n, [("h", n)]))

    def recurrent(state: str, columns: slice) -> str:
        product = body.add("MatMul", [state, body.constant(weights.recurrent[:, columns])])
        return body.add("Add", [product, body.constant(weights.recurrent_bias[columns])])

    h = _clipped(body, "h")
    body.add("Split", ["z", body.constant(np.array([2 * n, n]))], "x gates", "x h", axis=1)
    gates = body.add("Add", ["x gates", recurrent(h, slice(0, 2 * n))])
    body.add("Split", [body.add("Sigmoid", [gates])], "update", "reset", axis=1, num_outputs=2)
    if given.get("linear_before_reset"):
        inner = body.add("Mul", ["reset", recurrent(h, slice(2 * n, None))])
    else:
        inner = recurrent(body.add("Mul", ["reset", h]), slice(2 * n, None))
    candidate = body.add("Tanh", [body.add("Add", ["x h", inner])])
    one = body.constant(np.array(1, dtype=np.float32))
    new = body.add("Mul", [body.add("Sub", [one, "update"]), candidate])
    body.add("Add", [new, body.add("Mul", ["update", h])], "h next")
    return _finished(body)


def _body(z: int, states: list[tuple[str, int]]) -> FloatGraph:
    """Return an empty body from states and z to next states and output, all [batch, size]."""

    def value(name: str, size: int) -> onnx.ValueInfoProto:
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, size])

    inputs = [value(name, size) for name, size in [*states, ("z", z)]]
    outputs = [value(f"{name} next", size) for name, size in states]
    outputs.append(value("output", states[0][1]))
    return FloatGraph(onnx.helper.make_graph([], "step", inputs, outputs))


def _clipped(body: _Nodes, state: str) -> str:
    """Clip h to [-1, 1], which it never leaves, so that the pass knows its bound."""
    low, high = (body.constant(np.array(x, dtype=np.float32)) for x in (-1, 1))
    return body.add("Clip", [state, low, high])


def _finished(body: _Nodes) -> onnx.GraphProto:
    body.add("Identity", ["h next"], "output")
    source = body.source
    constants = [onnx.numpy_helper.from_array(a, name) for name, a in source.constants.items()]
    return onnx.helper.make_graph(body.nodes, "step", source.inputs, source.outputs, constants)
