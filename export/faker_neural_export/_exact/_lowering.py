"""The pass: a float graph read node by node, and an exact one written, one rule an operator."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
import onnx.version_converter
import onnxruntime

from . import _functions
from ._gates import GATES, merge_gates
from ._graph import Array, Graph, InexactError, Value
from ._products import Precision, Products
from ._recurrent import expand_recurrent
from ._source import Source, attributes

__all__ = ["Exact", "to_exact"]

OPSET = 19  # the first one whose quantising operators the onnx package's own evaluator has
_IR_VERSION = 9  # the one that came with it

_LARGEST_TABLE = 4 * 2**20
"""Numbers in a table of tokens; larger ones would cost more memory than they save time."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A graph in exact arithmetic.

    Args:
        model: the graph.
        precision: how finely it is rounded.
        bounds: of each product, the largest partial sum in grid units; all below 2**24.
    """

    model: onnx.ModelProto
    precision: Precision
    bounds: Mapping[str, int]


def to_exact(
    model: onnx.ModelProto, observed: Mapping[str, float], precision: Precision, tokens: int = 0
) -> Exact:
    """Rewrite a float graph.

    Args:
        model: of the standard ONNX operators, opset 13 to 19.
        observed: the largest absolute value of each float value of the graph on real input.
        precision: how finely to round.
        tokens: how many tokens there are; where it is given and the graph has an input `token`
            [batch], what the token alone decides becomes a table.

    Raises:
        InexactError: something in the graph has no exact form here; the text names all of it.
        BoundError: a product could reach 2**24 grid units.
    """
    model = onnx.version_converter.convert_version(model, OPSET)
    source = Source(onnx.shape_inference.infer_shapes(model).graph)
    expand_recurrent(source)
    merge_gates(source)
    rows = _Rows(source, tokens)
    bounds: dict[str, float] = {}
    # A state starts as 0 and is fed back: what bounds its successor, whatever it is, bounds it.
    for _ in range(2):
        graph, products = Graph(), Products(precision)
        lowering = _Lowering(source, graph, products, observed, rows)
        results = lowering.run({name: Value(name, bound=bound) for name, bound in bounds.items()})
        names = [value.name for value in source.outputs]
        bounds = {
            name.removesuffix("_next"): result.bound
            for name, result in zip(names, results, strict=True)
            if name.endswith("_next")
        }
    written = graph.finish(
        model.graph.name, source.inputs, source.outputs, [result.name for result in results]
    )
    exact = onnx.helper.make_model(written, opset_imports=model.opset_import)
    exact.ir_version = _IR_VERSION
    onnx.checker.check_model(exact, full_check=True)
    return Exact(exact, precision, products.bounds)


class _Rows:
    """What the token alone decides, computed in float for every token."""

    def __init__(self, source: Source, tokens: int) -> None:
        self.decided = source.decided_by_token() if tokens else set()
        self._source, self._tokens = source, tokens

    def __call__(self, name: str) -> Array:
        """Give the rows of a value, [tokens, size]."""
        source = self._source
        nodes = [node for node in source.nodes if self.decided.issuperset(node.output)]
        read = {value for node in nodes for value in node.input}
        constants = [
            onnx.numpy_helper.from_array(array, key)
            for key, array in source.constants.items()
            if key in read
        ]
        inputs = [value for value in source.inputs if value.name == "token"]
        output = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        graph = onnx.helper.make_graph(nodes, "rows", inputs, [output], constants)
        opsets = [onnx.helper.make_opsetid("", OPSET)]
        model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        token = np.arange(self._tokens, dtype=np.int64)
        rows: Array = session.run([name], {"token": token})[0]
        return rows


class _Lowering:
    """Writes the nodes of one graph, or of a Scan's body."""

    def __init__(
        self,
        source: Source,
        graph: Graph,
        products: Products,
        observed: Mapping[str, float],
        rows: _Rows | None,
    ) -> None:
        self.source, self.graph, self.products = source, graph, products
        self.observed, self.rows = observed, rows
        self.form = products.precision.tanh
        self.decided = rows.decided if rows else set()
        self.values: dict[str, Value] = {}
        self.producers = {name: node for node in source.nodes for name in node.output}

    def run(self, inputs: Mapping[str, Value]) -> list[Value]:
        """Write everything and give the outputs' values; inputs may be known better than here.

        Raises:
            InexactError: there is no rule for some operators; all of them are named.
        """
        if unknown := sorted({node.op_type for node in self.source.nodes} - _RULES.keys()):
            raise InexactError(", ".join(unknown))
        for value in self.source.inputs:
            self.values[value.name] = self._known(
                inputs.get(value.name, Value(value.name)), value.name
            )
        for node in self.source.nodes:
            if not self.decided.issuperset(node.output):
                self._lower(node)
        return [self.value(value.name) for value in self.source.outputs]

    def value(self, name: str) -> Value:
        """Give a value, written if it is not yet."""
        if name not in self.values:
            if name in self.source.constants:
                self.values[name] = self._constant(self.source.constants[name])
            elif (table := self._table(name)) is not None:
                self.values[name] = table
            elif name in self.producers:
                self._lower(self.producers[name])
            else:
                raise InexactError(f"a loop that reads {name} from around it")
        return self.values[name]

    def _lower(self, node: onnx.NodeProto) -> None:
        inputs = [self.value(name) if name else None for name in node.input]
        made = _RULES[node.op_type](self, node, inputs)
        values = [made] if isinstance(made, Value) else made
        for name, value in zip(node.output, values, strict=True):
            self.values[name] = self._known(value, name)

    def _known(self, value: Value, name: str) -> Value:
        """Add what shape inference and calibration know of a value."""
        shape = self.source.shapes.get(name, value.shape)
        observed = min(value.observed, self.observed.get(name, math.inf))
        return replace(value, shape=shape, observed=observed)

    def _constant(self, array: Array) -> Value:
        floats = array.dtype == np.float32
        bound = float(np.abs(array).max()) if floats and array.size else math.inf
        return Value(self.graph.constant(array), bound=bound, shape=array.shape, constant=array)

    def _table(self, name: str) -> Value | None:
        """Write a value [batch, size] that the token alone decides as a row a token."""
        if name not in self.decided or self.rows is None:
            return None
        shape = self.source.shapes.get(name)
        rows = self.rows(name)
        if rows.dtype != np.float32 or rows.ndim != 2 or rows.size > _LARGEST_TABLE:
            return None
        left, weights, bias = self._factors(name)
        if weights is None or left.size + weights.size >= rows.size:
            left, weights, bias = rows, None, None
        table = self.products.table(self.graph, left, weights)
        name, bound = table.name, table.bound
        if bias is not None:
            name = self.graph.op("Add", name, self.graph.constant(bias))
            bound += float(np.abs(bias).max())
        return Value(self.graph.op("Gather", name, "token", axis=0), bound=bound, shape=shape)

    def _factors(self, name: str) -> tuple[Array, Array | None, Array | None]:
        """Give rows, weights and bias: a product is rows @ weights + bias."""
        node = self.producers.get(name)
        constants = self.source.constants
        if node is not None and node.op_type == "Add":
            fixed = [i for i in node.input if i in constants]
            varying = [i for i in node.input if i not in constants]
            if len(fixed) == 1:
                left, weights, bias = self._factors(varying[0])
                total = constants[fixed[0]] if bias is None else bias + constants[fixed[0]]
                return left, weights, total
        if node is not None and node.op_type == "MatMul" and node.input[1] in constants:
            left = self.rows(node.input[0]) if self.rows else np.zeros(0)
            if left.ndim == 2:
                return left, constants[node.input[1]], None
        return np.zeros(0), None, None


