"""Readers that each check one value of a configuration."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from faker_neural_export.keras_file.activations import hard_sigmoid

__all__ = ["IN_PYTHON", "REQUIRED", "Argument", "Read", "ReadError"]

IN_PYTHON = (
    "load the model in Python with the code that made it, and call "
    'faker_neural_export.convert(model, tokens, "NAME.onnx")'
)

LARGEST = 2**31 - 1
REQUIRED = object()

Read = Callable[[Any], Any]

_ACTIVATIONS = frozenset(
    [
        "celu",
        "elu",
        "exponential",
        "gelu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "leaky_relu",
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_shrink",
        "softmax",
        "softplus",
        "softsign",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "swish",
        "tanh",
        "tanh_shrink",
    ]
)
_EQUATION = re.compile(r"(\.\.\.)?[a-zA-Z]{1,8},[a-zA-Z]{1,8}->(\.\.\.)?[a-zA-Z]{1,8}")


class ReadError(ValueError):
    """A problem in a model file; load.py puts the path before the message."""


@dataclass(frozen=True, slots=True)
class Argument:
    """How an argument of a layer is read.

    Args:
        read: checks the value in the configuration and converts it; raises ReadError.
        absent: the value if the configuration has none; REQUIRED makes that an error.
    """

    read: Read
    absent: Any = REQUIRED


def integer(least: int = 1, most: int = LARGEST) -> Read:
    """Return a reader of a whole number, or of a list of one, as Keras writes 1D sizes."""

    def read(value: Any) -> int:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if type(value) is not int or not least <= value <= most:
            raise ReadError(f"must be a whole number, {least:,} to {most:,}")
        return value

    return read


def optional(read: Read) -> Read:
    """Return a reader that also accepts null."""
    return lambda value: None if value is None else read(value)


def several(read: Read, least: int = 1, most: int = 8) -> Read:
    """Return a reader of a list of `least` to `most` values."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise ReadError(f"must be a list of {least} to {most}")
        return tuple(read(each) for each in value)

    return read_all


def either(*reads: Read) -> Read:
    """Return a reader that uses the first of `reads` that accepts the value."""

    def read(value: Any) -> Any:
        for each in reads[:-1]:
            try:
                return each(value)
            except ReadError:
                pass
        return reads[-1](value)

    return read


def number(value: Any) -> float:
    """Read a finite number."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ReadError("must be a number")
    return float(value)


def rate(value: Any) -> float:
    """Read a rate, 0 to 1, such as that of dropout."""
    found = number(value)
    if not 0 <= found <= 1:
        raise ReadError("must be a number, 0 to 1")
    return found


def flag(value: Any) -> bool:
    """Read a boolean."""
    if not isinstance(value, bool):
        raise ReadError("must be true or false")
    return value


def choice(*allowed: object) -> Read:
    """Return a reader of one of the allowed values."""

    def read(value: Any) -> Any:
        if not any(value is each or (value == each and each is not None) for each in allowed):
            raise ReadError(f"must be one of {', '.join(map(repr, allowed))}")
        return value

    return read


def equation(value: Any) -> str:
    """Read the equation of an EinsumDense, such as "abc,cd->abd"."""
    if not isinstance(value, str) or not _EQUATION.fullmatch(value):
        raise ReadError('must be an equation such as "abc,cd->abd"')
    return value


def letters(value: Any) -> str:
    """Read the axes of an equation, up to eight letters."""
    if not isinstance(value, str) or not re.fullmatch("[a-zA-Z]{1,8}", value):
        raise ReadError("must be letters")
    return value


def activation(value: Any) -> str | Callable[[Any], Any]:
    """Read a supported activation; null is "linear", a custom function an error.

    An activation is a name, or one of the layers that may be activations, already made.
    """
    if value is None:
        return "linear"
    if isinstance(value, keras.layers.Layer):
        made: Callable[[Any], Any] = value
        return made
    if isinstance(value, dict) and value.get("config") == "faker_neural>hard_sigmoid":
        old: Callable[[Any], Any] = hard_sigmoid
        return old
    if not isinstance(value, str) or value not in _ACTIVATIONS:
        raise ReadError(f"must be one of {', '.join(sorted(_ACTIVATIONS))}")
    return str(value)


def shape(value: Any) -> tuple[int | None, ...]:
    """Read an input shape, batch included."""
    read = several(optional(integer()), least=1)
    found: tuple[int | None, ...] = read(list(value) if isinstance(value, Sequence) else value)
    return found
