"""A model file of three letters, for what the tests change in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from faker_neural import Card
from faker_neural_export.exact.sampling_head import add_sampling_head


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
    """A model of no state, with a row of logits for each id it may be fed; it does not draw."""
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
    model = add_sampling_head(model, text if isinstance(text, Card) else card())
    if text is not None:
        json_text = text if isinstance(text, str) else text.to_json()
        helper.set_model_props(model, {Card.metadata_key: json_text})
    path.write_bytes(model.SerializeToString())
    return path


WINDOW, LENGTH = 3, 9


def save_window(folder: Path, text: Card, logits: tuple[float, ...]) -> Path:
    """Write a model that is fed the last three tokens, with the same logits after every one."""
    rows = helper.make_tensor("rows", TensorProto.FLOAT, [4, 4], list(logits) * 4)
    last = helper.make_tensor("last", TensorProto.INT64, [], [WINDOW - 1])
    nodes = [
        helper.make_node("Gather", ["tokens", "last"], ["token"], axis=1),
        helper.make_node("Gather", ["rows", "token"], ["logits"]),
    ]
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", WINDOW])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 4])
    return _write(
        folder, text, helper.make_graph(nodes, "window", [tokens], [output], [rows, last])
    )


def save_latent(folder: Path, text: Card) -> Path:
    """Write a model whose logits are its noise."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [3], [-1, LENGTH, 4])
    node = helper.make_node("Reshape", ["noise", "shape"], ["logits"])
    noise = helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["batch", LENGTH * 4])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", LENGTH, 4])
    return _write(folder, text, helper.make_graph([node], "latent", [noise], [output], [shape]))


def _write(folder: Path, text: Card, made: onnx.GraphProto) -> Path:
    path = folder / f"{made.name}.onnx"
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {Card.metadata_key: text.to_json()})
    path.write_bytes(model.SerializeToString())
    return path
