"""The exact pass, operator by operator: the onnx package's own evaluator is the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from faker_neural_export._exact import (
    BYTES,
    FLOATS,
    BoundError,
    Exact,
    InexactError,
    Observed,
    Precision,
    to_exact,
)
from faker_neural_export._exact._functions import ACCURATE, FAST

Array = np.ndarray[Any, Any]
PRECISIONS = pytest.mark.parametrize("precision", [BYTES, FLOATS], ids=lambda p: p.name)
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


def observed(model: onnx.ModelProto, x: Array) -> Observed:
    with np.errstate(over="ignore", invalid="ignore"):
        found = ReferenceEvaluator(model).run(None, {"x": x}, intermediate=True)
    floats = {name: a for name, a in found.items() if getattr(a, "dtype", None) == np.float32}
    return Observed({name: float(np.abs(a).max()) for name, a in floats.items() if a.size})


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
TOLERANCE = {"8-bit integers": 0.06, "24-bit floats": 0.006}


def inputs(model: onnx.ModelProto, rows: int = ROWS, seed: int = 11) -> Array:
    shape = [d.dim_value or rows for d in model.graph.input[0].type.tensor_type.shape.dim]
    return 2 * random(*shape, seed=seed)


SIZES = pytest.mark.parametrize("size", [0.02, 1.0, 60.0])


@PRECISIONS
@SIZES
@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_gives_the_bits_of_the_reference_evaluator(
    name: str, precision: Precision, size: float
) -> None:
    model = MODELS[name]()
    x = np.float32(size) * inputs(model)
    made = exact(model, x, precision).model
    for data in (x, 7 * x):  # also what calibration never saw
        expected = ReferenceEvaluator(made).run(["y"], {"x": data})[0]
        for level in LEVELS:
            np.testing.assert_array_equal(run(made, level, data), expected)


def sums(model: onnx.ModelProto, x: Array) -> Iterator[tuple[str, float]]:
    """The largest sum of |weight| x |input| that each product really came to."""
    found = ReferenceEvaluator(model).run(None, {"x": x}, intermediate=True)
    for node in model.graph.node:
        if node.op_type == "QuantizeLinear":
            assert found[node.output[0]].max() <= 128  # or pairs of products could saturate
        elif node.op_type == "Conv":
            absolute = [np.abs(found[name]).astype(np.float64) for name in node.input]
            yield (
                node.output[0],
                ReferenceEvaluator(node)
                .run(None, dict(zip(node.input, absolute, strict=True)))[0]
                .max(),
            )
        elif node.op_type in ("MatMul", "MatMulInteger", "ReduceSum"):
            a, b = (found[name].astype(np.int64) for name in node.input[:2])
            zero = 64 if node.op_type == "MatMulInteger" else 0
            if node.op_type == "ReduceSum":
                yield node.output[0], np.abs(a).sum(axis=tuple(b)).max()
            else:
                yield node.output[0], (np.abs(a - zero) @ np.abs(b)).max()


@PRECISIONS
@SIZES
@pytest.mark.parametrize("name", MODELS)
def test_no_sum_is_larger_than_its_bound_says(name: str, precision: Precision, size: float) -> None:
    model = MODELS[name]()
    x = np.float32(size) * inputs(model)
    made = exact(model, x, precision)
    for data in (x, 7 * x):
        for product, largest in sums(made.model, data):
            assert largest <= made.bounds[product] < 2**24


@PRECISIONS
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("size", [0.05, 1.0])
def test_an_exact_graph_stays_near_the_float_graph(
    name: str, precision: Precision, size: float
) -> None:
    model = MODELS[name]()
    x = np.float32(size) * inputs(model)
    difference = run(exact(model, x, precision).model, 99, x) - run(model, 99, x)
    largest = max(float(np.abs(run(model, 99, x)).max()), 1.0)
    assert np.abs(difference).max() <= TOLERANCE[precision.name] * largest


@PRECISIONS
def test_a_row_does_not_depend_on_its_batch(precision: Precision) -> None:
    model = MODELS["gates"]()
    x = inputs(model, rows=64)
    made = exact(model, x, precision).model
    whole = run(made, 99, x)
    for rows in (1, 3, 7, 32):
        np.testing.assert_array_equal(run(made, 99, x[:rows]), whole[:rows])


def test_the_float_graph_itself_fails_what_the_exact_one_passes() -> None:
    """The comparison is able to fail: float sums differ between the two evaluators."""
    model = MODELS["gates"]()
    x = inputs(model, rows=64)
    assert (run(model, 99, x) != ReferenceEvaluator(model).run(["y"], {"x": x})[0]).any()


def test_each_product_has_its_bound() -> None:
    model = graph("y = MatMul(x, w)", w=W)
    (bound,) = exact(model, inputs(model), BYTES).bounds.values()
    weights = np.rint(W * 128).astype(int)  # the largest is just below 1: 127 steps of 1/128
    assert bound == 64 * np.abs(weights).sum(axis=0).max()


def test_a_product_beyond_the_bound_is_refused_by_name() -> None:
    wide = np.ones((5000, 2), dtype=np.float32)
    model = graph("y = MatMul(x, w)", "float[batch,5000] x", w=wide)
    with pytest.raises(
        BoundError, match=r"product MatMulInteger_\d+ reaches 20,480,000 grid units; 16,777,216"
    ):
        exact(model, inputs(model), BYTES)


def test_a_state_is_bounded_by_its_successor_and_nothing_else_is() -> None:
    body = "a = Tanh(x) y = MatMul(x, w) x_next = Mul(k, a)"
    model = graph(body, w=W, k=scalar(0.1))
    model.graph.output.append(
        helper.make_tensor_value_info("x_next", onnx.TensorProto.FLOAT, ["batch", SIZE])
    )
    clips = {
        states: sum(
            node.op_type == "Clip"
            for node in to_exact(
                model,
                Observed({"x": 0.1, "a": 1.0}),
                BYTES,
                states={"x": "x_next"} if states else None,
            ).model.graph.node
        )
        for states in (True, False)
    }
    assert clips == {True: 1, False: 2}  # of tanh alone, or also before the product


TOKENS = 20


@pytest.mark.parametrize(
    ("body", "constants", "rows"),
    [
        ("e = Gather(T, token) y = MatMul(e, W)", "TW", True),
        ("o = OneHot(token, N, V) y = MatMul(o, U)", "NVU", True),
        ("e = Gather(T, token) m = ReduceMax<axes=[0]>(e) y = Sub(e, m)", "T", False),
        ("e = Gather(T, token) n = Shape(token) f = Cast<to=1>(n) y = Mul(e, f)", "T", False),
        ("e = Gather(T, token) f = Transpose(e) y = Transpose(f)", "T", True),
    ],
)
def test_only_what_is_a_row_a_token_becomes_a_table(body: str, constants: str, rows: bool) -> None:
    all_constants = {
        "T": random(TOKENS, 6),
        "U": random(TOKENS, 6, seed=1),
        "V": np.array([0, 1], dtype=np.float32),
        "W": random(6, 6, seed=2),
        "N": np.array(TOKENS),
    }
    used = {name: all_constants[name] for name in constants}
    model = graph(f"{body} z = Add(x, x)", "int64[batch] token, float[batch,5] x", **used)
    ranges = {"e": 1.0, "f": 1.0, "x": 1.0}
    made = to_exact(model, Observed(ranges), FLOATS, tokens=TOKENS).model
    assert rows == (made.graph.node[-1].op_type == "Gather")
    for batch in (1, 7, 33):
        feeds = {"token": np.arange(batch) * 7 % TOKENS, "x": random(batch, 5)}
        ours, theirs = (ReferenceEvaluator(m).run(["y"], feeds)[0] for m in (made, model))
        np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_a_sum_over_the_batch_is_named() -> None:
    model = graph("m = ReduceMean<axes=[0]>(x) y = Sub(x, m)")
    with pytest.raises(InexactError, match=r"^a sum along an axis of open size \(x\)$"):
        exact(model, inputs(model), BYTES)


def test_a_number_that_no_integer_may_hold_is_not_cast() -> None:
    model = graph("i = Cast<to=7>(x) f = Cast<to=1>(i) y = Add(f, x)")
    with pytest.raises(InexactError, match=r"^Cast to whole numbers of something without a bound$"):
        exact(model, inputs(model), BYTES)


def test_an_unknown_operator_is_named() -> None:
    model = graph("a = Erf(x) b = Sin(a) y = Erf(b)")
    with pytest.raises(InexactError, match=r"^Erf, Sin$"):
        exact(model, inputs(model), BYTES)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"activations": ["Relu", "Tanh", "Tanh"]}, "LSTM with activations Relu, Tanh, Tanh"),
        ({"clip": 1.0}, "LSTM with clip=1.0"),
    ],
)
def test_an_unusual_lstm_is_named(fields: dict[str, Any], said: str) -> None:
    model = lstm("LSTM", **fields)
    with pytest.raises(InexactError, match=said):
        to_exact(model, Observed({"x": 1.0}), BYTES)


@pytest.mark.parametrize("form", [FAST, ACCURATE], ids=["fast", "accurate"])
def test_tanh_is_as_near_as_it_says_and_never_above_one(form: Any) -> None:
    x = np.linspace(-form.clip - 1, form.clip + 1, 200_001)
    clipped = np.clip(x, -form.clip, form.clip)
    square = clipped**2
    found = form.factor * clipped * np.polyval((1, *form.numerator), square)
    found /= np.polyval((1, *form.denominator), square)
    assert np.abs(found - np.tanh(x)).max() <= form.error
    assert np.abs(found).max() <= 1
