"""MultiHeadAttention, whose layers inside make their weights together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .plan.fields import ReadError
from .weights.hdf5 import Array

__all__ = ["built_attention"]

_PARTS = ("query", "key", "value", "output")
Shape = Sequence[int | None]


def built_attention(
    made: Any,
    arguments: Mapping[str, Any],
    shapes: Sequence[Shape],
    arrays: Sequence[Mapping[str, Array]],
) -> Any:
    """Build a MultiHeadAttention from the arrays of a file.

    Memory is allocated only if the file has an array of each shape that the layer needs.

    Args:
        made: the Keras layer, not built.
        arguments: its arguments.
        shapes: the shapes of query and value, and of key if it is another tensor.
        arrays: the arrays of the query, the key, the value and the output, by name.

    Returns:
        The layer.

    Raises:
        ReadError: it has another number of inputs or other axes, or an array is missing or has
            another shape.
    """
    if len(shapes) not in (2, 3) or any(len(shape) != 3 or shape[2] is None for shape in shapes):
        raise ReadError("must be called with a query and a value of [batch, length, size]")
    needed = _needed(arguments, [int(shape[2] or 0) for shape in shapes])
    values = [
        _array(part, name, given, shape)
        for part, given, by_name in zip(_PARTS, arrays, needed, strict=True)
        for name, shape in by_name.items()
    ]
    made.build(*(tuple(shape) for shape in shapes))
    made.set_weights(values)
    return made


def _needed(arguments: Mapping[str, Any], sizes: Sequence[int]) -> list[dict[str, tuple[int, ...]]]:
    """Return the shape of each weight of each part."""
    query, value, key = sizes[0], sizes[1], sizes[-1]
    heads, size = arguments["num_heads"], arguments["key_dim"]
    deep, wide = arguments["value_dim"] or size, arguments["output_shape"] or query
    kernels = ((query, heads, size), (key, heads, size), (value, heads, deep), (heads, deep, wide))
    biases = ((heads, size), (heads, size), (heads, deep), (wide,))
    if not arguments["use_bias"]:
        return [{"kernel": kernel} for kernel in kernels]
    return [{"kernel": kernel, "bias": bias} for kernel, bias in zip(kernels, biases, strict=True)]


def _array(part: str, name: str, given: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    array = given.get(name)
    if array is None:
        raise ReadError(f"weight {part}/{name} is missing in the file")
    if array.shape != shape:
        raise ReadError(
            f"by the configuration its {part} {name} is {list(shape)}, and {list(array.shape)} in "
            "the file; use weights and configuration of the same model"
        )
    return array
