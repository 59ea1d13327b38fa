"""A model file of three letters, for what the tests change in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from faker_neural import Card


def card(**changes: object) -> Card:
    fields = {
        "name": "letters",
        "contract": "step",
        "tokens": ("", "a", "b", "c"),
        "start": 0,
        "end": 0,
        "max_tokens": 9,
        "states": (),
    }
    return Card(**fields | changes)  # type: ignore[arg-type]


def graph(rows: list[list[float]]) -> onnx.ModelProto:
    """A model of no state, with a row of logits for each id it may be fed."""
    size, values = [len(rows), 4], [logit for row in rows for logit in row]
    value = helper.make_tensor("rows", TensorProto.FLOAT, size, values)
    node = helper.make_node("Gather", ["rows", "token"], ["logits"])
    token = helper.make_tensor_value_info("token", TensorProto.INT64, ["batch"])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 4])
    made = helper.make_graph([node], "step", [token], [output], [value])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save(
    folder: Path,
    text: Card | str | None,
    logits: tuple[float, ...] = (0, 1, 1, 1),
    labels: Sequence[Sequence[float]] = (),
) -> Path:
    """Write a model with the same logits after every token, and others after each label."""
    path = folder / "letters.onnx"
    model = graph([list(logits)] * 4 + [list(row) for row in labels])
    if text is not None:
        json_text = text if isinstance(text, str) else text.to_json()
        helper.set_model_props(model, {Card.metadata_key: json_text})
    path.write_bytes(model.SerializeToString())
    return path
