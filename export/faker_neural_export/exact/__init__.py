"""Exact arithmetic: rewrite a float graph so that it gives the same bits on every machine.

A float32 sum of integers is exact, in any order, while every partial sum stays below 2**24.
Therefore the inputs of each product are rounded to one grid and its weights to another. The
operations between the products are operations that IEEE 754 rounds correctly. Each of them is a
separate node.

    _graph.py           the graph being written, and its values
    _source.py          the float graph being read
    _gates.py           the gates of a recurrent cell, merged into one node
    _recurrent.py       LSTM and GRU operators as Scans over a cell
    _products.py        MatMul, Gemm, Conv and sums over an axis
    _functions.py       tanh, sigmoid, exp and square root from + - x /
    _registry.py        the registry of the rules
    _rules.py           one rule for each operator
    _lowering.py        the pass over the float graph
    calibration.py      value ranges on real input, and the cost of another arithmetic
    arithmetic.py       the choice between exact and float arithmetic for a model
    sampling_head.py    the nodes that sample the next token of a `step` graph
    _last_layer.py      the last layer split into parts, for a factored softmax
    _shared_vectors.py  one stored matrix for the embedding and the last layer
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
