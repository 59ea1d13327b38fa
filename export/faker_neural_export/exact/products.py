"""MatMul, Gemm, Conv and sums along an axis, with partial sums below the bound of 2**24."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import onnx

from .functions import ACCURATE, FAST, Tanh
from .graph import Array, Graph, InexactError, Value

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
"""Sums of integers are exact in float32, in any order, while they stay below this bound."""

_MOST_STEPS = 2**18  # in a sum: float32 still resolves half a step


class BoundError(Exception):
    """A partial sum of a product could reach the bound of 2**24.

    Args:
        name: the name of the product in the graph.
        bound: the largest possible partial sum, in grid units.
    """

    def __init__(self, name: str, bound: int) -> None:
        super().__init__(f"product {name} reaches {bound:,} grid units; {BOUND:,} is the bound")
        self.name, self.bound = name, bound


@dataclass(frozen=True, slots=True)
class Precision:
    """The grids that the products of a graph are rounded to.

    Args:
        name: the name on the card.
        input_steps: the number of grid steps from 0 to the end of an input's range.
        slack: the largest ratio, 1 or more, of an input's limit to the end of this range; larger
            inputs are clipped. With few steps, a finer grid is worth more than the largest inputs.
        weight_steps: the number of grid steps from 0 to the largest weight of a column, or of the
            whole matrix if `integer`.
        integer: whether products are MatMulInteger (at most 8 bits a side) or float32 MatMul.
        tanh: the approximation of tanh.
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
    """Writes products into a graph and records the bound of each in `bounds`.

    Args:
        precision: the grids to round to.
    """

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self.bounds: dict[str, int] = {}

    def matmul(self, graph: Graph, x: Value, weights: Array) -> Value:
        """Write x [..., inputs] times constant weights [inputs, columns].

        Args:
            graph: the graph to add nodes to.
            x: float32 [..., inputs].
            weights: float32 [inputs, columns].

        Raises:
            InexactError: x has no known range.
            BoundError: the product could reach the bound.
        """
        if not self.precision.integer:
            steps, rounded, scale = self._grid(graph, x, self._input_steps(weights, axis=0))
            whole, column_scale = _quantise(weights, self._weight_steps(weights, steps, axis=0), 0)
            name = graph.op("MatMul", rounded, _stored(graph, whole))
            bound = self._record_column_bound(name, whole, steps, axis=0)
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
        bound = self._record_column_bound(name, whole, steps, axis=0)
        scale *= weight_scale.item()
        # Not DequantizeLinear: onnxruntime moves it behind a Reshape and then computes zeros.
        name = graph.op("Mul", graph.op("Cast", name, to=1), graph.scalar(scale))
        return _product(name, x, bound * scale, weights.shape[1:])

    def dynamic(self, graph: Graph, x: Value, y: Value) -> Value:
        """Write a product whose right factor is not a constant matrix.

        Args:
            graph: the graph to add nodes to.
            x: float32 [..., inputs], the last size fixed.
            y: float32 [..., inputs, columns].

        Raises:
            InexactError: the size of the inputs is not fixed, or a factor has no known range.
        """
        inputs = x.size(-1)
        steps = 2 ** int(math.log2(math.sqrt((BOUND - 1) / inputs)))
        (_, left, left_scale), (_, right, right_scale) = (
            self._grid(graph, value, steps) for value in (x, y)
        )
        name = graph.op("MatMul", left, right)
        bound = self._record_bound(name, inputs * steps * steps)
        name = _scaled(graph, name, np.array(left_scale * right_scale, dtype=np.float32))
        columns = (None,) if y.shape is None else y.shape[-1:]
        return _product(name, x, bound * left_scale * right_scale, columns)

    def conv(
        self, graph: Graph, x: Value, weights: Array, bias: Array | None, node: onnx.NodeProto
    ) -> Value:
        """Write a convolution.

        Args:
            graph: the graph to add nodes to.
            x: float32 [batch, in, ...].
            weights: float32 [out, in / groups, ...].
            bias: float32 [out], or None.
            node: the Conv node, for its attributes.

        Raises:
            InexactError: x has no known range.
            BoundError: the product could reach the bound.
        """
        axes = tuple(range(1, weights.ndim))
        steps, rounded, scale = self._grid(graph, x, self._input_steps(weights, axes))
        whole, column_scale = _quantise(weights, self._weight_steps(weights, steps, axes), axes)
        scales = (scale * column_scale[:, 0]).astype(np.float32)  # [out, 1, ...]
        name = graph.op("Conv", rounded, _stored(graph, whole))
        graph.nodes[-1].attribute.extend(node.attribute)
        limit = self._record_column_bound(name, whole, steps, axes) * float(scales.max())
        name = _scaled(graph, name, scales)
        if bias is not None:
            name = graph.op("Add", name, graph.constant(bias.reshape(scales.shape)))
            limit += float(np.abs(bias).max())
        return Value(name, bound=limit)

    def table(self, graph: Graph, rows: Array, weights: Array | None) -> Value:
        """Write a constant table: rows, or rows @ weights.

        The file stores the two factors. onnxruntime multiplies them when a session is created.

        Args:
            graph: the graph to add nodes to.
            rows: float32 [tokens, inputs].
            weights: float32 [inputs, columns], or None.

        Returns:
            The table, float32 [tokens, inputs] or [tokens, columns].

        Raises:
            BoundError: the product could reach the bound.
        """
        if weights is None:
            fine = not self.precision.integer  # the products of 8-bit graphs round to 8 bits anyway
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
        self._record_column_bound(name, right, most, axis=0)
        scales = (left_scale * right_scale).astype(np.float32)
        largest = float(np.abs((left @ right) * scales).max())
        return Value(_scaled(graph, name, _shortest(scales)), bound=largest)

    def sum(self, graph: Graph, x: Value, axes: list[int], keep: int) -> Value:
        """Write the sum of x along axes.

        Args:
            graph: the graph to add nodes to.
            x: a float32 value.
            axes: the axes, each of a fixed size.
            keep: 1 if the result keeps the axes with size 1, else 0.

        Raises:
            InexactError: an axis has no fixed size, x has no known range, or the sum has so many
                terms that the grid would be too coarse.
        """
        count = math.prod(x.size(axis) for axis in axes)
        steps = min(2 ** int(math.log2((BOUND - 1) / count)), _MOST_STEPS)
        if steps < self.precision.input_steps:
            raise InexactError(f"a sum of {count:,} numbers")
        _, rounded, scale = self._grid(graph, x, steps)
        along = graph.constant(np.array(axes, dtype=np.int64))
        name = graph.op("ReduceSum", rounded, along, keepdims=keep)
        bound = self._record_bound(name, count * steps)
        return Value(graph.op("Mul", name, graph.scalar(scale)), bound=bound * scale)

    def _grid(self, graph: Graph, x: Value, steps: int = 0) -> tuple[int, str, float]:
        """Write x in whole grid steps; return their largest number, the name and the step size."""
        steps = steps or self.precision.input_steps
        scale = self._scale(x, steps)
        if x.constant is not None:
            whole = np.rint(x.constant / scale).clip(-steps, steps).astype(np.float32)
            return steps, graph.constant(whole), scale
        scaled = graph.op("Mul", _clip(graph, x, steps, scale), graph.scalar(1 / scale))
        return steps, graph.op("Round", scaled), scale

    def _scale(self, x: Value, steps: int) -> float:
        """Return a step size, a power of two, with which `steps` cover x up to the slack."""
        if not math.isfinite(x.grid_range):
            raise InexactError(f"a product of something without a known range ({x.name})")
        slack = self.precision.slack if steps == self.precision.input_steps else 1.001
        return float(2.0 ** math.ceil(math.log2(max(x.grid_range, 2.0**-20) / (steps * slack))))

    def _input_steps(self, weights: Array, axis: int | tuple[int, ...]) -> int:
        """Halve the steps of an input, to 64 at least, until the weights can have 127 steps."""
        steps = self.precision.input_steps
        while steps > INT8.input_steps and self._room(weights, steps, axis) < 127:
            steps //= 2
        return steps

    def _room(self, weights: Array, steps: int, axis: int | tuple[int, ...]) -> int:
        """Return the most weight steps that stay below the bound with `steps` input steps."""
        largest = np.abs(weights).max(axis=axis)
        ratio = np.abs(weights).sum(axis=axis) / np.where(largest > 0, largest, 1)
        inputs = weights.size / largest.size
        return int(((BOUND - 1) / steps - inputs / 2) / max(float(ratio.max()), 1.0))

    def _weight_steps(self, weights: Array, steps: int, axis: int | tuple[int, ...]) -> int:
        """Return the most weight steps of the precision that stay below the bound, 127 or more."""
        fits = self._room(weights, steps, axis)
        return max(min(self.precision.weight_steps, fits), INT8.weight_steps)

    def _record_column_bound(
        self, name: str, whole: Array, steps: int, axis: int | tuple[int, ...]
    ) -> int:
        return self._record_bound(name, int((np.abs(whole).sum(axis=axis) * steps).max()))

    def _record_bound(self, name: str, bound: int) -> int:
        if bound >= BOUND:
            raise BoundError(name, bound)
        self.bounds[name] = bound
        return bound


