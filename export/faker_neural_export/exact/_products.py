"""MatMul, Gemm, Conv and sums along an axis, each below the bound of 2**24."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import onnx

from ._functions import ACCURATE, FAST, Tanh
from ._graph import Array, Graph, InexactError, Value

__all__ = [
    "BOUND",
    "INT8",
    "INT8_CLIPPED",
    "INT24_IN_FLOAT32",
    "BoundError",
    "Precision",
    "Products",
]

BOUND = 2**24
"""Integers below it are exact in float32, whatever the order they are added in."""

_MOST_STEPS = 2**18  # of a sum: enough, and float32 still tells half a step


class BoundError(Exception):
    """A product's partial sums could leave the integers that float32 holds."""

    def __init__(self, name: str, bound: int) -> None:
        super().__init__(f"product {name} reaches {bound:,} grid units; {BOUND:,} is the bound")
        self.name, self.bound = name, bound


@dataclass(frozen=True, slots=True)
class Precision:
    """How finely a graph is rounded.

    Args:
        name: for the card.
        input_steps: grid steps from 0 to an input's limit.
        slack: how far an input may exceed them and be clipped; where steps are few, a finer grid
            is worth more than the largest values.
        weight_steps: grid steps from 0 to a column's largest weight.
        integer: whether products are MatMulInteger (8 bits a side at most) or float32 MatMul.
        tanh: the form of tanh.
    """

    name: str
    input_steps: int
    slack: float
    weight_steps: int
    integer: bool
    tanh: Tanh


# 64 and 127: MatMulInteger adds pairs of products in 16 bits on processors without VNNI,
# and saturates there unless 2 * 128 * 127 <= 32767.
INT8 = Precision("8-bit integers", 64, 1.125, 127, True, FAST)
INT8_CLIPPED = Precision("8-bit integers, clipped", 64, 2.0, 127, True, FAST)
INT24_IN_FLOAT32 = Precision("24-bit floats", 512, 1.001, 2047, False, ACCURATE)


