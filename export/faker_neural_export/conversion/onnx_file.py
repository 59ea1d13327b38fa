"""Convert a network to an ONNX graph with tf2onnx."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow
import tf2onnx
from onnx.reference import ReferenceEvaluator

from faker_neural import Card, ConversionError, TextModel
from faker_neural._drafts import draft
from faker_neural._interrupts import let_interrupts_through
from faker_neural_export.quiet import quiet
from faker_neural_export.settings.conversion import Facts

from .contracts import Network

__all__ = ["save_facts", "to_onnx", "write"]

OPSET = 17
_IR_VERSION = 8  # released with opset 17; every onnxruntime since 1.12 reads it


def to_onnx(network: Network) -> onnx.ModelProto:
    """Convert a network to the float graph of its contract.

    Args:
        network: the Keras model, prepared for a contract.

    Returns:
        A model of opset 17 with the network's inputs and outputs. The first size of each is open
        and called "batch". Equal networks result in equal bytes.

    Raises:
        ConversionError: tf2onnx or the ONNX checker fails, for example because a layer uses an
            operation without an ONNX operator.
    """
    signature, outputs = network.signature, network.outputs
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # its errors are raised below
    function = tensorflow.function(network.function, input_signature=signature, autograph=False)
    model: onnx.ModelProto
    try:
        with quiet():
            model, _ = tf2onnx.convert.from_function(
                function, signature, opset=OPSET, custom_op_handlers=_OWN_HANDLERS
            )
        _store_captured(model.graph, function.get_concrete_function())
        _fold_constants(model)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # tf2onnx and onnx may raise anything
        let_interrupts_through(error)
        reason = str(error).strip().partition("\n")[0]
        raise ConversionError(network.path, f"tf2onnx cannot convert it ({reason})") from None
    _order(model.graph)
    _rename(model.graph, [spec.name for spec in signature], outputs)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    model.graph.name = network.contract
    model.ir_version = _IR_VERSION
    return model


def _erfc(context: Any, node: Any, name: str, _: Any) -> None:
    """Convert Erfc, which Keras' gelu uses and tf2onnx does not know, to 1 - Erf."""
    _subtract(context, node, lambda one, x: [one, context.make_node("Erf", x).output[0]])


def _expm1(context: Any, node: Any, name: str, _: Any) -> None:
    """Convert Expm1, which Keras' celu uses and tf2onnx does not know, to Exp - 1."""
    _subtract(context, node, lambda one, x: [context.make_node("Exp", x).output[0], one])


def _subtract(context: Any, node: Any, inputs: Callable[[str, list[str]], list[str]]) -> None:
    """Replace a node with the difference of two values that are computed from 1 and its inputs."""
    one = context.make_const(f"{node.name}_one", np.array(1, dtype=np.float32)).output[0]
    difference = inputs(one, node.input)
    context.remove_node(node.name)
    context.make_node("Sub", difference, outputs=node.output, name=node.name)


_OWN_HANDLERS: Mapping[str, tuple[Any, list[Any]]] = {"Erfc": (_erfc, []), "Expm1": (_expm1, [])}


def _store_captured(graph: onnx.GraphProto, function: Any) -> None:
    """Store the constant tensors of a Functional model, which tf2onnx leaves as inputs.

    An Embedding of fixed positions is one.
    """
    for value, inner in function.graph.captures:
        if value.dtype == tensorflow.resource:  # a variable; tf2onnx stores it
            continue
        graph.initializer.append(onnx.numpy_helper.from_array(value.numpy(), inner.name))
        inputs = [each for each in graph.input if each.name != inner.name]
        _replace(graph.input, inputs)


