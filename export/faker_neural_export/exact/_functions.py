"""tanh, sigmoid, exp and square root from operations that IEEE 754 rounds correctly.

Each operation is a node of its own: no fused multiply-add, and no library's `exp`, whose last bits
differ between machines. What is lost is accuracy, by the amounts stated, and measured as bits a
character when a model is exported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ._graph import Array, Graph

__all__ = ["ACCURATE", "FAST", "Tanh", "exp", "sigmoid", "sqrt", "tanh"]


@dataclass(frozen=True, slots=True)
class Tanh:
    """A rational approximation of tanh, clipped: factor * x * N(x^2) / D(x^2).

    Found by linear programming as the one of least maximum error of its degree that never exceeds
    1 (Loeb, "Algorithms for Chebyshev approximations using the ratio of linear forms", 1960).

    Args:
        clip: the largest |x|; beyond it the value stays.
        factor: the leading coefficient of N by that of D.
        numerator: N's coefficients below the leading 1, highest power first.
        denominator: D's, likewise.
        error: the largest error anywhere.
    """

    clip: float
    factor: float
    numerator: tuple[float, ...]
    denominator: tuple[float, ...]
    error: float


FAST = Tanh(3.1, 0.12930029610763186, (21.20475697,), (2.76488021,), 2.2e-3)
ACCURATE = Tanh(
    5.0,
    0.05181855981601094,
    (155.31564507, 1526.55556786),
    (34.37750675, 79.11893134),
    5.0e-5,
)


def tanh(graph: Graph, form: Tanh, x: str) -> str:
    """Write the tanh of x."""
    return graph.op("Mul", _unscaled_tanh(graph, form, x), graph.scalar(form.factor))


def sigmoid(graph: Graph, form: Tanh, x: str) -> str:
    """Write the logistic function of x as 1/2 + 1/2 tanh(x / 2)."""
    half = graph.op("Mul", x, graph.scalar(0.5))
    scaled = graph.op("Mul", _unscaled_tanh(graph, form, half), graph.scalar(form.factor / 2))
    return graph.op("Add", scaled, graph.scalar(0.5))


def gates(graph: Graph, form: Tanh, x: str, factor: Array, offset: Array) -> str:
    """Write factor * tanh(x) + offset; factor and offset are float32 [columns]."""
    scale = (factor * form.factor).astype(np.float32)
    scaled = graph.op("Mul", _unscaled_tanh(graph, form, x), graph.constant(scale))
    return graph.op("Add", scaled, graph.constant(offset))


def _unscaled_tanh(graph: Graph, form: Tanh, x: str) -> str:
    x = graph.op("Clip", x, graph.scalar(-form.clip), graph.scalar(form.clip))
    square = graph.op("Mul", x, x)
    numerator = graph.op("Mul", x, _monic(graph, square, form.numerator))
    return graph.op("Div", numerator, _monic(graph, square, form.denominator))


def _monic(graph: Graph, x: str, coefficients: tuple[float, ...]) -> str:
    """Write the polynomial with leading coefficient 1 by Horner's rule."""
    first, *rest = coefficients
    value = graph.op("Add", x, graph.scalar(first))
    for coefficient in rest:
        value = graph.op("Add", graph.op("Mul", value, x), graph.scalar(coefficient))
    return value


_HALVINGS, _EXP_DEGREE = 5, 7
EXP_LIMIT = 20.0
"""exp is that of x clipped to 20 on both sides; within 1e-5 of it, relatively."""


def exp(graph: Graph, x: str) -> str:
    """Write e to the power of x: Taylor's polynomial at x / 32, squared five times."""
    x = graph.op("Clip", x, graph.scalar(-EXP_LIMIT), graph.scalar(EXP_LIMIT))
    y = graph.op("Mul", x, graph.scalar(2.0**-_HALVINGS))
    value = graph.scalar(1 / math.factorial(_EXP_DEGREE))
    for n in range(_EXP_DEGREE - 1, -1, -1):
        value = graph.op("Mul", value, y)
        value = graph.op("Add", value, graph.scalar(1 / math.factorial(n)))
    for _ in range(_HALVINGS):
        value = graph.op("Mul", value, value)
    return value


_HERON_STEPS = 12


def sqrt(graph: Graph, x: str, largest: float) -> str:
    """Write the square root by Heron's rule: the operator Sqrt may be an approximation.

    From the square root of `largest`, twelve steps reach float32's last bits where the root is
    up to 200 times smaller.
    """
    root = graph.scalar(max(math.sqrt(largest), 1e-18))
    for _ in range(_HERON_STEPS):
        total = graph.op("Add", root, graph.op("Div", x, root))
        root = graph.op("Mul", total, graph.scalar(0.5))
    return root
