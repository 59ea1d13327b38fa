"""The lowering pass: read a float graph node by node, and write an exact graph by the rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx
import onnx.version_converter
import onnxruntime

from .gates import merge_gates
from .graph import FLOAT, Array, CalibrationRanges, Graph, InexactError, Value
from .products import Precision, Products
from .recurrent import expand_recurrent
from .registry import Rules
from .rules import RULES
from .source import FloatGraph

__all__ = ["Exact", "Lowering", "to_exact"]

OPSET = 19  # the first opset whose quantising operators onnx's reference evaluator supports
_IR_VERSION = 9  # released with opset 19

_IDS = ("token", "tokens")  # inputs that hold token ids

_LARGEST_TABLE = 2**20
"""The most numbers in a table by token: a larger table is not worth its memory."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A graph in exact arithmetic.

    Args:
        model: the graph.
        precision: the grids that its products are rounded to.
        bounds: the largest possible partial sum of each product by name, in grid units; every
            bound is below 2**24.
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
    """Rewrite a float graph in exact arithmetic.

    Args:
        model: a graph of standard ONNX operators, opset 13 to 19.
        observed: the ranges of the graph's values on real input.
        precision: the grids to round to.
        tokens: the number of ids that the input `token` or `tokens` can hold, or 0. If it is not
            0, values that depend on `token` [batch] only become tables with one row for each id.
        states: the output that follows each state input, by the name of the input. A state is 0
            at the first step and the output of the previous step after that.

    Returns:
        The exact graph, of opset 19.

    Raises:
        InexactError: a part of the graph has no exact form here; the text names all operators
            without a rule, else the first such part.
        BoundError: a product could reach 2**24 grid units.
    """
    model = onnx.version_converter.convert_version(model, OPSET)
    source = FloatGraph(onnx.shape_inference.infer_shapes(model).graph)
    source.add_calibration(observed)
    expand_recurrent(source)
    merge_gates(source)
    rows = _Rows(source, tokens)
    ids = {value.name: tokens - 1.0 for value in source.inputs if value.name in _IDS and tokens}
    bounds = dict(ids)
    # The first pass bounds the state outputs for any state, so these bounds hold for the inputs.
    for _ in range(2):
        graph, products = Graph(taken=source.input_output_names()), Products(precision)
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
    """The values that depend on the token only, computed in float for every token."""

    def __init__(self, source: FloatGraph, tokens: int) -> None:
        self.decided = source.depends_only_on_token() if tokens else set()
        self._source, self._tokens = source, tokens

    def __call__(self, name: str) -> Array | None:
        """Return the rows of a value, float32 [tokens, size].

        Args:
            name: the name of the value.

        Returns:
            None if the value is not float32 with one row for each token in a batch.
        """
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
        some = every[[-1, 0, 0, self._tokens // 2, 1]]  # rows must not depend on the batch
        rows, others = (session.run([name], {"token": token})[0] for token in (every, some))
        right = rows.dtype == np.float32 and rows.ndim == 2 and len(rows) == len(every)
        if not right or rows[some].shape != others.shape or not np.allclose(rows[some], others):
            return None
        found: Array = rows
        return found


class Lowering:
    """Writes the nodes of a graph or of a Scan's body.

    Args:
        source: the float graph.
        graph: the exact graph to add nodes to.
        products: the writer of products.
        observed: the largest absolute value of each float32 value during calibration.
        rows: the values that depend on the token only; None in a loop body.
        rules: the rule of each operator.
    """

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
        """Write all nodes and return the values of the outputs.

        Args:
            inputs: values with bounds for inputs of the graph, by name; may be incomplete.

        Raises:
            InexactError: some operators have no rule; the text names all of them.
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
        """Return a value, and write its nodes if they are not written yet.

        Args:
            name: the name of the value in the float graph.

        Raises:
            InexactError: the value is not in this graph: a loop body reads it from outside.
        """
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
        """Return the body of a loop in exact arithmetic.

        Args:
            graph: the float body; it may not read values of the outer graph.
        """
        source = FloatGraph(graph)
        prefix = f"{self.graph.prefix}body_{len(self.graph.nodes)}_"
        written = Graph(prefix, source.input_output_names())
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
        """Add the shape, type and range that inference and calibration found for a value."""
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
        """Write a value [batch, size] as a table lookup if it depends on the token only."""
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
        """Split a table into rows @ weights + bias; weights is None if it is no product."""
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
