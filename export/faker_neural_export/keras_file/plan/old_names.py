"""The names of layers and arguments in older Keras versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fields import ReadError

__all__ = ["to_keras_3"]

Config = Mapping[str, Any]

_LAYERS = {
    "AtrousConvolution1D": "Conv1D",
    "faker_neural>AttentionWeightedAverage": "AttentionWeightedAverage",
    "Convolution1D": "Conv1D",
    "CuDNNGRU": "GRU",
    "CuDNNLSTM": "LSTM",
    "SeparableConvolution1D": "SeparableConv1D",
    "ThresholdedReLU": "ReLU",
    "TimeDistributedDense": "Dense",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
}
_ARGUMENTS = {
    "atrous_rate": "dilation_rate",
    "batch_input_shape": "batch_shape",
    "bias": "use_bias",
    "border_mode": "padding",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "filter_length": "kernel_size",
    "inner_activation": "recurrent_activation",
    "length": "size",
    "nb_filter": "filters",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample_length": "strides",
}
_ARGUMENTS_OF = {
    "Dense": {"output_dim": "units"},
    "GRU": {"output_dim": "units"},
    "LSTM": {"output_dim": "units"},
    "LeakyReLU": {"alpha": "negative_slope"},
    "ReLU": {"theta": "threshold"},
    "SimpleRNN": {"output_dim": "units"},
}
_CUDNN = {"activation": "tanh", "recurrent_activation": "sigmoid"}
_FIXED: Mapping[str, dict[str, Any]] = {
    "CuDNNLSTM": _CUDNN,
    "CuDNNGRU": {**_CUDNN, "reset_after": True},
}
_MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
}


def to_keras_3(kind: str, config: Config) -> tuple[str, dict[str, Any]]:
    """Return a layer's class and configuration in the names of Keras 3.

    Args:
        kind: the name of the class in the file.
        config: the configuration in the file.

    Raises:
        ReadError: the layer does something that no layer of Keras 3 does.
    """
    if kind == "Merge":
        return _merge(config)
    modern = _LAYERS.get(kind, kind)
    names = _ARGUMENTS | _ARGUMENTS_OF.get(modern, {})
    renamed = {names.get(name, name): value for name, value in config.items()}
    if modern == "BatchNormalization" and renamed.pop("mode", 0) != 0:
        raise ReadError(f"normalises by mode {config['mode']!r}; mode 0 is supported")
    return modern, renamed | _FIXED.get(kind, {})


def _merge(config: Config) -> tuple[str, dict[str, Any]]:
    """Return the layer that replaced a mode of Merge in Keras 2."""
    mode = config.get("mode")
    if not isinstance(mode, str) or config.get("mode_type", "raw") != "raw":
        raise ReadError("merges by a function of its own, which was not run")
    if mode not in _MERGES:
        raise ReadError(f"merges by {mode!r}; supported: {', '.join(_MERGES)}")
    modern: dict[str, Any] = {"name": config.get("name")}
    if mode == "concat":
        modern["axis"] = config.get("concat_axis", -1)
    if mode == "dot":
        axes = config.get("dot_axes", -1)
        modern["axes"] = [axes[0], axes[1]] if _is_pair(axes) else axes
    return _MERGES[mode], modern


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2
