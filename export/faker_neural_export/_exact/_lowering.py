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

FLOAT = onnx.TensorProto.FLOAT

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
    model: onnx.ModelProto,
    observed: Mapping[str, float],
    precision: Precision,
    *,
    tokens: int = 0,
    states: Mapping[str, str] | None = None,
) -> Exact:
    """Rewrite a float graph.

    Args:
        model: of the standard ONNX operators, opset 13 to 19.
        observed: the largest absolute value of each float value of the graph on real input.
        precision: how finely to round.
        tokens: how many tokens there are; where it is given and the graph has an input `token`
            [batch], what the token alone decides becomes a table.
        states: inputs that start as 0 and are then fed an output of the step before, by name.

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
    # What bounds a state's successor, whatever the state is, bounds the state too.
    for _ in range(2):
        graph, products = Graph(taken=source.given_names()), Products(precision)
        lowering = _Lowering(source, graph, products, observed, rows)
        results = lowering.run({name: Value(name, bound=bound) for name, bound in bounds.items()})
        by_name = dict(zip((value.name for value in source.outputs), results, strict=True))
        bounds = {state: by_name[name].bound for state, name in (states or {}).items()}
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

    def __call__(self, name: str) -> Array | None:
        """Give the rows of a value, [tokens, size]; None if it has no row for each token."""
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
        every = np.arange(self._tokens, dtype=np.int64)
        some = every[[-1, 0, 0, self._tokens // 2, 1]]  # another batch, in another order
        rows, others = (session.run([name], {"token": token})[0] for token in (every, some))
        right = rows.dtype == np.float32 and rows.ndim == 2 and len(rows) == len(every)
        if not right or rows[some].shape != others.shape or not np.allclose(rows[some], others):
            return None
        found: Array = rows
        return found


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
        return replace(
            value,
            shape=self.source.shapes.get(name, value.shape),
            observed=min(value.observed, self.observed.get(name, math.inf)),
            kind=self.source.kinds.get(name, value.kind),
        )

    def _constant(self, array: Array) -> Value:
        floats = array.dtype == np.float32
        bound = float(np.abs(array).max()) if floats and array.size else math.inf
        return Value(
            self.graph.constant(array),
            bound=bound,
            shape=array.shape,
            kind=onnx.helper.np_dtype_to_tensor_dtype(array.dtype),
            constant=array,
        )

    def _table(self, name: str) -> Value | None:
        """Write a value [batch, size] that the token alone decides as a row a token."""
        if name not in self.decided or self.rows is None:
            return None
        if self.source.kinds.get(name, FLOAT) != FLOAT:
            return None
        shape = self.source.shapes.get(name)
        rows = self.rows(name)
        if rows is None or rows.size > _LARGEST_TABLE:
            return None
        left, weights, bias = self._factors(name)
        if weights is not None and left.size + weights.size < rows.size:
            table = self.products.table(self.graph, left, weights)
        else:
            table, bias = self.products.table(self.graph, rows, None), None
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
            rows = self.rows(node.input[0]) if self.rows else None
            if rows is not None:
                return rows, constants[node.input[1]], None
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
    *("Abs", "Concat", "Expand", "Flatten", "Gather", "Identity", "Max", "MaxPool", "Min", "Neg"),
    *("OneHot", "Pad", "ReduceMax", "ReduceMin", "Relu", "Reshape", "Slice", "Split", "Squeeze"),
    *("Tile", "Transpose", "Unsqueeze", "Where"),
)
def _moved(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Move or choose elements of the inputs, their negatives or 0: nothing that could round."""
    floats = [value for value in inputs if value and value.kind in (FLOAT, None)]
    bound = max([value.bound for value in floats], default=math.inf)
    observed = max([value.limit for value in floats], default=math.inf)
    return [replace(v, bound=bound, observed=observed) for v in _copy(low, node, inputs)]


@_rule(
    *("And", "ConstantOfShape", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"),
    *("Not", "Or", "Range", "Shape"),
)
def _other(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Compare, or make numbers that are none of the inputs' elements."""
    return _copy(low, node, inputs)


@_rule("Cast")
def _cast(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    x, to = inputs[0], attributes(node)["to"]
    if x.kind in (FLOAT, None) and to != FLOAT and not x.bound < 2**31:
        raise InexactError("Cast to whole numbers of something without a bound")
    bound = {onnx.TensorProto.BOOL: 1.0, FLOAT: x.bound}.get(x.kind, math.inf)
    return [replace(value, bound=bound) for value in _copy(low, node, inputs)]


@_rule("Add", "Sub", "Mul", "Round", "Floor")
def _rounded_once(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    """Write an elementwise operation that IEEE 754 rounds correctly."""
    bounds = [value.bound for value in inputs]
    bound = math.prod(bounds) if node.op_type == "Mul" else sum(bounds)
    if node.op_type in ("Round", "Floor"):
        bound = bounds[0] + 1
    known = bound if bound == bound else math.inf  # 0 times infinity is not a number
    return [replace(value, bound=known) for value in _copy(low, node, inputs)]


@_rule("Div")
def _div(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    dividend, divisor = inputs
    if (
        dividend.kind == FLOAT
        and dividend.constant is not None
        and dividend.constant.tolist() in (1, [1])
    ):
        return [_inverse(low, divisor)]
    return _copy(low, node, inputs)


@_rule("Reciprocal")
def _reciprocal(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    return _inverse(low, inputs[0])


def _inverse(low: _Lowering, x: Value) -> Value:
    # onnxruntime makes (1 / x) * y to y / x, which rounds once less; it does not know 2 / x.
    twice = low.graph.op("Div", low.graph.scalar(2), x.name)
    return Value(low.graph.op("Mul", twice, low.graph.scalar(0.5)))


@_rule("Clip")
def _clip(low: _Lowering, node: onnx.NodeProto, inputs: list[Any]) -> list[Value]:
    x, *limits = inputs
    ends = [value.bound for value in limits if value]
    bound = max(ends) if len(ends) == 2 else max([x.bound, *ends])
    return [replace(value, bound=bound) for value in _copy(low, node, inputs)]


@_rule("MatMul")
def _matmul(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    x, y = inputs
    if x.kind != FLOAT:
        raise InexactError("MatMul of whole numbers")
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
    summed = Value(weights, bound=1, observed=1, shape=x.shape)
    total = low.products.sum(graph, summed, [axis], 1)
    return Value(graph.op("Div", weights, total.name), bound=1)


@_rule("Sqrt")
def _sqrt(low: _Lowering, _: onnx.NodeProto, inputs: list[Any]) -> Value:
    if not math.isfinite(inputs[0].limit):
        raise InexactError("Sqrt of something without a known range")
    return Value(_functions.sqrt(low.graph, inputs[0].name, inputs[0].limit))


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
    graph = Graph(f"{low.graph.prefix}scan_{len(low.graph.nodes)}_", body.given_names())
    results = _Lowering(body, graph, low.products, {}, None).run({})
    written = graph.finish("step", body.inputs, body.outputs, [value.name for value in results])
    given["body"] = written
    names = low.graph.ops("Scan", [value.name for value in inputs], len(node.output), **given)
    return [Value(name, bound=value.bound) for name, value in zip(names, results, strict=True)]
