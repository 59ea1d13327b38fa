"""The supported layers: how to make each, its arguments and its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from faker_neural_export.keras_file.attention import AttentionWeightedAverage

from .fields import (
    Argument,
    activation,
    choice,
    either,
    flag,
    number,
    optional,
    rate,
    several,
    shape,
    whole,
)

__all__ = ["LAYER_SPECS", "MERGING", "POINTWISE", "RECURRENT", "WRAPPERS", "Kind"]

L = keras.layers
_SIZE = Argument(whole())
_ONE = Argument(whole(), 1)
_ANY = whole(-(2**31))
_TRUE, _FALSE = Argument(flag, True), Argument(flag, False)
_ACTIVATION = Argument(activation)
_RATE = {"rate": Argument(rate)}
_PADDING = Argument(choice("valid", "same"), "valid")
_SPAN = Argument(either(whole(0), several(whole(0), 2, 2)))


@dataclass(frozen=True, slots=True)
class Kind:
    """The specification of a supported layer.

    Args:
        make: makes the Keras 3 layer from its arguments and a name.
        arguments: the arguments that are read, by name.
        weights: the names of the weights in the order of saving. Each has the name of the boolean
            argument that says whether the layer has this weight, or None if it always has it.
    """

    make: Callable[..., Any]
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    weights: Mapping[str, str | None] = field(default_factory=dict)


_BIASED = {"kernel": None, "bias": "use_bias"}
_CELL = {"kernel": None, "recurrent_kernel": None, "bias": "use_bias"}
_SIMPLE = {
    "units": _SIZE,
    "activation": _ACTIVATION,
    "use_bias": _TRUE,
    "return_sequences": _FALSE,
    "return_state": _FALSE,
    "go_backwards": _FALSE,
    "zero_output_for_mask": _FALSE,
    "dropout": Argument(rate, 0.0),
    "recurrent_dropout": Argument(rate, 0.0),
}
_GATED = {**_SIMPLE, "recurrent_activation": _ACTIVATION}
_CONVOLUTION = {
    "filters": _SIZE,
    "kernel_size": _SIZE,
    "strides": _ONE,
    "padding": Argument(choice("valid", "same", "causal"), "valid"),
    "dilation_rate": _ONE,
    "activation": _ACTIVATION,
    "use_bias": _TRUE,
}
_POOL = {"pool_size": _SIZE, "strides": Argument(optional(whole()), None), "padding": _PADDING}
_GLOBAL = {"keepdims": _FALSE}
_SCALED = {"epsilon": Argument(number), "center": _TRUE, "scale": _TRUE}
_ATTENTION = {"use_scale": Argument(flag), "dropout": Argument(rate, 0.0)}


def _lstm(**options: Any) -> Any:
    return L.LSTM(unit_forget_bias=False, **options)  # already in the file's bias


RECURRENT = {
    "LSTM": Kind(_lstm, _GATED, _CELL),
    "GRU": Kind(L.GRU, {**_GATED, "reset_after": _FALSE}, _CELL),
    "SimpleRNN": Kind(L.SimpleRNN, _SIMPLE, _CELL),
}
MERGING = {
    **{
        name: Kind(getattr(L, name))
        for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    },
    "Concatenate": Kind(L.Concatenate, {"axis": Argument(_ANY)}),
    "Dot": Kind(L.Dot, {"axes": Argument(either(_ANY, several(_ANY, 2, 2))), "normalize": _FALSE}),
    "Attention": Kind(
        L.Attention,
        {**_ATTENTION, "score_mode": Argument(choice("dot"), "dot")},
        {"scale": "use_scale"},
    ),
    "AdditiveAttention": Kind(L.AdditiveAttention, _ATTENTION, {"scale": "use_scale"}),
}
_NOISE = {
    "Dropout": Kind(L.Dropout, _RATE),
    "SpatialDropout1D": Kind(L.SpatialDropout1D, _RATE),
    "GaussianDropout": Kind(L.GaussianDropout, _RATE),
    "GaussianNoise": Kind(L.GaussianNoise, {"stddev": Argument(number)}),
    "AlphaDropout": Kind(L.AlphaDropout, _RATE),
}
POINTWISE = {
    "Dense": Kind(L.Dense, {"units": _SIZE, "activation": _ACTIVATION, "use_bias": _TRUE}, _BIASED),
    "Activation": Kind(L.Activation, {"activation": _ACTIVATION}),
    "LeakyReLU": Kind(L.LeakyReLU, {"negative_slope": Argument(number)}),
    "ELU": Kind(L.ELU, {"alpha": Argument(number)}),
    "ReLU": Kind(
        L.ReLU,
        {
            "max_value": Argument(optional(number), None),
            "negative_slope": Argument(optional(number), 0.0),
            "threshold": Argument(optional(number), 0.0),
        },
    ),
    "ActivityRegularization": Kind(L.Identity),
    "Identity": Kind(L.Identity),
    "Dropout": _NOISE["Dropout"],
    "GaussianDropout": _NOISE["GaussianDropout"],
    "GaussianNoise": _NOISE["GaussianNoise"],
    "AlphaDropout": _NOISE["AlphaDropout"],
}
_NORMALISING = {
    "BatchNormalization": Kind(
        L.BatchNormalization,
        {"axis": Argument(_ANY, -1), "momentum": Argument(rate, 0.99), **_SCALED},
        {"gamma": "scale", "beta": "center", "moving_mean": None, "moving_variance": None},
    ),
    "LayerNormalization": Kind(
        L.LayerNormalization,
        {"axis": Argument(either(_ANY, several(_ANY)), -1), **_SCALED},
        {"gamma": "scale", "beta": "center"},
    ),
}
_TIMED = {
    "Conv1D": Kind(L.Conv1D, {**_CONVOLUTION, "groups": _ONE}, _BIASED),
    "SeparableConv1D": Kind(
        L.SeparableConv1D,
        {**_CONVOLUTION, "depth_multiplier": _ONE},
        {"depthwise_kernel": None, "pointwise_kernel": None, "bias": "use_bias"},
    ),
    "MaxPooling1D": Kind(L.MaxPooling1D, _POOL),
    "AveragePooling1D": Kind(L.AveragePooling1D, _POOL),
    "GlobalMaxPooling1D": Kind(L.GlobalMaxPooling1D, _GLOBAL),
    "GlobalAveragePooling1D": Kind(L.GlobalAveragePooling1D, _GLOBAL),
    "ZeroPadding1D": Kind(L.ZeroPadding1D, {"padding": _SPAN}),
    "Cropping1D": Kind(L.Cropping1D, {"cropping": _SPAN}),
    "UpSampling1D": Kind(L.UpSampling1D, {"size": _SIZE}),
    "AttentionWeightedAverage": Kind(AttentionWeightedAverage, {}, {"attention_W": None}),
}
_OTHERS = {
    "InputLayer": Kind(keras.Input, {"batch_shape": Argument(optional(shape), None)}),
    "Embedding": Kind(
        L.Embedding,
        {"input_dim": _SIZE, "output_dim": _SIZE, "mask_zero": _FALSE},
        {"embeddings": None},
    ),
    "Masking": Kind(L.Masking, {"mask_value": Argument(number, 0.0)}),
    "Softmax": Kind(L.Softmax, {"axis": Argument(either(_ANY, several(_ANY)))}),
    "PReLU": Kind(
        L.PReLU, {"shared_axes": Argument(optional(several(_ANY)), None)}, {"alpha": None}
    ),
    "Flatten": Kind(L.Flatten),
    "Reshape": Kind(L.Reshape, {"target_shape": Argument(several(_ANY))}),
    "Permute": Kind(L.Permute, {"dims": Argument(several(whole()))}),
    "RepeatVector": Kind(L.RepeatVector, {"n": _SIZE}),
}
WRAPPERS = {
    "TimeDistributed": Kind(L.TimeDistributed),
    "Bidirectional": Kind(
        L.Bidirectional,
        {"merge_mode": Argument(choice("concat", "sum", "mul", "ave", None), "concat")},
    ),
}
LAYER_SPECS: Mapping[str, Kind] = {
    **RECURRENT,
    **POINTWISE,
    **_NOISE,
    **_NORMALISING,
    **_TIMED,
    **_OTHERS,
    **MERGING,
    **WRAPPERS,
}
