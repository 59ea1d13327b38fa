"""The part of a model file that some outputs need.

onnxruntime computes every output of a graph, asked for or not. So where an output costs much, a
session is made of the file without it. The bytes are walked here and not by the package protobuf,
whose import costs more than all else at the first string.

Source of the encoding: protobuf.dev, "Encoding"; the field numbers are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

__all__ = ["metadata", "select"]

_GRAPH, _METADATA = 7, 14  # of a model
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12  # of a graph
_READ, _MADE, _ATTRIBUTE = 1, 2, 5  # of a node
_BODY = 6  # of an attribute
_TENSOR_NAME, _VALUE_NAME = 8, 1
_KEY, _VALUE = 1, 2  # of metadata

_BYTES = 2  # the wire type of what has a length


class _Field(NamedTuple):
    """A field of a message: its number, all of its bytes, and where its content begins in them."""

    number: int
    whole: memoryview
    content: memoryview


def select(content: bytes, outputs: Collection[str]) -> bytes:
    """Return the model with these outputs alone, and what they need.

    Args:
        content: an ONNX model.
        outputs: names of outputs of its graph.

    Raises:
        ValueError: the bytes are truncated.
    """
    kept = list[bytes | memoryview]()
    graph = list[_Field]()
    for field in _fields(memoryview(content)):
        if field.number == _GRAPH:  # protobuf merges several
            graph += _fields(field.content)
        else:
            kept.append(field.whole)
    needed = set(outputs)
    wanted = set[int]()
    for place in range(len(graph) - 1, -1, -1):
        if graph[place].number == _NODE:
            read, made = _node(graph[place].content)
            if not needed.isdisjoint(made):
                needed.update(read)
                wanted.add(place)
    part = b"".join(
        field.whole
        for place, field in enumerate(graph)
        if place in wanted or _is_kept(field, needed, outputs)
    )
    return b"".join([*kept, bytes([_GRAPH << 3 | _BYTES]), _varint(len(part)), part])


def metadata(content: bytes, key: str) -> list[str]:
    """Return the texts that a model holds under a key.

    Raises:
        ValueError: the bytes are truncated, or a text is not UTF-8.
    """
    entries = [f.content for f in _fields(memoryview(content)) if f.number == _METADATA]
    found = [entry for entry in entries if key in _names(entry, _KEY)]
    return [text for entry in found for text in _names(entry, _VALUE)]


def _is_kept(field: _Field, needed: Collection[str], outputs: Collection[str]) -> bool:
    """Tell whether a field of a graph is kept, if it is no node."""
    if field.number not in (_NODE, _INITIALIZER, _INPUT, _OUTPUT):
        return True
    if field.number == _NODE:
        return False
    number = _TENSOR_NAME if field.number == _INITIALIZER else _VALUE_NAME
    names = outputs if field.number == _OUTPUT else needed
    return any(name in names for name in _names(field.content, number))


def _node(node: memoryview) -> tuple[list[str], list[str]]:
    """Return the names that a node reads, also in the body of a loop, and those of its outputs."""
    read, made = list[str](), list[str]()
    for field in _fields(node):
        if field.number == _READ:
            read.append(str(field.content, "utf-8"))
        elif field.number == _MADE:
            made.append(str(field.content, "utf-8"))
        elif field.number == _ATTRIBUTE:
            for body in _fields(field.content):
                if body.number == _BODY:
                    read += _read_in(body.content)
    return read, made


def _read_in(graph: memoryview) -> Iterator[str]:
    for field in _fields(graph):
        if field.number == _NODE:
            yield from _node(field.content)[0]
        elif field.number == _OUTPUT:
            yield from _names(field.content, _VALUE_NAME)


def _names(message: memoryview, number: int) -> list[str]:
    """Return the strings of a field."""
    return [str(f.content, "utf-8") for f in _fields(message) if f.number == number]


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        begin = at
        key, at = _read_varint(message, at)
        match key & 7:
            case 0:
                _, end = _read_varint(message, at)
            case 1:
                end = at + 8
            case 2:
                size, at = _read_varint(message, at)
                end = at + size
            case 5:
                end = at + 4
            case other:
                raise ValueError(f"has a field of the unknown wire type {other}")
        if end > len(message):
            raise ValueError("is truncated")
        yield _Field(key >> 3, message[begin:end], message[at:end])
        at = end


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("is truncated")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
