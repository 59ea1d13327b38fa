"""Checks the graph of an untrusted model file before a session is created.

Only the operators that conversion writes are allowed, so a graph can neither loop forever nor draw
random numbers. onnxruntime computes constant expressions while it creates a session, and no
allocator limits their memory. So their size is computed here, from the sizes of the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from .nodes import check_node
from .protobuf import Message, message_class
from .tensors import INT64, Shape, is_negative, shape_of

__all__ = ["check_graph", "cut_scans"]

_OF_CONSTANTS = frozenset(("Add", "Cast", "Div", "Mul", "Round", "Sub"))  # see also computed()

_MOST_NODES = 2**15
_MOST_STEPS = 2**16  # of a Scan
_MOST_NUMBERS = 2**27  # in constant expressions
_MOST_PRODUCTS = 2**36  # multiplications for them; they take some seconds


def check_graph(model: Message) -> bool:
    """Check that the graph holds only what a model file may hold.

    Args:
        model: the parsed model.

    Returns:
        Whether the size of all constant expressions is known. It is not known if there is a Shape
        operator, whose result onnxruntime may take for a constant.

    Raises:
        ValueError: the graph holds something else; the message says what was found and what is
            allowed.
    """
    for field in ("functions", "training_info"):
        if getattr(model, field):
            raise ValueError(f"has {field}, which a model file may not have")
    walk = _Walk()
    walk.graph(model.graph, {})
    return "Shape" not in walk.operators


def cut_scans(model: Message) -> bool:
    """Limit each Scan to the first 65,536 steps of its sequences.

    Empty steps take no memory, so a sequence could have any number of them.

    Args:
        model: the parsed model; changed in place.

    Returns:
        Whether the model has a Scan, so that it was changed.
    """
    nodes = list[Message]()
    ends = {"faker_neural/first": 0, "faker_neural/end": _MOST_STEPS}
    for node in model.graph.node:
        first = len(node.input) - _sequences(node)
        for i, name in enumerate(node.input[first:], first):
            node.input[i] = f"faker_neural/{len(nodes)}"
            cut = {"op_type": "Slice", "input": [name, *ends], "output": [node.input[i]]}
            nodes.append(message_class("Node")(**cut))
        nodes.append(node)
    if len(nodes) == len(model.graph.node):
        return False
    for name, end in ends.items():
        model.graph.initializer.add(name=name, dims=[1], data_type=INT64, int64_data=[end])
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return True


class _Walk:
    """Checks a graph and the bodies in it, and counts nodes and constant numbers."""

    def __init__(self) -> None:
        self.nodes = self.numbers = self.products = 0
        self.operators = set[str]()
        self.negative = set[str]()  # names of constants that may be negative, in any graph

    def graph(self, graph: Message, outer: Mapping[str, Shape], body: bool = False) -> None:
        """Check a graph; `outer` has the shapes of constants that are known outside it."""
        if graph.sparse_initializer:
            raise ValueError("the graph has sparse weights, which are not allowed")
        self.nodes += len(graph.node)
        if self.nodes > _MOST_NODES:
            raise ValueError(f"the graph has {self.nodes:,} nodes; {_MOST_NODES:,} are allowed")
        constants = dict(outer)
        for value in graph.input:
            constants.pop(value.name, None)
        for tensor in graph.initializer:
            _check_new(tensor.name, constants)
            constants[tensor.name] = shape_of(tensor, f"the graph's weight {tensor.name!r}")
            if is_negative(tensor):
                self.negative.add(tensor.name)
        for node in graph.node:
            self.node(node, constants, body)

    def node(self, node: Message, constants: dict[str, Shape], body: bool) -> None:
        check_node(node, self.negative)
        self.operators.add(node.op_type)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                if body:
                    raise ValueError(f"the graph has a {node.op_type} in the body of another")
                self.graph(attribute.g, constants, body=True)
        for name in node.output:
            _check_new(name, constants)
        if node.input and all(name in constants for name in node.input if name):
            shape = self.computed(node, [constants[name] for name in node.input if name])
            constants.update(dict.fromkeys(node.output, shape))
            self.negative.update(node.output)  # its numbers are not known

    def computed(self, node: Message, shapes: list[Shape]) -> Shape:
        """Return the shape of a node's result if all its inputs are constants, and count it."""
        if node.op_type == "MatMul" and [len(shape) for shape in shapes] == [2, 2]:
            shape: Shape = (shapes[0][0], shapes[1][1])
            self.products += math.prod(shape) * shapes[0][1]
        elif node.op_type in _OF_CONSTANTS:
            shape = np.broadcast_shapes(*shapes)
        elif node.op_type == "Transpose" and node.attribute and len(shapes) == 1:
            shape = tuple(shapes[0][axis] for axis in _axes(node, len(shapes[0])))
        elif node.op_type == "GatherND" and not node.attribute and _fits(shapes):
            data, places = shapes
            shape = (*places[:-1], *data[places[-1] :])
        else:
            rule = "store the result in the file"
            raise ValueError(f"the graph applies {node.op_type} to constants only; {rule}")
        self.numbers += math.prod(shape)
        if self.numbers > _MOST_NUMBERS or self.products > _MOST_PRODUCTS:
            allowed = f"{_MOST_NUMBERS:,} numbers and {_MOST_PRODUCTS:,} products are allowed"
            raise ValueError(f"the graph computes too much from constants only; {allowed}")
        return shape


def _axes(node: Message, rank: int) -> list[int]:
    axes = [int(axis) for axis in node.attribute[0].ints]
    if sorted(axes) != list(range(rank)):
        raise ValueError(f"the graph has a Transpose of {rank} axes by {axes}")
    return axes


def _fits(shapes: list[Shape]) -> bool:
    """Return whether these are shapes of data and indices for a GatherND."""
    return len(shapes) == 2 and bool(shapes[1]) and 0 < shapes[1][-1] <= len(shapes[0])


def _check_new(name: str, constants: Mapping[str, Shape]) -> None:
    if name in constants:
        raise ValueError(f"the graph has two values that are called {name!r}")


def _sequences(node: Message) -> int:
    """Return how many inputs of a Scan, the last ones, are sequences; 0 for other nodes."""
    counts = [a.i for a in node.attribute if a.name == "num_scan_inputs"]
    return counts[0] if node.op_type == "Scan" and counts else 0
