"""Checks a node: its operator, the names of its inputs and outputs, its attributes.

onnxruntime trusts some nodes that it should refuse: an empty name of an input that is not optional
is a null pointer, a negative size aborts the process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .protobuf import Message
from .tensors import shape_of

__all__ = ["check_node"]

_OPERATORS = """
    Abs Add And ArgMax AveragePool BatchNormalization Cast Ceil Clip Concat ConstantOfShape Conv
    CumSum Div Elu Equal Erf Exp Expand Flatten Floor Gather GatherND Gemm GlobalAveragePool
    GlobalMaxPool Greater GreaterOrEqual GRU HardSigmoid Identity LayerNormalization LeakyRelu
    Less LessOrEqual Log LogSoftmax LSTM MatMul MatMulInteger Max MaxPool Min Mul Neg Not OneHot
    Or Pad Pow PRelu QuantizeLinear Range Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd
    ReduceSum Relu Reshape ReverseSequence RNN Round Scan Selu Shape Sigmoid Sign Slice Softmax
    Softplus Softsign Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Unsqueeze Where
"""
OPERATORS = frozenset(_OPERATORS.split())

_OPTIONAL_INPUTS: Mapping[str, Collection[int]] = {
    "Clip": (1, 2),
    "GRU": (3, 4, 5),
    "LSTM": (3, 4, 5, 6, 7),
    "MatMulInteger": (2,),
    "Pad": (2,),
    "RNN": (3, 4, 5),
    "Slice": (3,),
}
_OPTIONAL_OUTPUTS: Mapping[str, Collection[int]] = {"GRU": (0, 1), "LSTM": (0, 1, 2), "RNN": (0, 1)}
"""The places where conversion leaves a name empty, which onnxruntime allows."""

_SIZES = {
    "ConstantOfShape": 0,
    "Expand": 1,
    "OneHot": 1,
    "Pad": 1,
    "Split": 1,
    "Tile": 1,
    "TopK": 1,
}
"""The input that holds sizes, for operators whose sizes cannot be negative."""
_SIZE_ATTRIBUTES = frozenset(("dilations", "k", "kernel_shape", "pads", "split", "strides"))

_LARGEST_INTEGER = 2**20  # in an attribute, such as a pool size


def check_node(node: Message, negative: Collection[str]) -> None:
    """Check a node without the bodies in its attributes.

    Args:
        node: the node.
        negative: the names of the constants that may hold negative integers.

    Raises:
        ValueError: the node is one that a model file may not have; the message says why.
    """
    if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
        name = f"{node.domain}.{node.op_type}".lstrip(".")
        allowed = "only those standard ONNX operators are allowed that conversion writes"
        raise ValueError(f"the graph has an operator {name!r}; {allowed}")
    _check_names(node, negative)
    _check_attributes(node)


def _check_names(node: Message, negative: Collection[str]) -> None:
    what = f"the graph's {node.op_type}"
    for kind, names, optional in (
        ("input", node.input, _OPTIONAL_INPUTS),
        ("output", node.output, _OPTIONAL_OUTPUTS),
    ):
        allowed = optional.get(node.op_type, ())
        for place, name in enumerate(names):
            if not name and place not in allowed:
                raise ValueError(f"{what} has no name for its {kind} {place}, which it needs")
    place = _SIZES.get(node.op_type, len(node.input))
    if place < len(node.input) and node.input[place] in negative:
        raise ValueError(f"{what} has sizes that may be negative: {node.input[place]!r}")


def _check_attributes(node: Message) -> None:
    what = f"the graph's {node.op_type}"
    numbers = {attribute.name: attribute.i for attribute in node.attribute}
    if len(numbers) < len(node.attribute):
        raise ValueError(f"{what} has two attributes of one name")
    for attribute in node.attribute:
        _check_attribute(attribute, f"{what} has an attribute {attribute.name!r}")
    outputs = len(node.output)
    if node.op_type == "Split" and numbers.get("num_outputs", outputs) != outputs:
        # onnxruntime does not compare them, and writes past the end of an array.
        raise ValueError(f"{what} has {outputs} outputs and says {numbers['num_outputs']}")
    if node.op_type == "Scan" and numbers.keys() != {"body", "num_scan_inputs"}:
        raise ValueError(f"{what} has attributes other than body and num_scan_inputs")
    if node.op_type == "Scan" and not 0 < numbers["num_scan_inputs"] <= len(node.input):
        raise ValueError(f"{what} has num_scan_inputs={numbers['num_scan_inputs']}")


def _check_attribute(attribute: Message, where: str) -> None:
    for field in ("tensors", "graphs", "sparse_tensor", "sparse_tensors"):
        if getattr(attribute, field):
            raise ValueError(f"{where} of {field}, which is not allowed")
    numbers = (attribute.i, *attribute.ints)
    for number in numbers:
        if abs(number) > _LARGEST_INTEGER:
            raise ValueError(f"{where} of {number}, beyond {_LARGEST_INTEGER:,}")
    if attribute.name in _SIZE_ATTRIBUTES and min(numbers) < 0:
        raise ValueError(f"{where} of {min(numbers)}, which must not be negative")
    if attribute.HasField("t"):
        shape_of(attribute.t, f"{where} that")
