"""The exact pass, operator by operator: the onnx package's own evaluator is the oracle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from exact_graphs import (
    LEVELS,
    MODELS,
    SIZE,
    Array,
    W,
    exact,
    graph,
    inputs,
    lstm,
    random,
    run,
    scalar,
)
from onnx import helper
from onnx.reference import ReferenceEvaluator

from faker_neural_export.exact import (
    INT8,
    INT24_IN_FLOAT32,
    BoundError,
    CalibrationRanges,
    InexactError,
    Precision,
    to_exact,
)
from faker_neural_export.exact.functions import ACCURATE, FAST

PRECISIONS = pytest.mark.parametrize("precision", [INT8, INT24_IN_FLOAT32], ids=lambda p: p.name)


TOLERANCE = {"8-bit integers": 0.06, "24-bit floats": 0.006}
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
    (bound,) = exact(model, inputs(model), INT8).bounds.values()
    weights = np.rint(W * 128).astype(int)  # the largest is just below 1: 127 steps of 1/128
    assert bound == 64 * np.abs(weights).sum(axis=0).max()


def test_a_product_beyond_the_bound_is_refused_by_name() -> None:
    wide = np.ones((5000, 2), dtype=np.float32)
    model = graph("y = MatMul(x, w)", "float[batch,5000] x", w=wide)
    with pytest.raises(
        BoundError, match=r"product MatMulInteger_\d+ reaches 20,480,000 grid units; 16,777,216"
    ):
        exact(model, inputs(model), INT8)


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
                CalibrationRanges({"x": 0.1, "a": 1.0}),
                INT8,
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
    made = to_exact(model, CalibrationRanges(ranges), INT24_IN_FLOAT32, tokens=TOKENS).model
    assert rows == (made.graph.node[-1].op_type == "Gather")
    for batch in (1, 7, 33):
        feeds = {"token": np.arange(batch) * 7 % TOKENS, "x": random(batch, 5)}
        ours, theirs = (ReferenceEvaluator(m).run(["y"], feeds)[0] for m in (made, model))
        np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_a_sum_over_the_batch_is_named() -> None:
    model = graph("m = ReduceMean<axes=[0]>(x) y = Sub(x, m)")
    with pytest.raises(InexactError, match=r"^a sum along an axis of open size \(x\)$"):
        exact(model, inputs(model), INT8)


def test_a_number_that_no_integer_may_hold_is_not_cast() -> None:
    model = graph("i = Cast<to=7>(x) f = Cast<to=1>(i) y = Add(f, x)")
    with pytest.raises(InexactError, match=r"^Cast to whole numbers of something without a bound$"):
        exact(model, inputs(model), INT8)


@pytest.mark.parametrize(
    "body",
    [
        "some = Cast<to=9>(ids) integers = Where(some, ids, large)",
        "integers = Pad(ids, pads, large)",
    ],
)
def test_integers_that_an_operator_brings_in_are_within_the_bound(body: str) -> None:
    """A condition and the data of a Pad say nothing of the other integers."""
    model = graph(
        f"small = Tanh(x) ids = Cast<to=7>(small) {body} "
        "floats = Cast<to=1>(integers) y = MatMul(floats, weights)",
        large=np.array(12_000),
        pads=np.array([0, 0, 1, 0]),
        weights=random(SIZE, 3),
    )
    x = random(7, SIZE)
    made = exact(model, x, INT8)
    expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
    error = np.abs(run(made.model, 0, x) - expected).max()
    assert error < 0.02 * np.abs(expected).max()


def test_an_unknown_operator_is_named() -> None:
    model = graph("a = Cos(x) b = Sin(a) y = Cos(b)")
    with pytest.raises(InexactError, match=r"^Cos, Sin$"):
        exact(model, inputs(model), INT8)


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
        to_exact(model, CalibrationRanges({"x": 1.0}), INT8)


@pytest.mark.parametrize("form", [FAST, ACCURATE], ids=["fast", "accurate"])
def test_tanh_is_as_near_as_it_says_and_never_above_one(form: Any) -> None:
    x = np.linspace(-form.clip - 1, form.clip + 1, 200_001)
    clipped = np.clip(x, -form.clip, form.clip)
    square = clipped**2
    found = form.factor * clipped * np.polyval((1, *form.numerator), square)
    found /= np.polyval((1, *form.denominator), square)
    assert np.abs(found - np.tanh(x)).max() <= form.error
    assert np.abs(found).max() <= 1


@pytest.mark.parametrize(
    ("operator", "function", "error"),
    [
        ("Erf", np.vectorize(math.erf), 3e-6),
        ("Softplus", lambda x: np.logaddexp(x, 0), 1e-5),
        ("Selu", lambda x: 1.0507010 * np.where(x > 0, x, 1.6732632 * np.expm1(x)), 1e-5),
    ],
)
def test_an_activation_is_as_near_as_it_says(operator: str, function: Any, error: float) -> None:
    x = np.linspace(-12, 12, 100_000, dtype=np.float32).reshape(-1, SIZE + 13)
    model = graph(f"y = {operator}(x)", f"float[batch,{SIZE + 13}] x")
    found = run(exact(model, x, INT24_IN_FLOAT32).model, 99, x)
    assert np.abs(found - function(x.astype(np.float64))).max() <= error


def test_positions_are_summed_as_integers_and_floats_are_not() -> None:
    body = "t = Relu(z) i = Cast<to=7>(t) o = Add(i, n) s = CumSum(o, a) f = Cast<to=1>(s)"
    one, axis = np.array(1), np.array(1)
    model = graph(f"{body} y = Add(f, x)", z=np.zeros((1, SIZE), np.float32), n=one, a=axis)
    x = np.full((1, SIZE), 3, np.float32)
    assert run(exact(model, x, INT8).model, 99, x).tolist() == [list(range(4, SIZE + 4))]
    with pytest.raises(InexactError, match="CumSum of anything but whole numbers"):
        exact(graph("y = CumSum(x, a)", a=axis), x, INT8)
