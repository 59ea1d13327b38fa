"""From a stack to an ONNX graph, through tf2onnx."""

from __future__ import annotations

import logging
from pathlib import Path

import onnx
import tensorflow
import tf2onnx

from faker_neural import Card, ConversionError

from ._stack import Stack

__all__ = ["to_onnx", "write"]

OPSET = 17
_IR_VERSION = 8  # the one that came with opset 17; every onnxruntime since 1.12 reads it


def to_onnx(stack: Stack) -> onnx.ModelProto:
    """Convert a stack to the graph of the `step` contract.

    Returns:
        A model of `token` int64 [batch] and each state float32 [batch, size] to `logits` float32
        [batch, tokens] and each state's successor. Equal stacks give equal bytes.

    Raises:
        ConversionError: a layer uses an operation that ONNX has no operator for.
    """
    signature = [
        tensorflow.TensorSpec([None], tensorflow.int64, name="token"),
        *(
            tensorflow.TensorSpec([None, state.size], tensorflow.float32, name=state.name)
            for state in stack.states
        ),
    ]
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # what it says is raised below
    function = tensorflow.function(stack.step, input_signature=signature, autograph=False)
    model: onnx.ModelProto
    try:
        model, _ = tf2onnx.convert.from_function(function, signature, opset=OPSET)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # tf2onnx and onnx raise what they like
        reason = str(error).strip().partition("\n")[0]
        raise ConversionError(stack.path, f"tf2onnx cannot convert it ({reason})") from None
    outputs = ["logits", *(state.successor for state in stack.states)]
    _rename(model.graph, [spec.name for spec in signature], outputs)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    model.ir_version = _IR_VERSION
    return model


def write(model: onnx.ModelProto, card: Card, path: Path) -> None:
    """Write a graph and its card into one file."""
    onnx.helper.set_model_props(model, {Card.metadata_key: card.to_json()})
    path.write_bytes(model.SerializeToString(deterministic=True))


def _rename(graph: onnx.GraphProto, inputs: list[str], outputs: list[str]) -> None:
    """Name values and nodes by their place: TensorFlow's names count what a process made before."""
    names = {value.name: name for value, name in zip(graph.input, inputs, strict=True)}
    names |= {value.name: name for value, name in zip(graph.output, outputs, strict=True)}
    for i, tensor in enumerate(graph.initializer):
        tensor.name = names.setdefault(tensor.name, f"weight_{i}")
    for i, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{i}"
        for name in node.output:
            names.setdefault(name, f"value_{len(names)}")
    for node in graph.node:
        node.input[:] = [names[name] if name else "" for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for value in [*graph.input, *graph.output]:
        value.name = names[value.name]
    del graph.value_info[:]
    graph.name, graph.doc_string = "step", ""
