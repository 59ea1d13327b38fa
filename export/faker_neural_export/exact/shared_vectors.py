"""One stored matrix for two uses: in a word model, the embedding and the last layer are equal."""

from __future__ import annotations

import numpy as np
import onnx

from .graph import FLOAT, Array, Graph

__all__ = ["share_embedding"]

_FINEST = 8  # the two grids may differ by a factor of up to 2**8


def share_embedding(
    model: onnx.GraphProto, graph: Graph, weights: str, places: Array, columns: Array
) -> None:
    """Compute the embedding of a graph from its last layer, if both hold the same integers.

    The file then stores the matrix once. onnxruntime computes the embedding from it when a
    session is created.

    Args:
        model: the graph, changed in place. It stays as it is unless one of its Cast nodes reads
            the transposed `columns` times a power of two.
        graph: the nodes that will be added to `model`; constants are added to it.
        weights: the name of a constant [classes, inputs, members] with the last layer's integers,
            int8 in a graph of 8-bit products.
        places: int64 [tokens, 2], the class of each token and its position in the class.
        columns: [inputs, tokens], the same integers by token.
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
    """Return the Cast node of a constant that is `rows` times a power of two, and the power."""
    constants = {tensor.name: tensor for tensor in model.initializer}
    for node in model.node:
        if node.op_type == "Cast" and node.input[0] in constants:
            found = onnx.numpy_helper.to_array(constants[node.input[0]])
            for times in 2.0 ** np.arange(-_FINEST, _FINEST + 1):
                if found.shape == rows.shape and np.array_equal(found, rows * times):
                    return node, float(times)
    return None
