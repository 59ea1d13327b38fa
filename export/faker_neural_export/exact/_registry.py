"""The rules of the lowering, by the operators they rewrite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import onnx

from ._functions import Tanh
from ._graph import Graph, Value
from ._products import Products

__all__ = ["Context", "Made", "Rule", "Rules"]

Made = Value | Sequence[Value]


class Context(Protocol):
    """The part of a lowering that a rule uses."""

    @property
    def graph(self) -> Graph:
        """The graph that is written."""

    @property
    def products(self) -> Products:
        """What writes sums of products."""

    @property
    def form(self) -> Tanh:
        """The form of tanh and sigmoid, see `Precision.tanh`."""

    def body(self, graph: onnx.GraphProto) -> onnx.GraphProto:
        """Rewrite the body of a loop."""


Rule = Callable[[Context, onnx.NodeProto, list[Any]], Made]
"""Writes one node, given the values of its inputs; returns those of its outputs."""


class Rules(dict[str, Rule]):
    """A registry of rules by operator; modules add theirs with `of`."""

    def of(self, *operators: str) -> Callable[[Rule], Rule]:
        """Return a decorator that registers a rule for these operators."""

        def add(rule: Rule) -> Rule:
            self.update(dict.fromkeys(operators, rule))
            return rule

        return add
