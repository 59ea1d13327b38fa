"""Real lines through a graph of the `step` contract: its values' ranges, its cross-entropy."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card

__all__ = ["bits_per_character", "observe"]

Arrays = dict[str, NDArray[Any]]


def observe(
    model: onnx.ModelProto, card: Card, lines: Sequence[Sequence[int]]
) -> Mapping[str, float]:
    """Give the largest absolute value of each float32 value of the graph along these lines.

    Args:
        model: a graph of the `step` contract.
        card: of the model.
        lines: token ids of each text, without its start and end.
    """
    inferred = onnx.shape_inference.infer_shapes(model)
    floats = [
        value
        for value in inferred.graph.value_info
        if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    ]
    inferred.graph.output.extend(floats)
    largest: dict[str, float] = defaultdict(float)
    for step in _run(inferred, card, lines):
        for name, array in step.items():
            if array.dtype == np.float32 and array.size:
                largest[name] = max(largest[name], float(np.abs(array).max()))
    return largest


def bits_per_character(model: onnx.ModelProto, card: Card, lines: Sequence[Sequence[int]]) -> float:
    """Measure the cross-entropy of these lines, the end of a line counted as a character."""
    nats, characters = 0.0, 0
    for step in _run(model, card, lines):
        logits = step["logits"].astype(np.float64)
        largest = logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]
        target = step["target"]
        nats += float((total - logits[np.arange(len(target)), target]).sum())
        characters += sum(max(len(card.tokens[i]), i == card.end) for i in target.tolist())
    return nats / math.log(2) / characters


def _run(model: onnx.ModelProto, card: Card, lines: Sequence[Sequence[int]]) -> Iterator[Arrays]:
    """Feed the lines a token a step and give, of the lines not yet ended, all that went in and out.

    "target" is the token that follows.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    outputs = [output.name for output in session.get_outputs()]
    end = [] if card.end is None else [card.end]
    ids = sorted(([card.start, *line, *end] for line in lines), key=len, reverse=True)
    states = {s.name: np.zeros((len(ids), s.size), dtype=np.float32) for s in card.states}
    for at in range(max(map(len, ids), default=1) - 1):
        running = sum(len(line) > at + 1 for line in ids)
        token = np.array([line[at] for line in ids[:running]], dtype=np.int64)
        target = np.array([line[at + 1] for line in ids[:running]], dtype=np.int64)
        feeds = {"token": token} | {name: state[:running] for name, state in states.items()}
        found = dict(zip(outputs, session.run(outputs, feeds), strict=True))
        states = {state.name: found[state.successor] for state in card.states}
        yield feeds | found | {"target": target}
