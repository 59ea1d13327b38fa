"""The arguments of a layer; an unsupported argument that affects the output is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .entries import is_of_keras
from .fields import REQUIRED, Argument, ReadError
from .layer_specs import LAYER_SPECS
from .network import Layer
from .old_names import to_keras_3

__all__ = ["arguments"]

_IGNORED = frozenset(
    [  # these affect training, speed or nothing
        "autocast",
        "batch_shape",
        "beta_init",
        "consume_less",
        "forget_bias_init",
        "gamma_init",
        "implementation",
        "init",
        "inner_init",
        "input_dim",
        "input_dtype",
        "input_length",
        "input_shape",
        "momentum",
        "name",
        "noise_shape",
        "renorm_momentum",
        "seed",
        "stateful",
        "synchronized",
        "trainable",
        "unit_forget_bias",
        "unroll",
        "use_cudnn",
        "weights",
    ]
)
_IGNORED_SUFFIXES = ("_initializer", "_regularizer", "_constraint")
_IGNORED_BY_LAYER = {
    "ActivityRegularization": ("l1", "l2"),
    "Embedding": ("dropout",),
    "InputLayer": ("optional",),
    "MultiHeadAttention": ("query_shape", "key_shape", "value_shape"),
}
_ACTIVATION_LAYERS = ("ELU", "LeakyReLU", "ReLU", "Softmax", "ThresholdedReLU")
_USUAL = {"data_format": "channels_last", "dim_ordering": "tf", "groups": 1}
_DTYPES = frozenset(
    ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")
)


def arguments(layer: Layer, config: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments of a layer.

    Args:
        layer: the layer; its kind decides which arguments are read.
        config: its configuration in the names of Keras 3, without the layers inside a wrapper.

    Returns:
        The arguments of the Keras 3 layer, by name. An InputLayer also has its "dtype".

    Raises:
        ReadError: an argument is missing, has a value that is not allowed, or is unsupported and
            may affect the output.
    """
    known = LAYER_SPECS[layer.kind].arguments
    for name, value in config.items():
        if name not in known and not _is_unheeded(layer, name, value):
            raise ReadError(
                f"layer {layer.name!r} ({layer.saved_as}) has {name}={value!r:.80}, which is not "
                "supported"
            )
    found = {name: _read(layer, name, argument, config) for name, argument in known.items()}
    if layer.kind == "InputLayer":
        found["dtype"] = _input_dtype(layer, config)
    return found


def _read(layer: Layer, name: str, argument: Argument, config: Mapping[str, Any]) -> Any:
    value = config.get(name, argument.absent)
    if value is REQUIRED:
        raise ReadError(f"layer {layer.name!r} ({layer.saved_as}) has no {name!r}")
    if name not in config:
        return value
    try:
        if name in ("activation", "recurrent_activation") and isinstance(value, dict):
            value = _activation_layer(value)
        return argument.read(value)
    except ReadError as problem:
        raise ReadError(
            f"layer {layer.name!r} ({layer.saved_as}): {name}={value!r:.80} {problem}"
        ) from None


def _activation_layer(value: dict[str, Any]) -> Any:
    """Return the layer that an activation is, such as LeakyReLU; else the value."""
    kind, config = value.get("class_name"), value.get("config")
    if kind not in _ACTIVATION_LAYERS or not isinstance(config, dict):
        return value
    modern, config = to_keras_3(kind, config)
    if not is_of_keras(modern, value.get("module")):
        return value
    inner = Layer(str(config.get("name", kind)), kind, modern)
    return LAYER_SPECS[modern].make(**arguments(inner, config))


def _is_unheeded(layer: Layer, name: str, value: Any) -> bool:
    """Return whether a setting can be ignored, because it does not affect the output."""
    if name == "dtype":
        return layer.kind == "InputLayer" or _dtype(value) in _DTYPES
    return (
        not value
        or name in _IGNORED
        or name.endswith(_IGNORED_SUFFIXES)
        or name in _IGNORED_BY_LAYER.get(layer.kind, ())
        or _USUAL.get(name) == value
    )


def _dtype(value: Any) -> str | None:
    """Return the name of a dtype or dtype policy, "float32" if absent, None if unknown."""
    while isinstance(value, dict):
        if value.get("class_name") not in ("DTypePolicy", "Policy", None):
            return None
        value = value.get("config", value.get("name"))
    return value if isinstance(value, str) else None if value else "float32"


def _input_dtype(layer: Layer, config: Mapping[str, Any]) -> str:
    value = config.get("dtype", config.get("input_dtype"))
    if value in ("int32", "int64"):
        return str(value)
    if _dtype(value) not in _DTYPES:
        raise ReadError(
            f"layer {layer.name!r} takes {value!r:.80}; supported: numbers, int or float"
        )
    return "float32"