class Products:
    """Writes products into a graph and remembers the bound of each.

    Args:
        precision: how finely.
    """

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self.bounds: dict[str, int] = {}

    def matmul(self, graph: Graph, x: Value, weights: Array) -> Value:
        """Write x [..., inputs] times constant weights [inputs, columns]."""
        if not self.precision.integer:
            steps, rounded, scale = self._grid(graph, x, self._input_steps(weights, axis=0))
            whole, column_scale = _quantise(weights, self._weight_steps(weights, steps, axis=0), 0)
            name = graph.op("MatMul", rounded, _stored(graph, whole))
            bound = self._note(name, whole, steps, axis=0)
            scales = (scale * column_scale).astype(np.float32)
            name = _scaled(graph, name, _shortest(scales))
            return _product(name, x, bound * float(scales.max()), weights.shape[1:])
        steps = self.precision.input_steps
        scale = self._scale(x, steps)
        zero = graph.constant(np.array(steps, dtype=np.uint8))
        whole, weight_scale = _quantise(weights, self.precision.weight_steps, (0, 1))
        clipped = _clip(graph, x, steps, scale)
        rounded = graph.op("QuantizeLinear", clipped, graph.scalar(scale), zero)
        weight = graph.constant(whole.astype(np.int8))
        name = graph.op("MatMulInteger", rounded, weight, zero)
        bound = self._note(name, whole, steps, axis=0)
        scale *= weight_scale.item()
        # Not DequantizeLinear: onnxruntime moves it behind a Reshape, and gets zeros.
        name = graph.op("Mul", graph.op("Cast", name, to=1), graph.scalar(scale))
        return _product(name, x, bound * scale, weights.shape[1:])

    def dynamic(self, graph: Graph, x: Value, y: Value) -> Value:
        """Write the product of two matrices that both vary: x [..., inputs] @ y [inputs, ...]."""
        inputs = x.size(-1)
        steps = 2 ** int(math.log2(math.sqrt((BOUND - 1) / inputs)))
        (_, left, left_scale), (_, right, right_scale) = (
            self._grid(graph, value, steps) for value in (x, y)
        )
        name = graph.op("MatMul", left, right)
        bound = self._keep(name, inputs * steps * steps)
        name = _scaled(graph, name, np.array(left_scale * right_scale, dtype=np.float32))
        columns = (None,) if y.shape is None else y.shape[-1:]
        return _product(name, x, bound * left_scale * right_scale, columns)

    def conv(
        self, graph: Graph, x: Value, weights: Array, bias: Array | None, node: onnx.NodeProto
    ) -> Value:
        """Write a convolution with weights [out, in, ...] and bias [out], as `node` has it."""
        axes = tuple(range(1, weights.ndim))
        steps, rounded, scale = self._grid(graph, x, self._input_steps(weights, axes))
        whole, column_scale = _quantise(weights, self._weight_steps(weights, steps, axes), axes)
        scales = (scale * column_scale[:, 0]).astype(np.float32)  # [out, 1, ...]
        name = graph.op("Conv", rounded, _stored(graph, whole))
        graph.nodes[-1].attribute.extend(node.attribute)
        limit = self._note(name, whole, steps, axes) * float(scales.max())
        name = _scaled(graph, name, scales)
        if bias is not None:
            name = graph.op("Add", name, graph.constant(bias.reshape(scales.shape)))
            limit += float(np.abs(bias).max())
        return Value(name, bound=limit)

    def table(self, graph: Graph, rows: Array, weights: Array | None) -> Value:
        """Write rows [tokens, inputs], times weights [inputs, columns] if given, as a constant.

        onnxruntime multiplies it out when a session is made; the file holds the factors.
        """
        if weights is None:
            fine = not self.precision.integer  # else a product rounds them to fewer steps
            whole, scale = _quantise(rows, *((2**15 - 1, 0) if fine else (127, (0, 1))))
            kind = np.int16 if fine else np.int8
            name = graph.op("Cast", graph.constant(whole.astype(kind)), to=1)
            name = graph.op("Mul", name, graph.constant(_shortest(scale.astype(np.float32))))
            return Value(name, bound=float(np.abs(whole * scale).max()))
        steps = self.precision.weight_steps
        left, left_scale = _quantise(rows, steps, (0, 1))
        most = int(np.abs(left).max())
        right, right_scale = _quantise(weights, self._weight_steps(weights, most, 0), 0)
        name = graph.op("MatMul", _stored(graph, left), _stored(graph, right))
        self._note(name, right, most, axis=0)
        scales = (left_scale * right_scale).astype(np.float32)
        largest = float(np.abs((left @ right) * scales).max())
        return Value(_scaled(graph, name, _shortest(scales)), bound=largest)

    def sum(self, graph: Graph, x: Value, axes: list[int], keep: int) -> Value:
        """Write the sum of x along axes of fixed size."""
        count = math.prod(x.size(axis) for axis in axes)
        steps = min(2 ** int(math.log2((BOUND - 1) / count)), _MOST_STEPS)
        if steps < self.precision.input_steps:
            raise InexactError(f"a sum of {count:,} numbers")
        _, rounded, scale = self._grid(graph, x, steps)
        along = graph.constant(np.array(axes, dtype=np.int64))
        name = graph.op("ReduceSum", rounded, along, keepdims=keep)
        bound = self._keep(name, count * steps)
        return Value(graph.op("Mul", name, graph.scalar(scale)), bound=bound * scale)

    def _grid(self, graph: Graph, x: Value, steps: int = 0) -> tuple[int, str, float]:
        """Write x in whole grid steps, as float32; return how many there may be, and their size."""
        steps = steps or self.precision.input_steps
        scale = self._scale(x, steps)
        if x.constant is not None:
            whole = np.rint(x.constant / scale).clip(-steps, steps).astype(np.float32)
            return steps, graph.constant(whole), scale
        scaled = graph.op("Mul", _clip(graph, x, steps, scale), graph.scalar(1 / scale))
        return steps, graph.op("Round", scaled), scale

    def _scale(self, x: Value, steps: int) -> float:
        """Return the grid step, a power of two, with which `steps` of them reach the limit of x."""
        if not math.isfinite(x.limit):
            raise InexactError(f"a product of something without a known range ({x.name})")
        slack = self.precision.slack if steps == self.precision.input_steps else 1.001
        return float(2.0 ** math.ceil(math.log2(max(x.limit, 2.0**-20) / (steps * slack))))

    def _input_steps(self, weights: Array, axis: int | tuple[int, ...]) -> int:
        """Return as many steps of an input as leave room for 127 of the weights."""
        steps = self.precision.input_steps
        while steps > INT8.input_steps and self._room(weights, steps, axis) < 127:
            steps //= 2
        return steps

    def _room(self, weights: Array, steps: int, axis: int | tuple[int, ...]) -> int:
        """Return how many steps of the weights stay in bound with so many of the input."""
        largest = np.abs(weights).max(axis=axis)
        ratio = np.abs(weights).sum(axis=axis) / np.where(largest > 0, largest, 1)
        inputs = weights.size / largest.size
        return int(((BOUND - 1) / steps - inputs / 2) / max(float(ratio.max()), 1.0))

    def _weight_steps(self, weights: Array, steps: int, axis: int | tuple[int, ...]) -> int:
        """Return the finest grid, up to the precision's, whose largest column stays in bound."""
        fits = self._room(weights, steps, axis)
        return max(min(self.precision.weight_steps, fits), INT8.weight_steps)

    def _note(self, name: str, whole: Array, steps: int, axis: int | tuple[int, ...]) -> int:
        return self._keep(name, int((np.abs(whole).sum(axis=axis) * steps).max()))

    def _keep(self, name: str, bound: int) -> int:
        if bound >= BOUND:
            raise BoundError(name, bound)
        self.bounds[name] = bound
        return bound


