"""Exact arithmetic: a float graph to one whose every operation has a single right answer.

A float32 sum of integers is exact, in any order, while every partial sum stays below 2**24. So
the inputs of each product are rounded to a grid and its weights to another; what stands between
the products is made of operations that IEEE 754 rounds correctly, each a node of its own.

    _graph.py         the graph being written, and the values in it
    _source.py        the float graph being read
    _gates.py         the gates of a cell, brought to one sigmoidal function
    _recurrent.py     LSTM and GRU operators as Scans over a cell
    _products.py      MatMul, Gemm, Conv and sums over an axis
    _functions.py     tanh, sigmoid, exp and square root from + - x /
    _rules.py         one rule an operator
    _lowering.py      the pass
    sampling_head.py  the part of a step graph that draws, with or without classes
    _last_layer.py    the last layer taken apart, for classes
"""

from __future__ import annotations

from ._graph import CalibrationRanges, InexactError
from ._lowering import Exact, to_exact
from ._products import INT8, INT8_CLIPPED, INT24_IN_FLOAT32, BoundError, Precision

__all__ = [
    "INT8",
    "INT8_CLIPPED",
    "INT24_IN_FLOAT32",
    "BoundError",
    "CalibrationRanges",
    "Exact",
    "InexactError",
    "Precision",
    "to_exact",
]