def _clip(graph: Graph, x: Value, steps: int, scale: float) -> str:
    """Clip x to `steps` grid steps, unless its bound already keeps it inside."""
    if x.bound <= (steps + 0.4) * scale:  # rounds to `steps` at most
        return x.name
    limit = steps * scale
    return graph.op("Clip", x.name, graph.scalar(-limit), graph.scalar(limit))


def _quantise(weights: Array, steps: int, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """Return the weights in whole steps and the step sizes, a power of two for each column."""
    largest = np.maximum(np.abs(weights).max(axis=axis, keepdims=True), 2.0**-60)
    scale = 2.0 ** np.ceil(np.log2(largest.astype(np.float64) / (steps + 0.49)))
    return np.rint(weights / scale), scale


def _scaled(graph: Graph, product: str, scale: Array) -> str:
    """Convert a float32 product from grid steps to its real scale.

    Round changes no whole number. It prevents onnxruntime from fusing a later Add into the
    product, which would add a number that is not on the grid.
    """
    return graph.op("Mul", graph.op("Round", product), graph.constant(scale))


def _stored(graph: Graph, whole: Array) -> str:
    """Store integers as int8 or int16 and cast them to float32."""
    kind = np.int8 if np.abs(whole).max() <= 127 else np.int16
    return graph.op("Cast", graph.constant(whole.astype(kind)), to=onnx.TensorProto.FLOAT)


def _shortest(scales: Array) -> Array:
    """Return a scalar if all scales are equal, else the scales as one axis."""
    flat = scales.reshape(-1)
    return flat[0] if (flat == flat[0]).all() else flat


def _product(name: str, x: Value, bound: float, columns: tuple[int | None, ...]) -> Value:
    shape = None if x.shape is None else (*x.shape[:-1], *columns)
    return replace(x, name=name, bound=bound, observed=math.inf, shape=shape, constant=None)