def _clip(graph: Graph, x: Value, steps: int, scale: float) -> str:
    """Keep x within so many grid steps where nothing else does."""
    if x.bound <= (steps + 0.4) * scale:  # rounds to them at most
        return x.name
    limit = steps * scale
    return graph.op("Clip", x.name, graph.scalar(-limit), graph.scalar(limit))


def _quantise(weights: Array, steps: int, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """Round to whole steps of a power of two for each column; return them and the step sizes."""
    largest = np.maximum(np.abs(weights).max(axis=axis, keepdims=True), 2.0**-60)
    scale = 2.0 ** np.ceil(np.log2(largest.astype(np.float64) / (steps + 0.49)))
    return np.rint(weights / scale), scale


def _scaled(graph: Graph, product: str, scale: Array) -> str:
    """Bring a float32 product from grid steps to its size.

    Round changes no whole number; it keeps what follows, such as an Add, from being fused into
    the product, which would add a number that is not on the grid.
    """
    return graph.op("Mul", graph.op("Round", product), graph.constant(scale))


def _stored(graph: Graph, whole: Array) -> str:
    """Store integers in as few bytes as they need; they are used as float32."""
    kind = np.int8 if np.abs(whole).max() <= 127 else np.int16
    return graph.op("Cast", graph.constant(whole.astype(kind)), to=onnx.TensorProto.FLOAT)


def _shortest(scales: Array) -> Array:
    """Return one number in place of equal ones."""
    flat = scales.reshape(-1)
    return flat[0] if (flat == flat[0]).all() else flat


def _product(name: str, x: Value, bound: float, columns: tuple[int | None, ...]) -> Value:
    shape = None if x.shape is None else (*x.shape[:-1], *columns)
    return replace(x, name=name, bound=bound, observed=math.inf, shape=shape, constant=None)
