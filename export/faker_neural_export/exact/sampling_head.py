"""The nodes of a `step` graph that sample the next token from logits and two draws for each row.

They follow the rule of `faker_neural._decoding.sampling.weights` operation by operation. Each
operation is exact or correctly rounded, so the graph chooses the same token as the NumPy sampler.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import onnx

from faker_neural import Card
from faker_neural._decoding.sampling.weights import (
    GRID,
    OFFSET,
    SCALE,
    SQUARINGS,
    VERTEX,
    WEIGHTS,
    ZERO_WEIGHT_DISTANCE,
    block_size,
)

from .graph import FLOAT, Graph
from .last_layer import LastLayer
from .shared_vectors import share_embedding

__all__ = ["add_sampling_head"]

_DOUBLE, _INT64, _UINT8 = onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64, onnx.TensorProto.UINT8


def add_sampling_head(model: onnx.ModelProto, card: Card) -> onnx.ModelProto:
    """Return the graph with the new inputs `draw` and `temperature` and the new output `next`.

    Args:
        model: a graph of the `step` contract, with the output `logits` float32 [batch, tokens], or
            [batch, tokens + classes] for a factored softmax.
        card: the model's card.

    Returns:
        A new model. `draw` is float64 [batch, 2], 0 or more and below 1. `temperature` is a
        float32 scalar, 0 or more. `next` is int64 [batch].

    Raises:
        ValueError: the model has classes, and its last layer is not a product with constants.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    head = _Head(made)
    if card.classes:
        token = _Factored(head, made.graph, card.classes).token()
    else:
        token = head.flat("logits", len(card.tokens), card.never_drawn)
    head.finish(token)
    onnx.checker.check_model(made, full_check=True)
    return made