def _fold_constants(model: onnx.ModelProto) -> None:
    """Store the results of nodes that read constants only, such as the mask of attention.

    Products and transposed tables stay: their factors take less room.
    """
    graph = model.graph
    known = {tensor.name for tensor in graph.initializer}
    folded = []
    for node in graph.node:
        constant = node.input and known.issuperset(filter(None, node.input))
        if constant and node.op_type not in ("MatMul", "Transpose") and not _bodies(node):
            folded.append(node)
            known.update(node.output)
    if not folded:
        return
    names = [name for node in folded for name in node.output if name]
    outputs = [onnx.ValueInfoProto(name=name) for name in names]
    part = onnx.helper.make_graph(folded, "constants", [], outputs, graph.initializer)
    computed = ReferenceEvaluator(onnx.helper.make_model(part, opset_imports=model.opset_import))
    for name, array in zip(names, computed.run(None, {}), strict=True):
        graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(array), name))
    done = {node.output[0] for node in folded}
    _replace(graph.node, [node for node in graph.node if node.output[0] not in done])


def write(model: onnx.ModelProto, card: Card, path: Path) -> None:
    """Write a graph and its card to one file.

    Args:
        model: the graph; the card becomes its only metadata.
        card: the model's card.
        path: the file to write.
    """
    onnx.helper.set_model_props(model, {Card.metadata_key: card.to_json()})
    path.write_bytes(model.SerializeToString(deterministic=True))


def save_facts(model: TextModel, facts: Facts) -> None:
    """Add facts to the evaluation in the card of a model file.

    Args:
        model: the model, whose file is replaced.
        facts: the facts by name.

    Raises:
        OSError: the file cannot be written; it stays as it was.
    """
    path, card = model.path, model.card
    card = replace(card, evaluation={**card.evaluation, **facts})
    with draft(path) as beside:
        write(onnx.load(path), card, beside)
        TextModel(beside).verify()


def _order(graph: onnx.GraphProto) -> None:
    """Sort nodes and weights in the order of their use, depth first from the outputs.

    tf2onnx sorts them by names that depend on what the process converted before.
    """
    made = {name: node for node in graph.node for name in node.output}
    order: dict[str, onnx.NodeProto] = {}  # by the name of the first output
    waiting = [output.name for output in reversed(graph.output)]
    while waiting:
        node = made.get(waiting[-1])
        if node is None or node.output[0] in order:
            waiting.pop()
            continue
        before = [made[name].output[0] for name in _read(node) if name in made]
        missing = [name for name in before if name not in order]
        if not missing:
            order[node.output[0]] = node
        waiting += reversed(missing)
    read = [name for node in order.values() for name in _read(node)]
    place = {name: i for i, name in reversed(list(enumerate(read)))}
    weights = [tensor for tensor in graph.initializer if tensor.name in place]
    weights.sort(key=lambda tensor: place[tensor.name])
    _replace(graph.node, list(order.values()))
    _replace(graph.initializer, weights)


def _read(node: onnx.NodeProto) -> list[str]:
    """Return the names of the values that a node reads, also inside a loop body."""
    bodies = _bodies(node)
    inner = [name for body in bodies for part in body.node for name in _read(part)]
    return [*node.input, *inner, *(value.name for body in bodies for value in body.output)]


def _bodies(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")]


def _replace(field: Any, messages: list[Any]) -> None:
    copies = [type(message).FromString(message.SerializeToString()) for message in messages]
    del field[:]
    field.extend(copies)


def _rename(graph: onnx.GraphProto, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Number values and nodes: TensorFlow's names depend on what the process built before."""
    names = {"": ""} | {v.name: name for v, name in zip(graph.input, inputs, strict=True)}
    names |= {value.name: name for value, name in zip(graph.output, outputs, strict=True)}
    for i, tensor in enumerate(graph.initializer):
        tensor.name = names.setdefault(tensor.name, f"weight_{i}")
    for i, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{i}"
        for name in node.output:
            names.setdefault(name, f"value_{len(names)}")
    _rename_nodes(graph, names)
    for value in [*graph.input, *graph.output]:
        value.name = names[value.name]
    del graph.value_info[:]
    graph.doc_string = ""


def _rename_nodes(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename_nodes(attribute.g, names)
