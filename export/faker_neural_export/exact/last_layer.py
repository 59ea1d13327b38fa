"""The last layer of a graph, split into parts: a factored softmax uses parts of its weights."""

from __future__ import annotations

import numpy as np
import onnx

from .graph import FLOAT, Array, Graph

__all__ = ["LastLayer"]

_NEVER = -np.inf  # a token with this logit has weight 0 at any temperature


class LastLayer:
    """The last product of a graph, its weights, and the nodes between it and `logits`.

    `input` is the name of the left factor, `weights` the right factor [inputs, columns] as it is
    stored, `products` the name of the result. `after` holds the later nodes with their constants,
    last node first.

    Args:
        graph: its output `logits` comes from MatMulInteger or MatMul with constant weights. Only
            Cast, Round, Identity, and Mul or Add with constants follow the product.

    Raises:
        ValueError: another operator follows the product, or the chain has no product.
    """

    def __init__(self, graph: onnx.GraphProto) -> None:
        made = {name: node for node in graph.node for name in node.output}
        constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        self.after: list[tuple[onnx.NodeProto, Array | None]] = []  # last node first
        node = made["logits"]
        while node.op_type not in ("MatMul", "MatMulInteger"):
            if node.op_type not in ("Add", "Mul", "Round", "Cast", "Identity"):
                raise ValueError(f"the last layer is followed by {node.op_type}")
            known = [constants[name] for name in node.input if name in constants]
            self.after.append((node, known[0] if known else None))
            before = [made[name] for name in node.input if name in made]
            if not before:
                raise ValueError("there is no last layer")
            node = before[0]
        self._node, self.input, self.products = node, node.input[0], node.output[0]
        stored = made.get(node.input[1])  # of a float MatMul: integers behind a Cast
        self._cast = stored if stored is not None and stored.op_type == "Cast" else None
        self.weights = constants[node.input[1] if self._cast is None else self._cast.input[0]]

    def product(self, graph: Graph, left: str, right: str | Array) -> str:
        """Write a product with the operator of the last layer.

        Args:
            graph: the graph to add nodes to.
            left: the name of the left factor.
            right: the right factor in the stored dtype, as an array or the name of a value.

        Returns:
            The name of the product.
        """
        name = right if isinstance(right, str) else graph.constant(np.ascontiguousarray(right))
        if self._cast is not None:
            name = graph.op("Cast", name, to=FLOAT)
        return graph.op(self._node.op_type, left, name, *self._node.input[2:])

    def write_after(
        self,
        graph: Graph,
        products: str,
        columns: slice | Array,
        row: str = "",
        inside: Array | None = None,
    ) -> str:
        """Write the nodes after the last product, for some of its columns.

        Args:
            graph: the graph to add nodes to.
            products: the name of the products, [batch, columns].
            columns: the columns of the last layer that `products` holds. A slice is the same for
                every row of the batch. An array [classes, members] holds the columns of each
                class; each row of the batch uses the columns of its own class.
            row: the name of the class of each row, int64 [batch]; "" if `columns` is a slice.
            inside: bool [classes, members], True where a class has a token. The result is -inf
                elsewhere, so that no draw can choose it.

        Returns:
            The name of the logits, [batch, columns].
        """
        value = products
        for node, constant in reversed(self.after):
            if constant is None:
                value = graph.op(node.op_type, value)
                graph.nodes[-1].attribute.extend(node.attribute)
                continue
            numbers = constant if constant.size == 1 else constant.reshape(-1)[columns]
            if inside is not None and node is self.after[0][0] and node.op_type == "Add":
                numbers, inside = np.where(inside, numbers, _NEVER).astype(np.float32), None
            value = graph.op(node.op_type, value, self._of_row(graph, numbers, row))
        if inside is None:
            return value
        outside = np.where(inside, 0, _NEVER).astype(np.float32)
        return graph.op("Add", value, self._of_row(graph, outside, row))

    def _of_row(self, graph: Graph, numbers: Array, row: str) -> str:
        """Write constants; if they are [classes, members], select those of each row's class."""
        name = graph.constant(numbers)
        return graph.op("Gather", name, row) if numbers.ndim == 2 else name

    def remove_from(self, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
        """Remove the product and the nodes after it from a graph.

        The constants of the product are removed too, unless another node reads them.

        Args:
            graph: the graph of this last layer, changed in place.

        Returns:
            Copies of the nodes after the product, in order. The caller adds them again.
        """
        later = [node for node, _ in reversed(self.after)]
        gone = [self._node, *later, *([] if self._cast is None else [self._cast])]
        outputs = {name for node in gone for name in node.output}
        weights = (self._node if self._cast is None else self._cast).input
        kept = [node for node in graph.node if not outputs.issuperset(node.output)]
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in (*kept, *later)]
        tensors = [
            onnx.TensorProto.FromString(tensor.SerializeToString())
            for tensor in graph.initializer
            if tensor.name not in weights or any(tensor.name in node.input for node in copies)
        ]
        del graph.node[:], graph.initializer[:]
        graph.node.extend(copies[: len(kept)])
        graph.initializer.extend(tensors)
        return copies[len(kept) :]
