"""The graphs that the tests of the exact pass are run on, a few for each operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from faker_neural_export.exact import CalibrationRanges, Exact, Precision, to_exact

Array = np.ndarray[Any, Any]
ROWS, STEPS, SIZE = 7, 5, 12


def random(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def graph(body: str, x: str = f"float[batch,{SIZE}] x", **constants: Array) -> onnx.ModelProto:
    """A float model of one input and the output y, from ONNX text."""
    nodes, _, y = body.partition("#")
    head = f'<ir_version: 8, opset_import: ["" : 17]> g ({x}) => ({y or "float[batch,m] y"})'
    model = onnx.parser.parse_model(f"{head} {{ {nodes} }}")
    model.graph.initializer.extend(
        numpy_helper.from_array(array, name) for name, array in constants.items()
    )
    return model


def observed(model: onnx.ModelProto, x: Array) -> CalibrationRanges:
    with np.errstate(over="ignore", invalid="ignore"):
        found = ReferenceEvaluator(model).run(None, {"x": x}, intermediate=True)
    floats = {name: a for name, a in found.items() if getattr(a, "dtype", None) == np.float32}
    return CalibrationRanges({name: float(np.abs(a).max()) for name, a in floats.items() if a.size})


def exact(model: onnx.ModelProto, x: Array, precision: Precision) -> Exact:
    return to_exact(model, observed(model, x), precision)


def run(model: onnx.ModelProto, level: int, x: Array) -> Array:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel(level)
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    result: Array = session.run(["y"], {"x": x})[0]
    return result


def scalar(number: float) -> Array:
    return np.array(number, dtype=np.float32)


LEVELS = (0, 1, 2, 99)
SEQUENCE = f"float[{STEPS},batch,{SIZE}] x"
W = random(SIZE, 8, seed=1)
SQUARE = random(SIZE, SIZE, seed=2)


def lstm(kind: str, directions: int = 1, **fields: Any) -> onnx.ModelProto:
    gates, n = {"LSTM": 4, "GRU": 3}[kind], 6
    arrays = {
        "w": random(directions, gates * n, SIZE, seed=3),
        "r": random(directions, gates * n, n, seed=4),
        "b": random(directions, 2 * gates * n, seed=5),
    }
    node = helper.make_node(kind, ["x", *arrays], ["y"], hidden_size=n, **fields)
    value = helper.make_tensor_value_info
    x = value("x", onnx.TensorProto.FLOAT, [STEPS, "batch", SIZE])
    y = value("y", onnx.TensorProto.FLOAT, [STEPS, directions, "batch", n])
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    made = helper.make_graph([node], "g", [x], [y], constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "MatMul": lambda: graph("y = MatMul(x, w)", w=W),
    "MatMul of two varying": lambda: graph("t = Transpose(x) p = MatMul(x, t) y = Tanh(p)"),
    "MatMul on a grid of 1, whose scale an optimiser takes away": lambda: graph(
        "s = Mul(x, k) p = MatMul(s, w) y = Add(p, b)",
        "float[batch,600] x",
        k=scalar(256),
        w=np.rint(100 * random(600, 8, seed=12)),
        b=1e4 * W[0],
    ),
    "Gemm": lambda: graph("y = Gemm<transB=1, alpha=0.5>(x, w, b)", w=W.T.copy(), b=W[0]),
    "Conv": lambda: graph(
        "c = Conv<pads=[1,1]>(x, w, b) s = Add(c, r) y = Relu(s) # float[batch,4,m] y",
        f"float[batch,3,{SIZE}] x",
        w=random(4, 3, 3, seed=6),
        b=random(4, seed=7),
        r=random(4, SIZE, seed=8),
    ),
    "Conv with a residual": lambda: graph(
        "c = Conv<pads=[1,1]>(x, w) s = Add(c, x) y = Relu(s) # float[batch,4,m] y",
        f"float[batch,4,{SIZE}] x",
        w=random(4, 4, 3, seed=6),
    ),
    "Sigmoid": lambda: graph("y = Sigmoid(x)"),
    "Tanh": lambda: graph("y = Tanh(x)"),
    "HardSigmoid": lambda: graph("y = HardSigmoid<alpha=0.3>(x)"),
    "Softsign": lambda: graph("y = Softsign(x)"),
    "Relu": lambda: graph("y = Relu(x)"),
    "LeakyRelu": lambda: graph("y = LeakyRelu<alpha=0.2>(x)"),
    "Elu": lambda: graph("y = Elu(x)"),
    "Selu": lambda: graph("y = Selu(x)"),
    "Erf": lambda: graph("y = Erf(x)"),
    "Softplus": lambda: graph("y = Softplus(x)"),
    "gelu": lambda: graph(
        "p = MatMul(x, w) s = Mul(p, k) e = Erf(s) a = Add(e, one) b = Mul(p, a) y = MatMul(b, w)",
        w=SQUARE,
        k=scalar(0.5**0.5),
        one=scalar(1),
    ),
    "Exp": lambda: graph("y = Exp(x)"),
    "Softmax": lambda: graph("y = Softmax(x)"),
    "Sub, Mul, Div, Clip": lambda: graph(
        "a = Mul(x, x) b = Sub(a, one) c = Div(b, two) y = Clip(c, low, one)",
        one=scalar(1),
        two=scalar(3),
        low=scalar(-0.3),
    ),
    "Split, Concat, Slice": lambda: graph(
        "a, b = Split<axis=1>(x) c = Concat<axis=1>(b, a) d = Slice(c, from, to, axes)"
        "y = MatMul(d, w)",
        w=W[:9],
        **{"from": np.array([1]), "to": np.array([10]), "axes": np.array([1])},
    ),
    "Reshape, Transpose": lambda: graph(
        "a = MatMul(x, w) b = Reshape(a, s) c = Transpose<perm=[0,2,1]>(b) y = MatMul(c, v)"
        "# float[batch,n,m] y",
        w=SQUARE,
        v=random(3, 4, seed=9),
        s=np.array([-1, 3, 4]),
    ),
    "Clip that raises": lambda: graph(
        "t = Tanh(x) a = Clip(t, five, ten) b = Clip(t, five) s = Add(a, b) y = MatMul(s, w)",
        w=W,
        five=scalar(5),
        ten=scalar(10),
    ),
    "Clip to uneven ends": lambda: graph(
        "t = Tanh(x) s = Mul(t, k) a = Clip(s, low, high) y = MatMul(a, w)",
        w=W,
        k=scalar(4),
        low=scalar(-3),
        high=scalar(0.25),
    ),
    "LeakyRelu that raises": lambda: graph(
        "t = Tanh(x) a = LeakyRelu<alpha=-9.0>(t) y = MatMul(a, w)", w=W
    ),
    "a comparison as a number": lambda: graph(
        "t = Tanh(x) s = Mul(t, k) c = Greater(s, z) f = Cast<to=1>(c) y = MatMul(f, w)",
        w=W,
        k=scalar(0.01),
        z=scalar(0),
    ),
    "a constant of a shape": lambda: graph(
        "t = Tanh(x) n = Shape(t) c = ConstantOfShape<value = float[1] {50.0}>(n)"
        "s = Add(c, t) y = MatMul(s, w)",
        w=W,
    ),
    "a size as a number": lambda: graph(
        "t = Tanh(x) n = Shape(t) f = Cast<to=1>(n) l = Slice(f, one, two) s = Mul(l, t)"
        "y = MatMul(s, w)",
        w=W,
        one=np.array([1]),
        two=np.array([2]),
    ),
    "1 / x, times y": lambda: graph(
        "s = Add(x, k) q = Mul(s, s) r = Div(one, q) y = Mul(x, r)", k=scalar(3), one=scalar(1)
    ),
    "silu": lambda: graph(
        "p = MatMul(x, w) s = Sigmoid(p) a = Mul(p, s) y = MatMul(a, w)", w=SQUARE
    ),
    "Mul after MatMul": lambda: graph(
        "p = MatMul(x, w) q = Mul(p, k) r = Mul(q, l) y = Div(r, m)",
        w=SQUARE,
        k=scalar(0.1),
        l=scalar(0.3),
        m=scalar(3),
    ),
    "Sqrt of nothing": lambda: graph("z = Sub(x, x) s = Sqrt(z) y = Add(s, x)"),
    "Gather": lambda: graph("a = Gather(w, i) y = MatMul(x, a)", w=W, i=np.arange(SIZE)[::-1]),
    "LayerNormalization, decomposed": lambda: graph(
        "m = ReduceMean<axes=[-1]>(x) d = Sub(x, m) q = Mul(d, d) v = ReduceMean<axes=[-1]>(q)"
        "e = Add(v, eps) s = Sqrt(e) r = Reciprocal(s) n = Mul(d, r) y = Add(n, b)",
        eps=scalar(1e-3),
        b=SQUARE[0],
    ),
    "ReduceSum": lambda: graph("y = ReduceSum<keepdims=1>(x, a)", a=np.array([1])),
    "LSTM": lambda: lstm("LSTM"),
    "LSTM, both ways": lambda: lstm("LSTM", 2, direction="bidirectional"),
    "GRU": lambda: lstm("GRU"),
    "GRU, reset after": lambda: lstm("GRU", linear_before_reset=1),
    "GRU, backwards": lambda: lstm("GRU", direction="reverse"),
    "gates": lambda: graph(
        "p = MatMul(x, w) q = MatMul(x, v) s = Add(p, q) z = Add(s, b)"
        "i, g, o = Split<axis=1>(z) a = Sigmoid(i) t = Tanh(g) c = Sigmoid(o)"
        "u = Mul(a, t) y = Add(u, c)",
        w=SQUARE,
        v=random(SIZE, SIZE, seed=10),
        b=SQUARE[1],
    ),
}


def inputs(model: onnx.ModelProto, rows: int = ROWS, seed: int = 11) -> Array:
    shape = [d.dim_value or rows for d in model.graph.input[0].type.tensor_type.shape.dim]
    return 2 * random(*shape, seed=seed)
