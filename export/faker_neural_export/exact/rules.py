"""One rule for each operator: it writes exact nodes and bounds the values of their outputs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import onnx

from . import functions
from .activations import ACTIVATIONS
from .gates import GATES
from .graph import FLOAT, InexactError, Value
from .registry import LoweringContext, Rules
from .source import attributes

__all__ = ["RULES"]

RULES = Rules(ACTIVATIONS)
"""The rules of all operators that have an exact form here."""

_rule = RULES.of


def _copy(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write a node unchanged, with outputs of unknown bound."""
    names = [value.name if value else "" for value in inputs]
    made = low.graph.ops(node.op_type, names, len(node.output))
    low.graph.nodes[-1].attribute.extend(node.attribute)
    return [Value(name) for name in made]


@_rule(
    "Abs",
    "Concat",
    "Expand",
    "Flatten",
    "Gather",
    "GlobalMaxPool",
    "Identity",
    "Max",
    "MaxPool",
    "Min",
    "Neg",
    "Pad",
    "ReduceMax",
    "ReduceMin",
    "Relu",
    "Reshape",
    "ReverseSequence",
    "Slice",
    "Split",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Where",
)
def _copy_elements(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write an operator whose output elements are input elements, their negatives or 0."""
    read = _elements(node, inputs)
    bound = max([value.bound for value in read], default=math.inf)
    observed = max([value.grid_range for value in read], default=math.inf)
    return [replace(v, bound=bound, observed=observed) for v in _copy(low, node, inputs)]


def _elements(node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Return the float inputs; if there are none, the inputs that the elements come from."""
    floats = [value for value in inputs if value and value.kind in (FLOAT, None)]
    match node.op_type:
        case "Concat" | "Max" | "Min":
            elements = inputs
        case "Where":
            elements = inputs[1:]
        case "Pad":
            elements = [inputs[0], *inputs[2:3]]  # the data and the value of the padding
        case _:
            elements = inputs[:1]
    return floats or [value for value in elements if value]


@_rule(
    "And",
    "ConstantOfShape",
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Not",
    "Or",
    "Range",
    "Shape",
)
def _write_exact(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write an operator whose output elements are exact but not elements of the inputs."""
    return _copy(low, node, inputs)


@_rule("OneHot")
def _one_hot(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    """Write OneHot with a scalar depth: onnx's reference evaluator accepts no other."""
    ids, depth, values = inputs
    if depth.constant is None:
        raise InexactError("OneHot of a depth that is computed")
    size = low.graph.constant(depth.constant.reshape(()).astype(np.int64))
    axis = attributes(node).get("axis", -1)
    return Value(low.graph.op("OneHot", ids.name, size, values.name, axis=axis), bound=values.bound)


@_rule("CumSum", "ReduceProd")
def _combine_integers(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write a sum or a product of integers, such as positions or sizes."""
    if inputs[0].kind in (FLOAT, None):
        raise InexactError(f"{node.op_type} of anything but whole numbers")
    return _copy(low, node, inputs)


@_rule("Cast")
def _cast(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    x, to = inputs[0], attributes(node)["to"]
    if x.kind in (FLOAT, None) and to != FLOAT and not x.bound < 2**31:
        raise InexactError("Cast to whole numbers of something without a bound")
    bound = 1.0 if x.kind == onnx.TensorProto.BOOL else x.bound
    return [replace(value, bound=bound) for value in _copy(low, node, inputs)]


@_rule("Add", "Sub", "Mul", "Round", "Floor")
def _rounded_once(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write an elementwise operator that IEEE 754 rounds correctly."""
    bounds = [value.bound for value in inputs]
    bound = math.prod(bounds) if node.op_type == "Mul" else sum(bounds)
    if node.op_type in ("Round", "Floor"):
        bound = bounds[0] + 1
    known = bound if bound == bound else math.inf  # 0 * inf is NaN
    return [replace(value, bound=known) for value in _copy(low, node, inputs)]


@_rule("Div")
def _div(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    dividend, divisor = inputs
    if (
        dividend.kind == FLOAT
        and dividend.constant is not None
        and dividend.constant.tolist() in (1, [1])
    ):
        return [_inverse(low, divisor)]
    return _copy(low, node, inputs)


@_rule("Reciprocal")
def _reciprocal(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return _inverse(low, inputs[0])


def _inverse(low: LoweringContext, x: Value) -> Value:
    # onnxruntime fuses (1 / x) * y into y / x, which rounds once instead of twice. It does not
    # fuse 2 / x.
    twice = low.graph.op("Div", low.graph.scalar(2), x.name)
    return Value(low.graph.op("Mul", twice, low.graph.scalar(0.5)))


@_rule("Clip")
def _clip(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    x, *limits = inputs
    ends = [value.bound for value in limits if value]
    bound = max(ends) if len(ends) == 2 else max([x.bound, *ends])
    return [replace(value, bound=bound) for value in _copy(low, node, inputs)]


@_rule("MatMul")
def _matmul(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, y = inputs
    if x.kind != FLOAT:
        raise InexactError("MatMul of whole numbers")
    if y.constant is not None and y.constant.ndim == 2:
        return low.products.matmul(low.graph, x, y.constant)
    return low.products.dynamic(low.graph, x, y)


@_rule("Gemm")
def _gemm(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, (x, y) = attributes(node), inputs[:2]
    if given.get("transA") or y.constant is None:
        raise InexactError("Gemm of two varying or transposed matrices")
    weights = y.constant.T if given.get("transB") else y.constant
    product = low.products.matmul(low.graph, x, weights * np.float32(given.get("alpha", 1)))
    if len(inputs) < 3 or inputs[2] is None:
        return product
    if inputs[2].constant is None:
        raise InexactError("Gemm with a bias that varies")
    bias = inputs[2].constant * np.float32(given.get("beta", 1))
    name = low.graph.op("Add", product.name, low.graph.constant(bias))
    return replace(product, name=name, bound=product.bound + float(np.abs(bias).max()))


@_rule("Conv")
def _conv(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, weights, *rest = inputs
    bias = rest[0].constant if rest and rest[0] else None
    if weights.constant is None or (rest and rest[0] and bias is None):
        raise InexactError("Conv with weights that vary")
    return low.products.conv(low.graph, x, weights.constant, bias, node)


@_rule("ReduceSum", "ReduceMean", "GlobalAveragePool")
def _reduce(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, x = attributes(node), inputs[0]
    axes = given.get("axes")
    if len(inputs) > 1 and inputs[1]:
        axes = None if inputs[1].constant is None else inputs[1].constant.tolist()
    if node.op_type == "GlobalAveragePool":
        axes = list(range(2, len(x.shape or ())))
    if not axes or x.kind != FLOAT:
        raise InexactError(f"{node.op_type} along axes that are not given, or of whole numbers")
    total = low.products.sum(low.graph, x, axes, given.get("keepdims", 1))
    if node.op_type == "ReduceSum":
        return total
    count = math.prod(x.size(axis) for axis in axes)
    mean = low.graph.op("Div", total.name, low.graph.scalar(count))
    return Value(mean, bound=total.bound / count)


@_rule("Sigmoid")
def _sigmoid(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(functions.sigmoid(low.graph, low.form, inputs[0].name), bound=1)


@_rule("Tanh")
def _tanh(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(functions.tanh(low.graph, low.form, inputs[0].name), bound=1)


@_rule(GATES)
def _gates(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, factor, offset = inputs
    name = functions.gates(low.graph, low.form, x.name, factor.constant, offset.constant)
    return Value(name, bound=1)


@_rule("Exp")
def _exp(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    bound = math.exp(min(inputs[0].bound, functions.EXP_LIMIT)) * 1.001
    return Value(functions.exp(low.graph, inputs[0].name), bound=bound)


@_rule("Softmax")
def _softmax(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0]
    axis = attributes(node).get("axis", -1)
    along = graph.constant(np.array([axis], dtype=np.int64))
    largest = graph.op("ReduceMax", x.name, along, keepdims=1)
    weights = functions.exp(graph, graph.op("Sub", x.name, largest))
    summed = Value(weights, bound=1, observed=1, shape=x.shape)
    total = low.products.sum(graph, summed, [axis], 1)
    return Value(graph.op("Div", weights, total.name), bound=1)


@_rule("Sqrt")
def _sqrt(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    if not math.isfinite(inputs[0].grid_range):
        raise InexactError("Sqrt of something without a known range")
    return Value(functions.sqrt(low.graph, inputs[0].name, inputs[0].grid_range))


@_rule("Pow")
def _pow(low: LoweringContext, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, exponent = inputs
    if exponent.constant is None or exponent.constant.tolist() not in (2, [2]):
        raise InexactError("Pow with another exponent than 2")
    return Value(low.graph.op("Mul", x.name, x.name), bound=x.bound**2, observed=x.grid_range**2)


@_rule("Scan")
def _scan(low: LoweringContext, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    given = attributes(node)
    given["body"] = low.body(given["body"])
    names = low.graph.ops("Scan", [value.name for value in inputs], len(node.output), **given)
    return [Value(name) for name in names]