class _Head:
    """Writes the sampling nodes after the logits.

    Args:
        model: the model that `finish` adds the nodes to.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._opset = next(entry.version for entry in model.opset_import if not entry.domain)
        taken = {name for node in model.graph.node for name in node.output}
        taken |= {tensor.name for tensor in model.graph.initializer}
        self.graph = Graph("sampling_", taken)
        smallest = self.graph.op("Max", "temperature", self.graph.scalar(2.0**-60))
        self.scale = self.graph.op("Div", self.graph.scalar(GRID), smallest)

    def flat(self, logits: str, tokens: int, never: Collection[int]) -> str:
        """Write the choice of a block and of a token in the block.

        Args:
            logits: the name of the logits, float32 [batch, tokens].
            tokens: the number of tokens.
            never: the ids that are never drawn.

        Returns:
            The name of the token, int64 [batch, 1].
        """
        graph, block = self.graph, block_size(tokens)
        if never:
            mask = np.zeros(tokens, dtype=np.float32)
            mask[list(never)] = -np.inf  # weight 0 at any temperature
            logits = graph.op("Add", logits, graph.constant(mask))
        weights = self.computed(self.distances(logits))
        if tokens == block:
            return self.pick(graph.op("Cast", weights, to=_DOUBLE), tokens, 1)
        if fill := -tokens % block:
            weights = graph.op("Pad", weights, self.ids(0, 0, 0, fill))
        count = -(-tokens // block)
        blocks = graph.op("Reshape", weights, self.ids(-1, count, block))
        sums = graph.op("ReduceSum", blocks, self.ids(2), keepdims=0)
        chosen = self.pick(graph.op("Cast", sums, to=_DOUBLE), count, 0)
        members = graph.op("GatherND", blocks, chosen, batch_dims=1)
        token = self.pick(graph.op("Cast", members, to=_DOUBLE), block, 1)
        first = graph.op("Mul", chosen, graph.constant(np.array(block, dtype=np.int64)))
        return graph.op("Add", first, token)

    def distances(self, logits: str) -> str:
        """Write the distance of each logit to the largest of its row, in grid steps, as float32."""
        graph = self.graph
        largest = self._largest(logits)
        scaled = graph.op("Mul", graph.op("Sub", largest, logits), self.scale)
        return graph.op(
            "Round", graph.op("Clip", scaled, graph.scalar(0), graph.scalar(ZERO_WEIGHT_DISTANCE))
        )

    def computed(self, distances: str) -> str:
        """Write the weights of many distances: computing them is cheaper than a table."""
        graph = self.graph
        value = graph.op("Sub", distances, graph.scalar(VERTEX))
        value = graph.op("Add", graph.op("Mul", value, value), graph.scalar(OFFSET))
        value = graph.op("Mul", value, graph.scalar(SCALE))
        for _ in range(SQUARINGS):
            value = graph.op("Mul", value, value)
        return graph.op("Round", value)

    def looked_up(self, distances: str) -> str:
        """Write the weights of a few distances from a table, as float64."""
        place = self.graph.op("Cast", distances, to=onnx.TensorProto.INT32)
        return self.graph.op("Gather", self.graph.constant(WEIGHTS.astype(np.float64)), place)

    def pick(self, weights: str, count: int, draw: int) -> str:
        """Write the first position whose cumulative weight exceeds the draw times the total.

        The weights are whole numbers, so their sums are exact in float64.

        Args:
            weights: the name of the weights, float64 [batch, count].
            count: the number of weights in a row.
            draw: the column of the input `draw`, 0 or 1.

        Returns:
            The name of the position, int64 [batch, 1].
        """
        graph = self.graph
        sums = graph.op("CumSum", weights, graph.constant(np.array(1, dtype=np.int64)))
        total = graph.op("Gather", sums, self.ids(count - 1), axis=1)
        part = graph.op("Gather", "draw", self.ids(draw), axis=1)
        reached = graph.op("Greater", sums, graph.op("Mul", total, part))
        return graph.op("ArgMax", graph.op("Cast", reached, to=_UINT8), axis=1)

    def ids(self, *numbers: int) -> str:
        """Return the name of a constant, int64 [numbers]."""
        return self.graph.constant(np.array(numbers, dtype=np.int64))

    def finish(self, token: str) -> None:
        """Add the nodes, the constants, the inputs and the output to the model.

        Args:
            token: the name of the chosen token, int64 [batch, 1].
        """
        graph, value = self._model.graph, onnx.helper.make_tensor_value_info
        self.graph.op("Reshape", token, self.ids(-1))
        self.graph.nodes[-1].output[0] = "next"
        graph.node.extend(self.graph.nodes)
        graph.initializer.extend(self.graph.constants.values())
        graph.input.append(value("draw", _DOUBLE, ["batch", 2]))
        graph.input.append(value("temperature", FLOAT, []))
        graph.output.append(value("next", _INT64, ["batch"]))

    def _largest(self, logits: str) -> str:
        if self._opset < 18:
            return self.graph.op("ReduceMax", logits, axes=[1])
        return self.graph.op("ReduceMax", logits, self.ids(1))


class _Factored:
    """Writes the choice of a class and of a token in the class, for a factored softmax.

    The last layer is one product with the columns of all tokens and all classes. It is replaced
    by two products: one with the columns of the classes, and one with a matrix for each class. A
    row of the batch only reads the matrix of its own class. The logits are computed from the same
    matrices.

    Args:
        head: the writer of the sampling nodes.
        graph: the graph whose last layer is replaced.
        classes: the number of tokens of each class.
    """

    def __init__(self, head: _Head, graph: onnx.GraphProto, classes: Sequence[int]) -> None:
        self._head, self._graph = head, graph
        sizes = np.array(classes)
        self._tokens, self._first = int(sizes.sum()), sizes.cumsum() - sizes
        places = np.arange(sizes.max())
        self._inside = places < sizes[:, None]  # [classes, members]
        self._columns = np.where(self._inside, self._first[:, None] + places, 0)
        self._layer = LastLayer(graph)

    def token(self) -> str:
        """Write both choices; return the name of the token, int64 [batch, 1]."""
        head, graph, layer = self._head, self._head.graph, self._layer
        classes, members = self._inside.shape
        matrices = layer.weights[:, self._columns].transpose(1, 0, 2)  # [classes, inputs, members]
        matrices[np.broadcast_to(~self._inside[:, None], matrices.shape)] = 0
        weights = graph.constant(matrices)
        of_classes = layer.product(graph, layer.input, layer.weights[:, self._tokens :])
        self._rewrite_logits(weights, of_classes)
        tokens = layer.weights[:, : self._tokens]
        places = np.argwhere(self._inside)  # in the order of the tokens
        share_embedding(self._graph, graph, weights, places, tokens)
        logits = layer.write_after(graph, of_classes, slice(self._tokens, None))
        chosen = head.pick(head.looked_up(head.distances(logits)), classes, 0)
        row = graph.op("Reshape", chosen, head.ids(-1))
        matrix = graph.op("Gather", weights, row)  # [batch, inputs, members]
        alone = graph.op("Unsqueeze", layer.input, head.ids(1))  # [batch, 1, inputs]
        products = layer.product(graph, alone, matrix)
        logits = layer.write_after(
            graph, graph.op("Squeeze", products, head.ids(1)), self._columns, row, self._inside
        )
        member = head.pick(head.looked_up(head.distances(logits)), members, 1)
        first = graph.op("Gather", graph.constant(self._first.astype(np.int64)), chosen)
        return graph.op("Add", first, member)

    def _rewrite_logits(self, weights: str, of_classes: str) -> None:
        """Compute all logits from the matrices of the classes, so that weights are stored once."""
        head, graph, layer = self._head, self._head.graph, self._layer
        classes, members = self._inside.shape
        every = graph.op("Unsqueeze", layer.input, head.ids(0))  # [1, batch, inputs]
        products = layer.product(graph, every, weights)  # [classes, batch, members]
        products = graph.op("Transpose", products, perm=[1, 0, 2])
        products = graph.op("Reshape", products, head.ids(-1, classes * members))
        place = np.flatnonzero(self._inside.ravel()).astype(np.int32)
        products = graph.op("Gather", products, graph.constant(place), axis=1)
        graph.op("Concat", products, of_classes, axis=1)
        graph.nodes[-1].output[0] = layer.products
        later = layer.remove_from(self._graph)
        graph.nodes.extend(later)
