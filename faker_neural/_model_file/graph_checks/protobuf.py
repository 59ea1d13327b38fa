"""Parses the needed parts of a model file with protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

__all__ = ["Message", "message_class", "parse"]

Message = Any  # an object of a class that protobuf creates

_MOST_BESIDE_WEIGHTS = 2**25  # bytes; a message takes up to fifty times its bytes in memory

_ONNX = """
    Outline: graph 7 Weights
    Weights: initializer 5 bytes*
    Model: graph 7 Graph, metadata_props 14 Entry*, training_info 20 bytes*, functions 25 bytes*
    Graph: node 1 Node*, name 2 string, doc_string 10 string, initializer 5 Tensor*,
     input 11 Value*, output 12 Value*, sparse_initializer 15 bytes*
    Node: input 1 string*, output 2 string*, name 3 string, op_type 4 string,
     attribute 5 Attribute*, domain 7 string
    Attribute: name 1 string, i 3 int64, t 5 Tensor, g 6 Graph, ints 8 int64*, tensors 10 bytes*,
     graphs 11 bytes*, sparse_tensor 22 bytes*, sparse_tensors 23 bytes*
    Tensor: dims 1 int64*, data_type 2 int32, float_data 4 float*, int32_data 5 int32*,
     int64_data 7 int64*, name 8 string, raw_data 9 bytes, double_data 10 double*,
     external_data 13 bytes*, data_location 14 int32
    Value: name 1 string, type 2 Type
    Type: tensor_type 1 TensorType
    TensorType: elem_type 1 int32, shape 2 Sizes
    Sizes: dim 1 Size*
    Size: dim_value 1 int64, dim_param 2 string
    Entry: key 1 string, value 2 string
"""
"""The used part of onnx.proto, one message a line: name, number and type of each field.

A * marks a repeated field. Fields that are only counted or refused are read as bytes. Some names
are read as strings only to check that they are Unicode.
"""


def parse(content: bytes) -> Message:
    """Parse an ONNX model.

    Args:
        content: the bytes of the model.

    Returns:
        A message of type Model.

    Raises:
        ValueError: the bytes are no ONNX model, or more than 32 MB of them are not weights, so that
            parsing them would take much memory.
    """
    try:
        weights = message_class("Outline").FromString(content).graph.initializer
        if len(content) - sum(map(len, weights)) > _MOST_BESIDE_WEIGHTS:
            most = _MOST_BESIDE_WEIGHTS >> 20
            raise ValueError(f"holds more than {most} MB beside the graph's weights")
        model = message_class("Model").FromString(content)
    except DecodeError:
        raise ValueError("is truncated or no ONNX model") from None
    if not model.HasField("graph"):
        raise ValueError("is truncated or no ONNX model (it has no graph)")
    return model


def message_class(name: str) -> Any:
    """Return the class of a message type.

    Args:
        name: the type's name, such as "Node".
    """
    return _classes()[name]


@cache
def _classes() -> Mapping[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="onnx", package="faker_neural", syntax="proto3")
    for line in _ONNX.replace(",\n", ",").strip().splitlines():
        name, _, fields = line.partition(":")
        message = file.message_type.add(name=name.strip())
        for field in fields.split(","):
            _add(message, *field.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindFileByName(file.name).message_types_by_name
    return {name: message_factory.GetMessageClass(kind) for name, kind in found.items()}


def _add(message: Message, name: str, number: str, kind: str) -> None:
    field = message.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
    kind = kind.rstrip("*")
    if kind[0].isupper():
        field.type_name = f".faker_neural.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