Made = Value | Sequence[Value]
Rule = Callable[[_Lowering, onnx.NodeProto, list[Any]], Made]
_RULES: dict[str, Rule] = {}


def _rule(*kinds: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(kinds, rule))
        return rule

    return add


def _copy(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write a node as it is."""
    names = [value.name if value else "" for value in inputs]
    made = low.graph.ops(node.op_type, names, len(node.output))
    low.graph.nodes[-1].attribute.extend(node.attribute)
    return [Value(name) for name in made]


@_rule(
    *("Cast", "Concat", "ConstantOfShape", "Equal", "Expand", "Flatten", "Gather", "Greater"),
    *("GreaterOrEqual", "Identity", "Less", "LessOrEqual", "MaxPool", "Neg", "Not", "And", "Or"),
    *("OneHot", "Pad", "Range", "ReduceMax", "ReduceMin", "Relu", "Reshape", "Shape", "Slice"),
    *("Split", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Where", "Max", "Min", "Abs"),
)
def _moved(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Move, choose or compare elements: no arithmetic that could round."""
    floats = [value for value in inputs if value and _is_float(value)]
    bound = max([value.bound for value in floats], default=math.inf)
    observed = max([value.limit for value in floats], default=math.inf)
    return [replace(v, bound=bound, observed=observed) for v in _copy(low, node, inputs)]


def _is_float(value: Value) -> bool:
    return value.constant is None or value.constant.dtype == np.float32


@_rule("Add", "Sub", "Mul", "Div", "Clip", "Round", "Floor")
def _rounded_once(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write an elementwise operation that IEEE 754 rounds correctly."""
    made = _copy(low, node, inputs)
    bounds = [value.bound if value else math.inf for value in inputs]
    if node.op_type in ("Add", "Sub"):
        bound = sum(bounds)
    elif node.op_type == "Mul":
        bound = math.prod(bounds)
    elif node.op_type == "Clip":
        bound = min(bounds[0], max([*bounds[1:], 0.0]) if len(bounds) == 3 else math.inf)
    else:
        bound = bounds[0] + 1 if node.op_type in ("Round", "Floor") else math.inf
    return [replace(value, bound=bound if bound == bound else math.inf) for value in made]


@_rule("MatMul")
def _matmul(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, y = inputs
    if y.constant is not None and y.constant.ndim == 2:
        return low.products.matmul(low.graph, x, y.constant)
    return low.products.dynamic(low.graph, x, y)


@_rule("Gemm")
def _gemm(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
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
def _conv(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, weights, *rest = inputs
    bias = rest[0].constant if rest and rest[0] else None
    if weights.constant is None or (rest and rest[0] and bias is None):
        raise InexactError("Conv with weights that vary")
    return low.products.conv(low.graph, x, weights.constant, bias, node)


@_rule("ReduceSum", "ReduceMean", "GlobalAveragePool")
def _reduce(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, x = attributes(node), inputs[0]
    axes = given.get("axes")
    if len(inputs) > 1 and inputs[1]:
        axes = inputs[1].constant.tolist()
    rank = len(x.shape or ())
    if node.op_type == "GlobalAveragePool":
        axes = list(range(2, rank))
    axes = axes or list(range(rank))
    total = low.products.sum(low.graph, x, axes, given.get("keepdims", 1))
    if node.op_type == "ReduceSum":
        return total
    count = math.prod(x.size(axis) for axis in axes)
    mean = low.graph.op("Div", total.name, low.graph.scalar(count))
    return Value(mean, bound=total.bound / count)


@_rule("Sigmoid")
def _sigmoid(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(_functions.sigmoid(low.graph, low.form, inputs[0].name), bound=1)


@_rule("Tanh")
def _tanh(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return Value(_functions.tanh(low.graph, low.form, inputs[0].name), bound=1)


@_rule(GATES)
def _gates(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, factor, offset = inputs
    name = _functions.gates(low.graph, low.form, x.name, factor.constant, offset.constant)
    return Value(name, bound=1)


@_rule("HardSigmoid")
def _hard_sigmoid(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    given, graph = attributes(node), low.graph
    name = graph.op("Mul", inputs[0].name, graph.scalar(given.get("alpha", 0.2)))
    name = graph.op("Add", name, graph.scalar(given.get("beta", 0.5)))
    return Value(graph.op("Clip", name, graph.scalar(0), graph.scalar(1)), bound=1)


@_rule("Softsign")
def _softsign(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0].name
    below = graph.op("Add", graph.op("Abs", x), graph.scalar(1))
    return Value(graph.op("Div", x, below), bound=1)


@_rule("LeakyRelu")
def _leaky_relu(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0]
    alpha = attributes(node).get("alpha", 0.01)
    low_part = graph.op("Mul", graph.op("Min", x.name, graph.scalar(0)), graph.scalar(alpha))
    name = graph.op("Add", graph.op("Max", x.name, graph.scalar(0)), low_part)
    return Value(name, bound=x.bound * max(1.0, abs(alpha)))


@_rule("Elu")
def _elu(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0]
    alpha = attributes(node).get("alpha", 1.0)
    below = graph.op("Min", x.name, graph.scalar(0))
    below = graph.op("Sub", _functions.exp(graph, below), graph.scalar(1))
    below = graph.op("Mul", below, graph.scalar(alpha))
    name = graph.op("Add", graph.op("Max", x.name, graph.scalar(0)), below)
    return Value(name, bound=x.bound + abs(alpha))


@_rule("Exp")
def _exp(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    bound = math.exp(min(inputs[0].bound, _functions.EXP_LIMIT)) * 1.001
    return Value(_functions.exp(low.graph, inputs[0].name), bound=bound)


@_rule("Softmax")
def _softmax(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> Value:
    graph, x = low.graph, inputs[0]
    axis = attributes(node).get("axis", -1)
    along = graph.constant(np.array([axis], dtype=np.int64))
    largest = graph.op("ReduceMax", x.name, along, keepdims=1)
    weights = _functions.exp(graph, graph.op("Sub", x.name, largest))
    total = low.products.sum(graph, replace(x, name=weights, bound=1, constant=None), [axis], 1)
    return Value(graph.op("Div", weights, total.name), bound=1)


@_rule("Sqrt")
def _sqrt(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    if not math.isfinite(inputs[0].limit):
        raise InexactError("Sqrt of something without a known range")
    return Value(_functions.sqrt(low.graph, inputs[0].name, inputs[0].limit))


@_rule("Reciprocal")
def _reciprocal(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    # onnxruntime makes (1 / x) * y to y / x, which rounds once less; it does not know 2 / x.
    twice = low.graph.op("Div", low.graph.scalar(2), inputs[0].name)
    return Value(low.graph.op("Mul", twice, low.graph.scalar(0.5)))


@_rule("Pow")
def _pow(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, exponent = inputs
    if exponent.constant is None or exponent.constant.tolist() not in (2, [2]):
        raise InexactError("Pow with another exponent than 2")
    return Value(low.graph.op("Mul", x.name, x.name), bound=x.bound**2, observed=x.limit**2)


@_rule("Scan")
def _scan(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    given = attributes(node)
    body = Source(given["body"])
    graph = Graph(f"{low.graph.prefix}scan_{len(low.graph.nodes)}_")
    results = _Lowering(body, graph, low.products, {}, None).run({})
    written = graph.finish("step", body.inputs, body.outputs, [value.name for value in results])
    given["body"] = written
    names = low.graph.ops("Scan", [value.name for value in inputs], len(node.output), **given)
    return [Value(name, bound=value.bound) for name, value in zip(names, results, strict=True)]
