"""The float graph being read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from .graph import Array, CalibrationRanges, Shape

__all__ = ["FloatGraph", "attributes"]


class FloatGraph:
    """The nodes, constants, shapes and element types of a float graph; nodes can be replaced.

    Args:
        graph: its nodes in topological order, with the shapes that shape inference found.
    """

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.inputs = list(graph.input)
        self.outputs = list(graph.output)
        self.nodes = [node for node in graph.node if node.op_type != "Constant"]
        self.constants: dict[str, Array] = {
            tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer
        }
        for node in graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = _constant(node)
        values = [*graph.value_info, *graph.input, *graph.output]
        self.shapes: dict[str, Shape] = {
            value.name: _shape(value) for value in values if _has_shape(value)
        }
        self.kinds = {value.name: value.type.tensor_type.elem_type for value in values}
        self._new = 0

    def add_calibration(self, observed: CalibrationRanges) -> None:
        """Add the shapes and element types that shape inference did not find.

        Args:
            observed: the shapes and types seen during calibration.

        Raises:
            ValueError: a value had another rank during calibration.
        """
        self.kinds = {**observed.kinds, **{n: kind for n, kind in self.kinds.items() if kind}}
        for name, seen in observed.shapes.items():
            known = self.shapes.get(name) or (None,) * len(seen)
            self.shapes[name] = tuple(
                a if b is None else b for a, b in zip(seen, known, strict=True)
            )

    def input_output_names(self) -> set[str]:
        """Return the names of the inputs and outputs."""
        return {value.name for value in [*self.inputs, *self.outputs]}

    def producer(self, name: str) -> onnx.NodeProto | None:
        """Return the node that computes a value; None for an input or a constant."""
        return next((node for node in self.nodes if name in node.output), None)

    def uses(self) -> Counter[str]:
        """Count how often each value is read, by a node or as an output of the graph."""
        read = Counter(name for node in self.nodes for name in node.input)
        return read + Counter(value.name for value in self.outputs)

    def depends_only_on_token(self, more: Sequence[onnx.NodeProto] = ()) -> set[str]:
        """Return the names of the values that depend on the input `token` and on no other input.

        Args:
            more: nodes that are not yet in the graph, in topological order.
        """
        decided = {"token"} & {value.name for value in self.inputs}
        for node in [*self.nodes, *more]:
            varying = [name for name in node.input if name and name not in self.constants]
            if varying and decided.issuperset(varying):
                decided.update(node.output)
        return decided

    def constant(self, array: Array) -> str:
        """Add a constant and return its name."""
        name = self.name("constant")
        self.constants[name] = array
        return name

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str] = (), **fields: Any
    ) -> onnx.NodeProto:
        """Return a new node that is not yet in the graph.

        Args:
            kind: the ONNX operator.
            inputs: the names of the inputs.
            outputs: the names of the outputs; if empty, one output with a new name.
            fields: the attributes of the node.
        """
        return onnx.helper.make_node(kind, inputs, outputs or [self.name(kind)], **fields)

    def name(self, kind: str) -> str:
        """Return a new name that no value has yet.

        Args:
            kind: the first word of the name.
        """
        self._new += 1
        return f"{kind} {self._new}"

    def replace(self, old: Sequence[onnx.NodeProto], new: Sequence[onnx.NodeProto]) -> None:
        """Replace nodes; then remove all nodes whose outputs have no reader.

        Args:
            old: the nodes to remove, at least one.
            new: the nodes to insert at the position of the first node of `old`.
        """
        at = min(i for i, node in enumerate(self.nodes) if node is old[0])
        self.nodes[at:at] = new
        gone = {id(node) for node in old}
        self.nodes = [node for node in self.nodes if id(node) not in gone]
        self._prune()

    def _prune(self) -> None:
        """Remove the nodes whose outputs have no reader."""
        while True:
            uses = self.uses()
            kept = [node for node in self.nodes if any(uses[name] for name in node.output)]
            if len(kept) == len(self.nodes):
                return
            self.nodes = kept


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node by name, with text as str."""
    values = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def _constant(node: onnx.NodeProto) -> Array:
    (value,) = attributes(node).values()
    if isinstance(value, onnx.TensorProto):
        array: Array = onnx.numpy_helper.to_array(value)
        return array
    return np.array(value, dtype=np.float32 if isinstance(value, float) else np.int64)


def _has_shape(value: onnx.ValueInfoProto) -> bool:
    return bool(value.type.tensor_type.HasField("shape"))


def _shape(value: onnx.ValueInfoProto) -> Shape:
    return tuple(
        size.dim_value if size.HasField("dim_value") else None
        for size in value.type.tensor_type.shape.dim
    )
