"""One entry of a configuration: its class, its name, and what it says of its input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .fields import ReadError, shape
from .layer_specs import LAYER_SPECS

__all__ = [
    "Entry",
    "batch_shape",
    "built_shape",
    "is_of_keras",
    "is_operation",
    "name_of",
    "parts",
    "unknown",
]

Entry = Mapping[str, Any]

_MODULES = re.compile(
    r"(tf_)?keras(\.(layers|models)|(\.src)?\.(models|engine|layers)\..*)?|faker_neural_export\..*"
)
_OPERATIONS = ("Add", "Maximum", "Minimum", "Multiply", "Subtract")  # that are as the layers are


def parts(entry: object) -> tuple[str, Any]:
    """Return the class and the configuration of an entry."""
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
        raise ReadError("its configuration has a layer without a class_name")
    return entry["class_name"], entry.get("config")


def is_of_keras(kind: str, module: object) -> bool:
    """Check whether a class of this name and module is one of Keras' own layers."""
    if module == "keras.src.ops.numpy":
        return kind in _OPERATIONS
    return module is None or (isinstance(module, str) and bool(_MODULES.fullmatch(module)))


def is_operation(kind: str, entry: Entry, config: object) -> bool:
    """Tell whether an entry of Keras 3 is an operation: those of masks stand among the layers."""
    module = entry.get("module")
    if isinstance(module, str):
        return module.startswith("keras.src.ops.") and kind not in _OPERATIONS
    is_trained = isinstance(config, dict) and "trainable" in config  # as every layer says
    return not is_trained and (kind not in LAYER_SPECS or kind == "Concatenate")


def unknown(name: str, kind: str) -> str:
    """Return the error text for a layer of an unknown class."""
    return (
        f"layer {name!r} ({kind}) is not known here and was not run; "
        f"supported: {', '.join(sorted(LAYER_SPECS))}"
    )


def name_of(entry: Entry, config: object, default: str) -> str:
    """Return the name of an entry's layer.

    Raises:
        ReadError: the name is no string, or longer than 1,000 characters.
    """
    inner = config.get("name") if isinstance(config, dict) else None
    name = entry.get("name") or inner or default
    if not isinstance(name, str) or len(name) > 1000:
        raise ReadError(f"has a layer whose name is {name!r:.80}; it must be a string")
    return name


def batch_shape(name: str, config: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    """Return the input shape in a layer's configuration, None if it has none.

    Raises:
        ReadError: the shape is not a list of sizes.
    """
    given = config.get("batch_shape")
    try:
        return None if given is None else shape(given)
    except ReadError as problem:
        raise ReadError(f"layer {name!r}: its input shape {given!r:.80} {problem}") from None


def built_shape(entry: Entry, config: object) -> tuple[int | None, ...] | None:
    """Find the shape that a Sequential model was first called with."""
    built = entry.get("build_config")
    given = config.get("build_input_shape") if isinstance(config, dict) else None
    if given is None and isinstance(built, dict):
        given = built.get("input_shape")
    return batch_shape("the first", {"batch_shape": given})
