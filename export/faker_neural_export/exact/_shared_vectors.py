"""One matrix for two uses: a word model's last layer holds the vectors of its input too."""

from __future__ import annotations

import numpy as np
import onnx

from ._graph import FLOAT, Array, Graph

__all__ = ["share_vectors"]

_FINEST = 8  # as many times a grid may be halved from one use to the other


def share_vectors(
    model: onnx.GraphProto, graph: Graph, weights: str, places: Array, columns: Array
) -> None:
    """Let a graph read its input's vectors from the last layer, if they are the same numbers.

    onnxruntime computes the one from the other when a session is made; the file holds it once.

    Args:
        model: casts a power of two times the same integers; any other graph stays as it is.
        graph: what is being written; constants are added.
        weights: the name of a constant, int8 [classes, inputs, members].
        places: int64 [tokens, 2], the class of each token and its place there.
        columns: int8 [inputs, tokens], the last layer's weights of the tokens.
    """
    found = _vectors(model, columns.T)
    if found is None:
        return
    cast, times = found
    first = Graph(f"{graph.prefix}input_", ())
    turned = first.op("Transpose", weights, perm=[0, 2, 1])
    rows = first.op("GatherND", turned, graph.constant(places))
    first.op("Mul", first.op("Cast", rows, to=FLOAT), graph.scalar(times))
    first.nodes[-1].output[0] = cast.output[0]
    kept = [node for node in model.node if node.name != cast.name]
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in (*first.nodes, *kept)]
    del model.node[:]
    model.node.extend(nodes)
    others = [tensor for tensor in model.initializer if tensor.name != cast.input[0]]
    del model.initializer[:]
    model.initializer.extend(others)


def _vectors(model: onnx.GraphProto, rows: Array) -> tuple[onnx.NodeProto, float] | None:
    """Find the node that casts a power of two times these rows; with that power."""
    constants = {tensor.name: tensor for tensor in model.initializer}
    for node in model.node:
        if node.op_type == "Cast" and node.input[0] in constants:
            found = onnx.numpy_helper.to_array(constants[node.input[0]])
            for times in 2.0 ** np.arange(-_FINEST, _FINEST + 1):
                if found.shape == rows.shape and np.array_equal(found, rows * times):
                    return node, float(times)
    return None
