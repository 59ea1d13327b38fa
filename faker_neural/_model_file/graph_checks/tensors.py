"""Checks the constants of a graph: all their numbers are in the file."""

from __future__ import annotations

import math

import numpy as np

from .protobuf import Message

__all__ = ["INT64", "Shape", "is_negative", "shape_of"]

Shape = tuple[int, ...]

_INT32, INT64 = 6, 7  # TensorProto.DataType
_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, _INT32: 4, INT64: 8, 9: 1, 10: 2, 11: 8}
"""Bytes in a number, for each numeric TensorProto.DataType."""


def shape_of(tensor: Message, where: str) -> Shape:
    """Return the shape of a tensor, after a check that the file holds all its numbers.

    Args:
        tensor: the tensor.
        where: what the error says of it.

    Raises:
        ValueError: the numbers are in another file, are no numbers, or do not fill the shape.
    """
    if tensor.external_data or tensor.data_location:
        raise ValueError(f"{where} lies in another file, which is not opened")
    if tensor.data_type not in _BYTES:
        raise ValueError(f"{where} is of data type {tensor.data_type}, which is no number's")
    kinds = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data)
    held = len(tensor.raw_data) / _BYTES[tensor.data_type] or sum(map(len, kinds))
    shape = tuple(tensor.dims)
    if min(shape, default=0) < 0 or math.prod(shape) != held:
        raise ValueError(f"{where} says that it holds {list(shape)} numbers, not {held:,}")
    return shape


def is_negative(tensor: Message) -> bool:
    """Return whether a tensor holds 32-bit or 64-bit integers, and one of them is negative."""
    if tensor.data_type not in (_INT32, INT64):
        return False
    if tensor.raw_data:
        kind = f"<i{_BYTES[tensor.data_type]}"
        return bool((np.frombuffer(tensor.raw_data, kind) < 0).any())
    return any(number < 0 for number in (*tensor.int32_data, *tensor.int64_data))
