"""The graph being written, and its values."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

__all__ = ["FLOAT", "Array", "CalibrationRanges", "Graph", "InexactError", "Value"]

FLOAT = onnx.TensorProto.FLOAT
Array = NDArray[Any]
Shape = tuple[int | None, ...]


class InexactError(Exception):
    """A part of a graph cannot be written in exact arithmetic; the text names the part."""


@dataclass(frozen=True, slots=True)
class CalibrationRanges:
    """The ranges, shapes and types of a float graph's values on real input, by name.

    Args:
        largest: the largest absolute element of each float32 value.
        shapes: the shape of each value; None for a size that differed between batches.
        kinds: the element type of each value, as an ONNX type number.
    """

    largest: Mapping[str, float]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph being written.

    Args:
        name: its name in the graph.
        bound: a proven upper bound of the absolute value of every element; infinity if unknown.
        observed: the largest absolute value seen during calibration; infinity if unknown.
        shape: the sizes, None for a size that is not fixed; None if the rank is unknown.
        kind: the element type, as an ONNX type number; None if unknown.
        constant: the elements of a constant; None for any other value.
    """

    name: str
    bound: float = math.inf
    observed: float = math.inf
    shape: Shape | None = None
    kind: int | None = FLOAT
    constant: Array | None = None

    @property
    def grid_range(self) -> float:
        """The largest absolute value that a grid must hold; larger values are clipped."""
        return min(self.bound, self.observed)

    def size(self, axis: int) -> int:
        """Return the size of an axis.

        Args:
            axis: the index of the axis; negative counts from the end.

        Raises:
            InexactError: the size is not fixed.
        """
        size = None if self.shape is None else self.shape[axis]
        if size is None:
            raise InexactError(f"a sum along an axis of open size ({self.name})")
        return size


class Graph:
    """The nodes and constants of a graph, in the order they are added.

    Equal constants are stored once.

    Args:
        prefix: the prefix of every name. A loop body needs its own prefix, so that its names
            differ from the names of the outer graph.
        taken: names that already exist. The prefix grows until no constant can get such a name.
    """

    def __init__(self, prefix: str = "", taken: Collection[str] = ()) -> None:
        while any(name.startswith(f"{prefix}constant_") for name in taken):
            prefix += "_"
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._names: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def constant(self, array: Array) -> str:
        """Add a constant with these elements, or find the equal one; return its name."""
        content = array.dtype.str, array.shape, array.tobytes()
        if content not in self._names:
            name = f"{self.prefix}constant_{len(self._names)}"
            self._names[content] = name
            self.constants[name] = onnx.numpy_helper.from_array(array.copy(order="C"), name)
        return self._names[content]

    def scalar(self, number: float) -> str:
        """Add a float32 scalar constant, or find the equal one; return its name."""
        return self.constant(np.array(number, dtype=np.float32))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return the name of the output.

        Args:
            kind: the ONNX operator.
            inputs: the names of the inputs, "" for an input left out.
            attributes: the attributes of the node.
        """
        return self.ops(kind, inputs, 1, **attributes)[0]

    def ops(self, kind: str, inputs: Any, outputs: int, **attributes: Any) -> list[str]:
        """Add a node and return the names of its outputs.

        Args:
            kind: the ONNX operator.
            inputs: the names of the inputs, "" for an input left out.
            outputs: the number of outputs, 1 or more.
            attributes: the attributes of the node.
        """
        name = f"{self.prefix}{kind}_{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), names, name, **attributes))
        return names

    def finish(
        self,
        name: str,
        inputs: list[onnx.ValueInfoProto],
        outputs: list[onnx.ValueInfoProto],
        results: list[str],
    ) -> onnx.GraphProto:
        """Return the graph, with each result renamed to its output.

        Constants that no node reads are left out.

        Args:
            name: the name of the graph.
            inputs: the inputs of the graph.
            outputs: the outputs of the graph.
            results: the name of the value for each output, in the same order.

        Raises:
            ValueError: there are not as many results as outputs.
        """
        made = {output for node in self.nodes for output in node.output}
        names: dict[str, str] = {}
        for output, result in zip(outputs, results, strict=True):
            if result not in made or result in names:
                result = self.op("Identity", result)
            names[result] = output.name
        for node in self.nodes:
            node.input[:] = [names.get(value, value) for value in node.input]
            node.output[:] = [names.get(value, value) for value in node.output]
        used = {value for node in self.nodes for value in node.input}
        constants = [tensor for key, tensor in self.constants.items() if key in used]
        return onnx.helper.make_graph(self.nodes, name, inputs, outputs, constants)
