"""tanh, sigmoid, exp, erf, softplus and square root from operations that IEEE 754 rounds correctly.

Each operation is a separate node. There is no fused multiply-add and no `exp` of a math library,
because their last bits differ between machines. The functions are approximations with the errors
stated here. The export measures the cost in bits per character.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .graph import Array, Graph

__all__ = ["ACCURATE", "FAST", "Tanh", "erf", "exp", "sigmoid", "softplus", "sqrt", "tanh"]


@dataclass(frozen=True, slots=True)
class Tanh:
    """A rational approximation of tanh, with x clipped: factor * x * N(x^2) / D(x^2).

    Among the approximations of its degree that never exceed 1, it has the smallest maximum error.
    The coefficients were found by linear programming (Loeb, "Algorithms for Chebyshev
    approximations using the ratio of linear forms", 1960).

    Args:
        clip: x is clipped to [-clip, clip].
        factor: the ratio of the leading coefficients, with N and D scaled to lead with 1.
        numerator: the coefficients of N after the leading 1, highest power first.
        denominator: the coefficients of D after the leading 1, highest power first.
        error: the largest absolute error for any x.
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
    """Write the tanh of x.

    Args:
        graph: the graph to add nodes to.
        form: the approximation to use.
        x: the name of a float32 value.

    Returns:
        The name of the result, which has the shape of x.
    """
    return graph.op("Mul", _unscaled_tanh(graph, form, x), graph.scalar(form.factor))


def sigmoid(graph: Graph, form: Tanh, x: str) -> str:
    """Write the logistic function of x as 1/2 + 1/2 tanh(x / 2).

    Args:
        graph: the graph to add nodes to.
        form: the approximation of tanh to use.
        x: the name of a float32 value.

    Returns:
        The name of the result, which has the shape of x.
    """
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
"""`exp` clips x to [-20, 20]. The relative error there is below 4e-5, for |x| < 16 below 1e-5."""


def exp(graph: Graph, x: str) -> str:
    """Write e to the power of x: the Taylor polynomial of degree 7 at x / 32, squared five times.

    Args:
        graph: the graph to add nodes to.
        x: the name of a float32 value; see `EXP_LIMIT` for the range and the error.

    Returns:
        The name of the result, which has the shape of x.
    """
    x = graph.op("Clip", x, graph.scalar(-EXP_LIMIT), graph.scalar(EXP_LIMIT))
    y = graph.op("Mul", x, graph.scalar(2.0**-_HALVINGS))
    value = graph.scalar(1 / math.factorial(_EXP_DEGREE))
    for n in range(_EXP_DEGREE - 1, -1, -1):
        value = graph.op("Mul", value, y)
        value = graph.op("Add", value, graph.scalar(1 / math.factorial(n)))
    for _ in range(_HALVINGS):
        value = graph.op("Mul", value, value)
    return value


_ERF = (430638e-10, 2765672e-10, 1520143e-10, 92705272e-10, 422820123e-10, 705230784e-10)
_ERF_SQUARINGS = 4


def erf(graph: Graph, x: str) -> str:
    """Write the error function of x: 1 - P(|x|)^-16 with the sign of x.

    The absolute error is below 3e-6, most of it the rounding of the power.

    Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 7.1.28.

    Args:
        graph: the graph to add nodes to.
        x: the name of a float32 value.

    Returns:
        The name of the result, which has the shape of x.
    """
    size = graph.op("Min", graph.op("Abs", x), graph.scalar(4))  # erf(4) is 1 in float32
    power = graph.scalar(_ERF[0])
    for coefficient in (*_ERF[1:], 1.0):
        power = graph.op("Add", graph.op("Mul", power, size), graph.scalar(coefficient))
    for _ in range(_ERF_SQUARINGS):
        power = graph.op("Mul", power, power)
    above = graph.op("Sub", graph.scalar(1), graph.op("Div", graph.scalar(1), power))
    return graph.op("Where", graph.op("Less", x, graph.scalar(0)), graph.op("Neg", above), above)


_ATANH_TERMS = 6


def softplus(graph: Graph, x: str) -> str:
    """Write log(1 + exp(x)) as max(x, 0) + log(1 + u) with u = exp(-|x|).

    log(1 + u) is 2 atanh(u / (2 + u)), and the series of atanh has six terms here. The absolute
    error is below 1e-5.

    Args:
        graph: the graph to add nodes to.
        x: the name of a float32 value.

    Returns:
        The name of the result, which has the shape of x.
    """
    u = exp(graph, graph.op("Neg", graph.op("Abs", x)))
    ratio = graph.op("Div", u, graph.op("Add", u, graph.scalar(2)))
    square = graph.op("Mul", ratio, ratio)
    series = graph.scalar(2 / (2 * _ATANH_TERMS - 1))
    for n in range(2 * _ATANH_TERMS - 3, 0, -2):
        series = graph.op("Add", graph.op("Mul", series, square), graph.scalar(2 / n))
    positive = graph.op("Max", x, graph.scalar(0))
    return graph.op("Add", positive, graph.op("Mul", ratio, series))


_HERON_STEPS = 12


def sqrt(graph: Graph, x: str, largest: float) -> str:
    """Write the square root of x by Heron's rule: the operator Sqrt may be an approximation.

    The iteration starts at the square root of `largest`. Twelve steps are accurate to the last
    bits of float32 if the root of x is at most 200 times smaller than this start.

    Args:
        graph: the graph to add nodes to.
        x: the name of a float32 value, 0 or more.
        largest: the largest value of x that is expected, finite and 0 or more.

    Returns:
        The name of the result, which has the shape of x.
    """
    root = graph.scalar(max(math.sqrt(largest), 1e-18))
    for _ in range(_HERON_STEPS):
        total = graph.op("Add", root, graph.op("Div", x, root))
        root = graph.op("Mul", total, graph.scalar(0.5))
    return root
