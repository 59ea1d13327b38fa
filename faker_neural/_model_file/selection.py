"""Extracts the part of a model file that some outputs need.

onnxruntime computes every output of a graph, requested or not. So a session for cheap outputs needs
a model without the expensive outputs. The bytes are parsed here and not with protobuf, because
importing protobuf takes longer than everything else before the first string.

Source of the encoding: protobuf.dev, "Encoding"; the field numbers are those of onnx.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

__all__ = ["metadata", "select"]

_GRAPH, _METADATA = 7, 14  # fields of a model
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12  # fields of a graph
_READ, _MADE, _ATTRIBUTE = 1, 2, 5  # fields of a node: input, output, attribute
_BODY = 6  # field of an attribute
_TENSOR_NAME, _VALUE_NAME = 8, 1
_KEY, _VALUE = 1, 2  # fields of a metadata entry

_BYTES = 2  # the wire type of fields with a length
_SIZES = {1: 8, 5: 4}  # bytes in a field, by wire type of fixed size
_MOST_FIELDS = 2**18  # in a message


class _Field(NamedTuple):
    """A field of a message: number, wire type, and the offsets of field, content and end."""

    number: int
    wire: int
    begin: int
    content: int
    end: int


def select(content: bytes, outputs: Collection[str], optional: Collection[str] = ()) -> bytes:
    """Return the model with these outputs only, and with the nodes and weights that they need.

    Args:
        content: the bytes of an ONNX model.
        outputs: names of outputs of its graph.
        optional: names of graph inputs that are removed if nothing needs them.

    Raises:
        ValueError: the bytes are truncated, or hold too many fields.
    """
    kept, part = bytearray(), bytearray()
    graphs = []
    for field in _fields(content, 0, len(content)):
        if (field.number, field.wire) == (_GRAPH, _BYTES):
            graphs.append(field)
        else:
            kept += content[field.begin : field.end]
    needed, nodes = _needed(content, graphs, outputs)
    for graph in graphs:  # protobuf merges repeated graph fields
        for field in _fields(content, graph.content, graph.end):
            if _is_kept(content, field, needed, nodes, outputs, optional):
                part += content[field.begin : field.end]
    return bytes(kept) + bytes([_GRAPH << 3 | _BYTES]) + _varint(len(part)) + bytes(part)


def metadata(content: bytes, key: str) -> list[str]:
    """Return the metadata values that a model holds under a key.

    Args:
        content: the bytes of an ONNX model.
        key: the metadata key.

    Raises:
        ValueError: the bytes are truncated, or a text is not UTF-8.
    """
    found = []
    for field in _fields(content, 0, len(content)):
        if (field.number, field.wire) == (_METADATA, _BYTES):
            entry = field.content, field.end
            if key in _names(content, *entry, _KEY):
                found += _names(content, *entry, _VALUE)
    return found


def _needed(
    content: bytes, graphs: list[_Field], outputs: Collection[str]
) -> tuple[set[str], set[int]]:
    """Return the names of the values that the outputs need, and the offsets of their nodes."""
    read_by, maker = dict[int, list[str]](), dict[str, int]()
    for graph in graphs:
        for field in _fields(content, graph.content, graph.end):
            if (field.number, field.wire) == (_NODE, _BYTES):
                read_by[field.begin], made = _node(content, field.content, field.end)
                maker.update(dict.fromkeys(made, field.begin))
    needed, nodes, waiting = set(outputs), set[int](), list(outputs)
    while waiting:
        node = maker.get(waiting.pop())
        if node is not None and node not in nodes:
            nodes.add(node)
            waiting += read_by[node]
            needed.update(read_by[node])
    return needed, nodes


def _is_kept(
    content: bytes,
    field: _Field,
    needed: Collection[str],
    nodes: Collection[int],
    outputs: Collection[str],
    optional: Collection[str],
) -> bool:
    if field.wire != _BYTES or field.number not in (_NODE, _INITIALIZER, _INPUT, _OUTPUT):
        return True
    if field.number == _NODE:
        return field.begin in nodes
    number = _TENSOR_NAME if field.number == _INITIALIZER else _VALUE_NAME
    names = _names(content, field.content, field.end, number)
    if field.number == _INPUT:
        return any(name in needed or name not in optional for name in names)
    return any(name in (outputs if field.number == _OUTPUT else needed) for name in names)


def _node(content: bytes, begin: int, end: int) -> tuple[list[str], list[str]]:
    """Return the names that a node reads, also in its body if it is a loop, and its outputs."""
    read, made = list[str](), list[str]()
    for field in _fields(content, begin, end):
        if field.wire != _BYTES:
            continue
        if field.number in (_READ, _MADE):
            name = str(content[field.content : field.end], "utf-8")
            (read if field.number == _READ else made).append(name)
        elif field.number == _ATTRIBUTE:
            for body in _fields(content, field.content, field.end):
                if (body.number, body.wire) == (_BODY, _BYTES):
                    read += _read_in(content, body.content, body.end)
    return read, made


def _read_in(content: bytes, begin: int, end: int) -> Iterator[str]:
    """Yield the names that the body of a loop reads, including names of its own values."""
    for field in _fields(content, begin, end):
        if (field.number, field.wire) == (_NODE, _BYTES):
            yield from _node(content, field.content, field.end)[0]
        elif (field.number, field.wire) == (_OUTPUT, _BYTES):
            yield from _names(content, field.content, field.end, _VALUE_NAME)


def _names(content: bytes, begin: int, end: int, number: int) -> list[str]:
    """Return the values of a string field, by its number."""
    return [
        str(content[field.content : field.end], "utf-8")
        for field in _fields(content, begin, end)
        if (field.number, field.wire) == (number, _BYTES)
    ]


def _fields(content: bytes, begin: int, end: int) -> Iterator[_Field]:
    at = begin
    for _ in range(_MOST_FIELDS):
        if at >= end:
            return
        first = at
        key, at = _read_varint(content, at, end)
        wire = key & 7
        size = _SIZES.get(wire, 0)
        if wire == _BYTES:
            size, at = _read_varint(content, at, end)
        elif wire == 0:
            at = _read_varint(content, at, end)[1]
        elif wire not in _SIZES:
            raise ValueError(f"has a field of the unknown wire type {wire}")
        if at + size > end:
            raise ValueError("is truncated")
        yield _Field(key >> 3, wire, first, at, at + size)
        at += size
    raise ValueError(f"has a message of more than {_MOST_FIELDS:,} fields")


def _read_varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number that is stored with seven bits a byte, and the offset after it."""
    value = shift = 0
    while True:
        if at >= end or shift > 63:
            raise ValueError("is truncated")
        byte = content[at]
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
