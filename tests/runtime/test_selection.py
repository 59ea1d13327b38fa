"""The part of a model file that some outputs need, cut out of its bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from faker_neural import Card, bundled, load
from faker_neural._model_file.card_reader import read_card
from faker_neural._model_file.selection import metadata, select

VALUE = helper.make_tensor_value_info
FLOAT = onnx.TensorProto.FLOAT
OPTIONAL = ("draw", "temperature")


def outputs_of(path: Path, name: str) -> list[str]:
    return [name, *(state.successor for state in load(path).card.states)]


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("output", ["next", "logits"])
def test_the_part_gives_what_the_whole_gives(output: str) -> None:
    path = bundled()["company"]
    whole, wanted = path.read_bytes(), outputs_of(path, output)
    part = select(whole, wanted, OPTIONAL)
    onnx.checker.check_model(onnx.load_model_from_string(part), full_check=True)
    feeds = {
        "token": np.arange(9),
        "draw": np.linspace(0, 0.99, 18).reshape(9, 2),
        "temperature": np.array(1, dtype=np.float32),
        **{s.name: np.full((9, s.size), 0.1, np.float32) for s in load(path).card.states},
    }
    found = session(part)
    some = {value.name: feeds[value.name] for value in found.get_inputs()}
    assert [value.name for value in found.get_outputs()] == [
        value.name for value in session(whole).get_outputs() if value.name in wanted
    ]
    for a, b in zip(found.run(wanted, some), session(whole).run(wanted, feeds), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_only_other_outputs_need_is_left_out() -> None:
    path = bundled()["world_city"]  # a flat model
    whole = path.read_bytes()
    part = onnx.load_model_from_string(select(whole, outputs_of(path, "logits"), OPTIONAL)).graph
    assert {value.name for value in part.input} == {
        "token", *(state.name for state in load(path).card.states)
    }  # fmt: skip
    assert not [node for node in part.node if node.name.startswith("sampling_")]
    assert not [tensor for tensor in part.initializer if tensor.name.startswith("sampling_")]
    everything = onnx.load_model_from_string(whole).graph
    assert len(everything.node) > len(part.node) > 20


def test_metadata_is_read_by_its_key() -> None:
    whole = bundled()["company"].read_bytes()
    (text,) = metadata(whole, Card.metadata_key)
    assert read_card(text).name == "company"
    assert metadata(whole, "another") == []


def test_what_the_body_of_a_loop_reads_from_around_it_is_kept() -> None:
    body = helper.make_graph(
        [helper.make_node("Add", ["row", "outer"], ["made"])],
        "body",
        [VALUE("row", FLOAT, [4])],
        [VALUE("made", FLOAT, [4])],
    )
    scan = helper.make_node("Scan", ["x"], ["y"], num_scan_inputs=1, body=body)
    nodes = [
        helper.make_node("Mul", ["weight", "weight"], ["outer"]),
        scan,
        helper.make_node("Neg", ["x"], ["z"]),
    ]
    x = VALUE("x", FLOAT, ["batch", 4])
    graph = helper.make_graph(
        nodes,
        "g",
        [x],
        [VALUE("y", FLOAT, ["batch", 4]), VALUE("z", FLOAT, ["batch", 4])],
        [numpy_helper.from_array(np.full(4, 3, np.float32), "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    part = select(model.SerializeToString(), ["y"])
    assert [node.op_type for node in onnx.load_model_from_string(part).graph.node] == [
        "Mul", "Scan"
    ]  # fmt: skip
    found = session(part).run(["y"], {"x": np.ones((2, 4), np.float32)})[0]
    assert (found == 10).all()


def test_a_graph_in_two_parts_is_one_graph() -> None:
    """Protobuf merges a message that comes twice; so does onnxruntime."""
    whole = bundled()["company"].read_bytes()
    more = onnx.ModelProto()
    more.graph.node.append(helper.make_node("Neg", ["logits"], ["negative"]))
    more.graph.output.append(VALUE("negative", FLOAT, ["batch", len(load("company").card.tokens)]))
    part = onnx.load_model_from_string(select(whole + more.SerializeToString(), ["negative"]))
    assert part.graph.node[-1].op_type == "Neg"
    assert [value.name for value in part.graph.output] == ["negative"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bundled()["company"].read_bytes()[:-9], "is truncated"),
        (b"\x3a", "is truncated"),
        (b"\x3a\x80", "is truncated"),
        (b"\x3b\x01", "has a field of the unknown wire type 3"),
        (b"\x3a" + b"\xff" * 12, "is truncated"),
        (b"\x3a\x80\x80\x20" + b"\x18\x00" * 2**18, "has a message of more than 262,144 fields"),
    ],
)
def test_bytes_that_are_no_message_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        select(content, ["next"])


def test_a_field_of_a_number_alone_is_no_graph() -> None:
    """Protobuf passes over a known field of another wire type."""
    whole = bundled()["company"].read_bytes()
    wanted = outputs_of(bundled()["company"], "next")
    fixed = b"\x39" + bytes(8)  # field 7, eight bytes
    part = select(whole + fixed, wanted)
    assert fixed in part
    assert onnx.load_model_from_string(part).graph == onnx.load_model_from_string(
        select(whole, wanted)
    ).graph  # fmt: skip


def test_fields_of_every_width_are_passed_over() -> None:
    fields = b"\x08\x96\x01" + b"\x11" + bytes(8) + b"\x1d" + bytes(4)  # as onnx.proto never has
    assert select(fields, ["y"]) == fields + b"\x3a\x00"
