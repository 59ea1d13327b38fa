"""Rules for the activation functions of networks, from + - x / and `exp`."""

from __future__ import annotations

from typing import Any

import onnx

from . import functions
from .graph import Graph, Value
from .registry import LoweringContext, Rules
from .source import attributes

__all__ = ["ACTIVATIONS"]

ACTIVATIONS = Rules()
"""The rules of activation functions other than those of the gates and softmax."""

_rule = ACTIVATIONS.of

_SELU = {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875}


@_rule("HardSigmoid")
def _hard_sigmoid(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, graph = attributes(node), low.graph
    name = graph.op("Mul", inputs[0].name, graph.scalar(given.get("alpha", 0.2)))
    name = graph.op("Add", name, graph.scalar(given.get("beta", 0.5)))
    return Value(graph.op("Clip", name, graph.scalar(0), graph.scalar(1)), bound=1)


@_rule("Softsign")
def _softsign(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0].name
    below = graph.op("Add", graph.op("Abs", x), graph.scalar(1))
    return Value(graph.op("Div", x, below), bound=1)


@_rule("LeakyRelu")
def _leaky_relu(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0]
    alpha = attributes(node).get("alpha", 0.01)
    below = graph.op("Mul", graph.op("Min", x.name, graph.scalar(0)), graph.scalar(alpha))
    name = graph.op("Add", graph.op("Max", x.name, graph.scalar(0)), below)
    return Value(name, bound=x.bound * max(1.0, abs(alpha)))


@_rule("Elu")
def _elu(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    alpha = attributes(node).get("alpha", 1.0)
    name = _elu_of(low.graph, inputs[0].name, alpha)
    return Value(name, bound=inputs[0].bound + abs(alpha))


@_rule("Selu")
def _selu(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, graph, x = _SELU | attributes(node), low.graph, inputs[0]
    name = graph.op("Mul", _elu_of(graph, x.name, given["alpha"]), graph.scalar(given["gamma"]))
    return Value(name, bound=abs(given["gamma"]) * (x.bound + abs(given["alpha"])))


@_rule("Erf")
def _erf(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(functions.erf(low.graph, inputs[0].name), bound=1)


@_rule("Softplus")
def _softplus(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(functions.softplus(low.graph, inputs[0].name), bound=inputs[0].bound + 1)


def _elu_of(graph: Graph, x: str, alpha: float) -> str:
    """Write max(x, 0) + alpha * (exp(min(x, 0)) - 1)."""
    below = functions.exp(graph, graph.op("Min", x, graph.scalar(0)))
    below = graph.op("Mul", graph.op("Sub", below, graph.scalar(1)), graph.scalar(alpha))
    return graph.op("Add", graph.op("Max", x, graph.scalar(0)), below)
