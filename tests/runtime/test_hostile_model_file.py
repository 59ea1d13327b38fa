"""Model files that are damaged, or written to do harm: each is one clear error, soon."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from letters import card, graph, save
from onnx import ModelProto, TensorProto, helper, numpy_helper

from faker_neural import Card, ModelFileError, TextModel, bundled, load, load_detector
from faker_neural_export.exact.sampling_head import add_sampling_head

node, value = helper.make_node, helper.make_tensor_value_info
FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


def weight(name: str, array: object, kind: str = "float32") -> TensorProto:
    return numpy_helper.from_array(np.array(array, dtype=kind), name)


def put(model: ModelProto, nodes: list[onnx.NodeProto], *weights: TensorProto) -> None:
    """Let nodes that read `given` make `logits`."""
    model.graph.node[0].output[0] = "given"
    for place, made in enumerate(nodes, start=1):
        model.graph.node.insert(place, made)
    model.graph.initializer.extend(weights)


def one_more(operator: str, *inputs: str, **attributes: object) -> Callable[[ModelProto], None]:
    """Let one node, `given` its first input, make `logits`."""
    made = node(operator, ["given", *inputs], ["logits"], **attributes)
    difference = node("Sub", ["less", "two"], ["difference"])
    weights = weight("ones", [1] * 4), weight("two", 2, "int64"), weight("less", [-1], "int64")
    return lambda model: put(model, [difference, made], *weights)


def written(folder: Path, change: Callable[[ModelProto], None]) -> Path:
    model = add_sampling_head(graph([[0, 1, 1, 1]] * 4), card())
    change(model)
    if not model.metadata_props:
        helper.set_model_props(model, {Card.metadata_key: card().to_json()})
    path = folder / "hostile.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def refuses(path: Path, message: str, draw: bool = False) -> None:
    """Hold the error against the message; it is one line, printable, short, and comes soon."""
    began = time.perf_counter()
    with pytest.raises(ModelFileError) as caught:
        TextModel(path).generate(5) if draw else TextModel(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert caught.value.problem.isprintable()
    assert len(caught.value.problem) < 500
    assert time.perf_counter() - began < 10


def elsewhere(tensor: TensorProto) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def with_weight_elsewhere(model: ModelProto) -> None:
    elsewhere(model.graph.initializer[0])


def with_value_elsewhere(model: ModelProto) -> None:
    made = weight("", [1])
    elsewhere(made)
    put(model, [node("ConstantOfShape", ["given"], ["logits"], value=made)])


def scan(nodes: list[onnx.NodeProto], *weights: TensorProto, **attributes: object):
    """Let a Scan make `logits` of `given`, a row a step."""
    body = helper.make_graph(
        nodes, "body", [value("row", 1, [4])], [value("made", 1, [4])], list(weights)
    )
    attributes = {"num_scan_inputs": 1, "body": body} | attributes
    return lambda model: put(model, [node("Scan", ["given"], ["logits"], **attributes)])


def with_body_elsewhere(model: ModelProto) -> None:
    hidden = weight("hidden", [1])
    elsewhere(hidden)
    scan([node("Add", ["row", "hidden"], ["made"])], hidden)(model)


def with_scan_in_a_scan(model: ModelProto) -> None:
    inner = helper.make_graph([], "inner", [value("row", 1, [4])], [value("row", 1, [4])])
    scan([node("Scan", ["row"], ["made"], num_scan_inputs=1, body=inner)])(model)


def of_size(*dims: int) -> Callable[[ModelProto], None]:
    return lambda model: model.graph.initializer[0].dims.__setitem__(slice(None), dims)


def of_strings(model: ModelProto) -> None:
    model.graph.initializer[0].CopyFrom(TensorProto(name="rows", data_type=8, string_data=[b"a"]))


def with_function(model: ModelProto) -> None:
    opsets = [helper.make_opsetid("", 17)]
    add = helper.make_function("", "Add", ["a"], ["b"], [node("Tanh", ["a"], ["b"])], opsets)
    model.functions.append(add)


def with_sparse_weight(model: ModelProto) -> None:
    model.graph.sparse_initializer.add(dims=[2**40])


def with_sparse_value(model: ModelProto) -> None:
    made = model.graph.node[0].attribute.add(name="value", type=11)
    made.sparse_tensor.dims.append(2**40)


def with_training(model: ModelProto) -> None:
    model.training_info.add()


def with_two_weights_of_a_name(model: ModelProto) -> None:
    model.graph.initializer.append(weight("rows", [1]))


def with_a_weight_made_anew(model: ModelProto) -> None:
    put(model, [node("Tanh", ["given"], ["rows"]), node("Tanh", ["rows"], ["logits"])])


def with_two_attributes_of_a_name(model: ModelProto) -> None:
    put(model, [node("Softmax", ["given"], ["logits"], axis=1)])
    model.graph.node[1].attribute.append(model.graph.node[1].attribute[0])


def with_no_output_name(model: ModelProto) -> None:
    put(model, [node("Split", ["given"], ["logits", ""])])


def with_many_nodes(model: ModelProto) -> None:
    put(model, [node("Tanh", ["given"], [f"v{i}"]) for i in range(2**15)])


def with_a_long_comment(model: ModelProto) -> None:
    model.graph.doc_string = "x" * 2**26


def with_a_large_sum(model: ModelProto) -> None:
    """2**15 numbers a side: 4 GiB of what is computed while a session is made."""
    sides = [weight("column", np.ones((2**15, 1))), weight("row", np.ones(2**15))]
    put(model, [node("Add", ["column", "row"], ["logits"])], *sides)


def with_many_products(model: ModelProto) -> None:
    """Sixteen chained products of 2**33 each, of a weight of 16 MiB."""
    chain = [node("MatMul", ["w" if not i else f"w{i}", "w"], [f"w{i + 1}"]) for i in range(16)]
    put(model, chain, weight("w", np.ones((2**11, 2**11))))


def of_constants(kind: str, *inputs: str, **attributes: object) -> Callable[[ModelProto], None]:
    return lambda model: put(model, [node(kind, inputs, ["logits"], **attributes)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of_constants("Transpose", "rows", perm=[0, 0]), "a Transpose of 2 axes by [0, 0]"),
        (of_constants("Transpose", "rows", perm=[0, 7]), "a Transpose of 2 axes by [0, 7]"),
        (of_constants("Transpose", "rows"), "applies Transpose to constants only"),
        (of_constants("Transpose", "", perm=[0]), "Transpose has no name for its input 0"),
        (of_constants("GatherND", "rows"), "applies GatherND to constants only"),
        (of_constants("GatherND", "rows", "rows", "rows"), "applies GatherND to constants only"),
        (of_constants("GatherND", "rows", "rows"), "applies GatherND to constants only"),
        (one_more("Sum", ""), "Sum has no name for its input 1, which it needs"),
        (one_more("Min", ""), "Min has no name for its input 1, which it needs"),
        (one_more("LSTM", "", "", hidden_size=4), "LSTM has no name for its input 1, which it"),
        (with_no_output_name, "Split has no name for its output 1, which it needs"),
        (scan([node("Max", ["row", ""], ["made"])]), "Max has no name for its input 1"),
        (one_more("Expand", "less"), "Expand has sizes that may be negative: 'less'"),
        (one_more("Pad", "less"), "Pad has sizes that may be negative: 'less'"),
        (one_more("Split", "less"), "Split has sizes that may be negative: 'less'"),
        (one_more("TopK", "less"), "TopK has sizes that may be negative: 'less'"),
        (one_more("Tile", "difference"), "Tile has sizes that may be negative: 'difference'"),
        (one_more("MaxPool", kernel_shape=[2], pads=[0, -1]), "'pads' of -1, which must not be"),
        (with_weight_elsewhere, "weight 'rows' lies in another file, which is not opened"),
        (with_value_elsewhere, "attribute 'value' that lies in another file"),
        (with_body_elsewhere, "weight 'hidden' lies in another file"),
        (of_size(2**31, 2**31), "says that it holds [2147483648, 2147483648] numbers, not 16"),
        (of_size(-4, -4), "says that it holds [-4, -4] numbers, not 16"),
        (of_strings, "weight 'rows' is of data type 8, which is no number's"),
        (one_more("Tanh", domain="com.example"), "an operator 'com.example.Tanh'; only those"),
        (one_more("Loop"), "the graph has an operator 'Loop'; only those standard ONNX operators"),
        (one_more("RandomNormalLike"), "the graph has an operator 'RandomNormalLike'; only those"),
        (with_function, "has functions, which a model file may not have"),
        (with_training, "has training_info, which a model file may not have"),
        (with_sparse_weight, "the graph has sparse weights, which are not allowed"),
        (with_sparse_value, "an attribute 'value' of sparse_tensor, which is not allowed"),
        (with_two_weights_of_a_name, "two values that are called 'rows'"),
        (with_a_weight_made_anew, "two values that are called 'rows'"),
        (with_two_attributes_of_a_name, "Softmax has two attributes of one name"),
        (one_more("AveragePool", kernel_shape=[2**40]), "'kernel_shape' of 1099511627776, beyond"),
        (one_more("Split", num_outputs=2), "Split has 1 outputs and says 2"),
        (with_scan_in_a_scan, "the graph has a Scan in the body of another"),
        (scan([], scan_input_axes=[1]), "Scan has attributes other than body and num_scan_inputs"),
        (scan([], num_scan_inputs=7), "Scan has num_scan_inputs=7"),
        (with_many_nodes, "nodes; 32,768 are allowed"),
        (with_a_long_comment, "holds more than 32 MB beside the graph's weights"),
        (with_a_large_sum, "the graph computes too much from constants only; 134,217,728"),
        (with_many_products, "the graph computes too much from constants only; 134,217,728"),
        (lambda m: put(m, [node("Tile", ["rows", "rows"], ["logits"])]), "applies Tile to"),
    ],
)  # fmt: skip
def test_a_graph_that_could_do_harm_is_refused(
    change: Callable[[ModelProto], None], message: str, tmp_path: Path
) -> None:
    refuses(written(tmp_path, change), message)


NUMBER = [  # of nothing that is known before the graph is run: 1 for five rows
    node("Shape", ["given"], ["shape"]),
    node("Div", ["shape", "shape"], ["ones"]),
    node("Slice", ["ones", "zero", "one"], ["n"]),
]
ENDS = weight("zero", [0], "int64"), weight("one", [1], "int64")


def of_memory(model: ModelProto) -> None:
    """Make 4 GiB of a file of 1 kB."""
    nodes = [
        *NUMBER,
        node("Mul", ["n", "sides"], ["size"]),
        node("ConstantOfShape", ["size"], ["large"]),
        node("ReduceSum", ["large"], ["sum"], keepdims=0),
        node("Add", ["given", "sum"], ["logits"]),
    ]
    put(model, nodes, *ENDS, weight("sides", [2**15, 2**15], "int64"))


def of_a_known_shape(model: ModelProto) -> None:
    """Make 4 GiB of a size that onnxruntime may know when it makes a session."""
    nodes = [
        node("ReduceMean", ["given"], ["mean"], keepdims=0),
        node("Add", ["many", "mean"], ["long"]),
        node("Shape", ["long"], ["side"]),
        node("Concat", ["side", "side"], ["size"], axis=0),
        node("ConstantOfShape", ["size"], ["large"]),
        node("ReduceSum", ["large"], ["sum"], keepdims=0),
        node("Add", ["given", "sum"], ["logits"]),
    ]
    put(model, nodes, weight("many", np.ones(2**15)))


def of_doubling(model: ModelProto) -> None:
    """Double a tensor sixty times."""
    nodes = [
        node("Concat", ["given" if not i else f"v{i}"] * 2, [f"v{i + 1}"], axis=1)
        for i in range(60)
    ]
    sums = [node("ReduceMean", ["v60"], ["sum"]), node("Add", ["given", "sum"], ["logits"])]
    put(model, nodes + sums)


@pytest.mark.parametrize("change", [of_memory, of_a_known_shape, of_doubling])
def test_a_graph_that_takes_ever_more_memory_is_stopped(
    change: Callable[[ModelProto], None], tmp_path: Path
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refuses(
        written(tmp_path, change),
        "the graph cannot be run (it takes more than 2,048 MB of",
        draw=True,
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2.5 * 2**20  # kB


def test_a_scan_over_steps_without_end_ends(tmp_path: Path) -> None:
    same = [node("Identity", ["row"], ["made"])]
    body = helper.make_graph(same, "body", [value("row", 1, [0])], [value("made", 1, [0])])
    nodes = [
        *NUMBER,
        node("Mul", ["n", "steps"], ["size"]),
        node("ConstantOfShape", ["size"], ["sequence"]),
        node("Scan", ["sequence"], ["rest"], num_scan_inputs=1, body=body),
        node("ReduceSum", ["rest"], ["sum"], keepdims=0),
        node("Add", ["given", "sum"], ["logits"]),
    ]
    steps = weight("steps", [2**40, 0], "int64")
    path = written(tmp_path, lambda model: put(model, nodes, *ENDS, steps))
    began = time.perf_counter()
    assert all(TextModel(path).generate(3))
    assert time.perf_counter() - began < 10


def test_a_graph_that_gives_more_logits_than_it_said_is_refused(tmp_path: Path) -> None:
    nodes = [
        *NUMBER,
        node("Mul", ["n", "times"], ["repeats"]),
        node("Tile", ["given", "repeats"], ["logits"]),
    ]
    times = weight("times", [1, 2], "int64")
    path = written(tmp_path, lambda model: put(model, nodes, *ENDS, times))
    refuses(path, "gives 'logits' of shape [5, 8], not [5, 4]", draw=True)


def with_card(**changes: object) -> str:
    return json.dumps(json.loads(card().to_json()) | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_card(data={"lines": float("nan")}), "field 'data' has 'lines': nan"),
        (with_card(max_tokens=10**4000).replace("1" + "0" * 4000, "9" * 5000), "is not JSON"),
        (with_card(max_tokens=2**70), "field 'max_tokens' is 1180591620717411303424, not 1 to"),
        (with_card(name="\ud800"), "the card holds broken Unicode"),
        (with_card(contract="\x1b[2J\n" * 10**5), "has contract '\\x1b[2J\\n"),
        (with_card(x="x" * 2**24), "the card has more than 16,777,216 characters"),
        (with_card(tokens=["", "a", "b", "x" * 257]), "holds a string of 257 characters, more"),
        (with_card(tokens=[*map(str, range(2**20 + 1))]), "needs 1,048,577 numbers, more than"),
        (
            with_card(states=[{"name": f"s{i}", "size": 10**6} for i in range(9)]),
            "field 'states' needs 9,000,000 numbers, more than 262,144",
        ),
        (with_card(states=[{"name": "a", "size": 1}] * 2), "states are called ['a', 'a'], which"),
        (with_card(states=[{"name": "token", "size": 1}]), "states are called ['token'], which is"),
        (with_card(options={"\x1b[2J" * 999: 1}), "options: "),
        (with_card(training_lines={"range": 9, "gaps": "\u00e9"}), "training_lines: "),
    ],
)  # fmt: skip
def test_a_card_that_lies_or_swells_is_refused(text: str, message: str, tmp_path: Path) -> None:
    refuses(save(tmp_path, text), message)


def test_of_two_cards_none_is_believed(tmp_path: Path) -> None:
    def change(model: ModelProto) -> None:
        for _ in range(2):
            model.metadata_props.add(key=Card.metadata_key, value=card().to_json())

    refuses(written(tmp_path, change), "has 2 cards (metadata 'faker_neural'), not one")


def test_a_name_of_a_million_characters_is_shortened(tmp_path: Path) -> None:
    refuses(written(tmp_path, one_more("\n\x1b[31m" * 10**5)), "the graph has an operator '")


def test_names_that_are_no_unicode_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, card())
    path.write_bytes(path.read_bytes().replace(b"logits", b"logit\xff"))
    refuses(path, "is truncated or no ONNX model")


def test_messages_nested_without_end_are_refused(tmp_path: Path) -> None:
    path, depth = save(tmp_path, card()), 10**5
    path.write_bytes(path.read_bytes() + b"\x0b" * depth + b"\x0c" * depth)  # groups begin and end
    refuses(path, "is truncated or no ONNX model")


@pytest.mark.parametrize("content", [b"", b"\x0a", b"PK\x03\x04", b"\x08\0\0\0ORTM", b"\0" * 99])
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "some.onnx"
    path.write_bytes(content)
    refuses(path, "is truncated or no ONNX model")


IRREGULAR, FOLDER = "it is no regular file", "Is a directory"


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    for path, why in ((pipe, IRREGULAR), (Path("/dev/zero"), IRREGULAR), (tmp_path, FOLDER)):
        refuses(path, f"cannot be read ({why})")
        for opening in (load, load_detector):
            with pytest.raises(ModelFileError, match=why):
                opening(path)


def test_a_refused_folder_leaves_nothing_open(tmp_path: Path) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(20):
        refuses(tmp_path, f"cannot be read ({FOLDER})")
    assert len([*Path("/proc/self/fd").iterdir()]) < before + 20


def test_a_file_of_nothing_but_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "some.onnx"
    with path.open("wb") as file:
        file.truncate(2**40)
    refuses(path, "is larger than 256 MB")


def test_a_link_to_a_model_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "link.onnx").symlink_to(save(tmp_path, card()))
    assert TextModel(tmp_path / "link.onnx").card == card()


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_model_is_also_allowed_as_a_strangers(name: str, tmp_path: Path) -> None:
    path, keys = shutil.copy(bundled()[name], tmp_path), np.arange(2, dtype=np.uint64)
    drawn = [model.draw_unchecked(keys, model.options()) for model in (TextModel(path), load(name))]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("model", ["letters", "world_city"])
def test_a_flipped_byte_gives_texts_or_one_clear_error(model: str, tmp_path: Path) -> None:
    path = save(tmp_path, card()) if model == "letters" else bundled()[model]
    done = subprocess.run([sys.executable, FUZZ, path, "400"], capture_output=True, check=True)
    counts = json.loads(done.stdout)
    assert counts.keys() == {"texts", "ModelFileError"}
    assert sum(counts.values()) == 400
