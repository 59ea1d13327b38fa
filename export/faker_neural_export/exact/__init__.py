"""Exact arithmetic: rewrite a float graph so that it gives the same bits on every machine.

A float32 sum of integers is exact, in any order, while every partial sum stays below 2**24.
Therefore the inputs of each product are rounded to one grid and its weights to another. The
operations between the products are operations that IEEE 754 rounds correctly. Each of them is a
separate node.

    graph.py            the graph being written, and its values
    source.py           the float graph being read
    gates.py            the gates of a recurrent cell, merged into one node
    recurrent.py        LSTM and GRU operators as Scans over a cell
    products.py         MatMul, Gemm, Conv and sums over an axis
    functions.py        tanh, sigmoid, exp, erf, softplus and square root from + - x /
    registry.py         the registry of the rules
    rules.py            one rule for each operator; activations.py has those of activations
    lowering.py         the pass over the float graph
    calibration.py      value ranges on real input, and the cost of another arithmetic
    arithmetic.py       the choice between exact and float arithmetic for a model
    sampling_head.py    the nodes that sample the next token of a `step` graph
    last_layer.py       the last layer split into parts, for a factored softmax
    shared_vectors.py   one stored matrix for the embedding and the last layer
"""

from __future__ import annotations

from .graph import CalibrationRanges, InexactError
from .lowering import Exact, to_exact
from .products import INT8, INT8_CLIPPED, INT24_IN_FLOAT32, BoundError, Precision

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
