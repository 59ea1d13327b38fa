"""The pass: a float graph read node by node, and an exact one written by the rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx
import onnx.version_converter
import onnxruntime

from ._gates import merge_gates
from ._graph import FLOAT, Array, CalibrationRanges, Graph, InexactError, Value
from ._products import Precision, Products
from ._recurrent import expand_recurrent
from ._registry import Rules
from ._rules import RULES
from ._source import FloatGraph

__all__ = ["Exact", "Lowering", "to_exact"]

OPSET = 19  # the first one whose quantising operators the onnx package's own evaluator has
_IR_VERSION = 9  # the one that came with it

_IDS = ("token", "tokens")  # inputs that hold token ids

_LARGEST_TABLE = 2**20
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
    observed: CalibrationRanges,
    precision: Precision,
    *,
    tokens: int = 0,
    states: Mapping[str, str] | None = None,
) -> Exact:
    """Rewrite a float graph.

    Args:
        model: of the standard ONNX operators, opset 13 to 19.
        observed: what the values of the graph were on real input.
        precision: how finely to round.
        tokens: number of tokens, or 0. If given, values that depend on the input `token` [batch]
            alone become tables with a row for each token.
        states: inputs that start as 0 and are then fed an output of the step before, by name.

    Raises:
        InexactError: something in the graph has no exact form here; the text names all of it.
        BoundError: a product could reach 2**24 grid units.
    """
    model = onnx.version_converter.convert_version(model, OPSET)
    source = FloatGraph(onnx.shape_inference.infer_shapes(model).graph)
    source.learn(observed)
    expand_recurrent(source)
    merge_gates(source)
    rows = _Rows(source, tokens)
    ids = {value.name: tokens - 1.0 for value in source.inputs if value.name in _IDS and tokens}
    bounds = dict(ids)
    # What bounds a state's successor, whatever the state is, bounds the state too.
    for _ in range(2):
        graph, products = Graph(taken=source.given_names()), Products(precision)
        lowering = Lowering(source, graph, products, observed.largest, rows, RULES)
        results = lowering.run({name: Value(name, bound=bound) for name, bound in bounds.items()})
        by_name = dict(zip((value.name for value in source.outputs), results, strict=True))
        bounds = ids | {state: by_name[name].bound for state, name in (states or {}).items()}
    written = graph.finish(
        model.graph.name, source.inputs, source.outputs, [result.name for result in results]
    )
    exact = onnx.helper.make_model(written, opset_imports=model.opset_import)
    exact.ir_version = _IR_VERSION
    onnx.checker.check_model(exact, full_check=True)
    return Exact(exact, precision, products.bounds)


class _Rows:
    """What the token alone decides, computed in float for every token."""

    def __init__(self, source: FloatGraph, tokens: int) -> None:
        self.decided = source.decided_by_token() if tokens else set()
        self._source, self._tokens = source, tokens

    def __call__(self, name: str) -> Array | None:
        """Return the rows of a value, [tokens, size]; None if it has no row for each token."""
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


class Lowering:
    """Writes the nodes of one graph, or of a Scan's body."""

    def __init__(
        self,
        source: FloatGraph,
        graph: Graph,
        products: Products,
        observed: Mapping[str, float],
        rows: _Rows | None,
        rules: Rules,
    ) -> None:
        self.source, self.graph, self.products = source, graph, products
        self.rules = rules
        self.observed, self.rows = observed, rows
        self.form = products.precision.tanh
        self.decided = rows.decided if rows else set()
        self.values: dict[str, Value] = {}
        self.producers = {name: node for node in source.nodes for name in node.output}

    def run(self, inputs: Mapping[str, Value]) -> list[Value]:
        """Write everything and return the outputs' values; inputs may be known better than here.

        Raises:
            InexactError: there is no rule for some operators; all of them are named.
        """
        if unknown := sorted({node.op_type for node in self.source.nodes} - self.rules.keys()):
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
        """Return a value, written if it is not yet."""
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

    def body(self, graph: onnx.GraphProto) -> onnx.GraphProto:
        """Write the body of a loop, which reads nothing from around it."""
        source = FloatGraph(graph)
        prefix = f"{self.graph.prefix}body_{len(self.graph.nodes)}_"
        written = Graph(prefix, source.given_names())
        results = Lowering(source, written, self.products, {}, None, self.rules).run({})
        names = [result.name for result in results]
        return written.finish("step", source.inputs, source.outputs, names)

    def _lower(self, node: onnx.NodeProto) -> None:
        inputs = [self.value(name) if name else None for name in node.input]
        made = self.rules[node.op_type](self, node, inputs)
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
        numbers = array.dtype.kind in "iuf" and array.size > 0
        bound = float(np.abs(array.astype(np.float64)).max()) if numbers else math.inf
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
        """Return rows, weights and bias: a product is rows @ weights + bias."""
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
