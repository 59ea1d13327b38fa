"""One entry of a configuration: its class, its name and its input shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .fields import IN_PYTHON, ReadError, shape
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
_OPERATIONS = ("Add", "Maximum", "Minimum", "Multiply", "Subtract")  # work like the layers


def parts(entry: object) -> tuple[str, Any]:
    """Return the class and the configuration of an entry.

    Args:
        entry: the parsed JSON of a layer or model.

    Raises:
        ReadError: the entry has no class name.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
        raise ReadError("its configuration has a layer without a class_name")
    return entry["class_name"], entry.get("config")


def is_of_keras(kind: str, module: object) -> bool:
    """Return whether a class is a layer of Keras or of this package.

    Args:
        kind: the name of the class.
        module: the module of the class; None, as in older files, is accepted.
    """
    if module == "keras.src.ops.numpy":
        return kind in _OPERATIONS
    return module is None or (isinstance(module, str) and bool(_MODULES.fullmatch(module)))


def is_operation(kind: str, entry: Entry, config: object) -> bool:
    """Return whether an entry of Keras 3 is an operation and not a layer.

    Keras 3 lists the operations that compute masks among the layers.

    Args:
        kind: the class of the entry.
        entry: the entry.
        config: the configuration of the entry.
    """
    module = entry.get("module")
    if isinstance(module, str):
        return module.startswith("keras.src.ops.") and kind not in _OPERATIONS
    is_trained = isinstance(config, dict) and "trainable" in config  # every layer has it
    return not is_trained and (kind not in LAYER_SPECS or kind == "Concatenate")


def unknown(name: str, kind: str) -> str:
    """Return the error message for a layer of an unsupported class.

    Args:
        name: the name of the layer.
        kind: its class.
    """
    return f"layer {name!r} ({kind}) is not supported and was not run; {IN_PYTHON}"


def name_of(entry: Entry, config: object, default: str) -> str:
    """Return the name of an entry's layer.

    Args:
        entry: the entry.
        config: the configuration of the entry.
        default: the name if neither states one.

    Raises:
        ReadError: the name is not a string, or is longer than 1,000 characters.
    """
    inner = config.get("name") if isinstance(config, dict) else None
    name = entry.get("name") or inner or default
    if not isinstance(name, str) or len(name) > 1000:
        raise ReadError(f"has a layer whose name is {name!r:.80}; it must be a string")
    return name


def batch_shape(name: str, config: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    """Return the input shape in a layer's configuration, batch included; None if absent.

    Args:
        name: the name of the layer, for errors.
        config: the configuration of the layer.

    Raises:
        ReadError: the shape is not a list of sizes.
    """
    given = config.get("batch_shape")
    try:
        return None if given is None else shape(given)
    except ReadError as problem:
        raise ReadError(f"layer {name!r}: its input shape {given!r:.80} {problem}") from None


def built_shape(entry: Entry, config: object) -> tuple[int | None, ...] | None:
    """Return the input shape that a Sequential model was built with, None if absent.

    Args:
        entry: the entry of the model.
        config: the configuration of the model.

    Raises:
        ReadError: the shape is not a list of sizes.
    """
    built = entry.get("build_config")
    given = config.get("build_input_shape") if isinstance(config, dict) else None
    if given is None and isinstance(built, dict):
        given = built.get("input_shape")
    return batch_shape("the first", {"batch_shape": given})
