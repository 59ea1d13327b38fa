"""The registry of the lowering rules, by the operator that they rewrite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import onnx

from .functions import Tanh
from .graph import Graph, Value
from .products import Products

__all__ = ["LoweringContext", "Made", "Rule", "Rules"]

Made = Value | Sequence[Value]


class LoweringContext(Protocol):
    """The part of a lowering that a rule uses."""

    @property
    def graph(self) -> Graph:
        """The graph being written."""

    @property
    def products(self) -> Products:
        """The writer of sums of products."""

    @property
    def form(self) -> Tanh:
        """The approximation of tanh and sigmoid, see `Precision.tanh`."""

    def body(self, graph: onnx.GraphProto) -> onnx.GraphProto:
        """Return the body of a loop in exact arithmetic.

        Args:
            graph: the float body.
        """


Rule = Callable[[LoweringContext, onnx.NodeProto, list[Any]], Made]
"""A function that writes a float node in exact form: from its input values to its outputs."""


class Rules(dict[str, Rule]):
    """The rule of each operator; a module adds its rules with `of`."""

    def of(self, *operators: str) -> Callable[[Rule], Rule]:
        """Return a decorator that registers a rule for these operators.

        Args:
            operators: the names of the ONNX operators.
        """

        def add(rule: Rule) -> Rule:
            self.update(dict.fromkeys(operators, rule))
            return rule

        return add
