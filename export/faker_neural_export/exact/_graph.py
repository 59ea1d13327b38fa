"""The graph being written, and the values in it."""

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
    """A graph has something in it that has no exact form here; the text names it."""


@dataclass(frozen=True, slots=True)
class CalibrationRanges:
    """What the values of a float graph were on real input, by name.

    Args:
        largest: the largest absolute value of each float32 value.
        shapes: sizes, None for those that differed between batches of several sizes.
        kinds: element types, as ONNX numbers them.
    """

    largest: Mapping[str, float]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph being written.

    Args:
        name: in the graph.
        bound: no element is ever larger in absolute value.
        observed: the largest absolute value that calibration saw.
        shape: None for sizes that are not fixed, or where even the rank is unknown.
        kind: the element type, as ONNX numbers it; None if unknown.
        constant: its elements, where they are known.
    """

    name: str
    bound: float = math.inf
    observed: float = math.inf
    shape: Shape | None = None
    kind: int | None = FLOAT
    constant: Array | None = None

    @property
    def limit(self) -> float:
        """The largest absolute value to make room for; the rest is clipped."""
        return min(self.bound, self.observed)

    def size(self, axis: int) -> int:
        """Return the size of an axis.

        Raises:
            InexactError: it is not fixed.
        """
        size = None if self.shape is None else self.shape[axis]
        if size is None:
            raise InexactError(f"a sum along an axis of open size ({self.name})")
        return size


class Graph:
    """Nodes and constants, in the order they are added; equal constants are kept once.

    Args:
        prefix: of every name, so that the names of a body differ from those around it.
        taken: names that are not given to nodes and constants.
    """

    def __init__(self, prefix: str = "", taken: Collection[str] = ()) -> None:
        while any(name.startswith(f"{prefix}constant_") for name in taken):
            prefix += "_"
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._names: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def constant(self, array: Array) -> str:
        """Return the name of a constant with these elements."""
        content = array.dtype.str, array.shape, array.tobytes()
        if content not in self._names:
            name = f"{self.prefix}constant_{len(self._names)}"
            self._names[content] = name
            self.constants[name] = onnx.numpy_helper.from_array(array.copy(order="C"), name)
        return self._names[content]

    def scalar(self, number: float) -> str:
        """Return the name of a float32 constant."""
        return self.constant(np.array(number, dtype=np.float32))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return the name of its only output."""
        return self.ops(kind, inputs, 1, **attributes)[0]

    def ops(self, kind: str, inputs: Any, outputs: int, **attributes: Any) -> list[str]:
        """Add a node and return the names of its outputs."""
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
        """Make the graph whose outputs are these results, under the outputs' names."""
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
