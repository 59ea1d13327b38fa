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
    equation,
    flag,
    integer,
    letters,
    number,
    optional,
    rate,
    several,
    shape,
)

__all__ = [
    "ATTENTION",
    "CELLS",
    "LAYER_SPECS",
    "MERGING",
    "POINTWISE",
    "RECURRENT",
    "WRAPPERS",
    "LayerSpec",
]

L = keras.layers
_SIZE = Argument(integer())
_ONE = Argument(integer(), 1)
_ANY = integer(-(2**31))
_TRUE, _FALSE = Argument(flag, True), Argument(flag, False)
_ACTIVATION = Argument(activation)
_RATE = {"rate": Argument(rate)}
_PADDING = Argument(choice("valid", "same"), "valid")
_SPAN = Argument(either(integer(0), several(integer(0), 2, 2)))


@dataclass(frozen=True, slots=True)
class LayerSpec:
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
    "dropout": Argument(rate, 0.0),
    "recurrent_dropout": Argument(rate, 0.0),
}
_GATED = {**_SIMPLE, "recurrent_activation": _ACTIVATION}
_SEQUENCE = {
    "return_sequences": _FALSE,
    "return_state": _FALSE,
    "go_backwards": _FALSE,
    "zero_output_for_mask": _FALSE,
}
_CONVOLUTION = {
    "filters": _SIZE,
    "kernel_size": _SIZE,
    "strides": _ONE,
    "padding": Argument(choice("valid", "same", "causal"), "valid"),
    "dilation_rate": _ONE,
    "activation": _ACTIVATION,
    "use_bias": _TRUE,
}
_POOL = {"pool_size": _SIZE, "strides": Argument(optional(integer()), None), "padding": _PADDING}
_GLOBAL = {"keepdims": _FALSE}
_SCALED = {"epsilon": Argument(number), "center": _TRUE, "scale": _TRUE}
_SCORED = {"use_scale": Argument(flag), "dropout": Argument(rate, 0.0)}
_AXES = Argument(either(_ANY, several(_ANY)), -1)


def _lstm(**options: Any) -> Any:
    return L.LSTM(unit_forget_bias=False, **options)  # already in the file's bias


def _lstm_cell(**options: Any) -> Any:
    return L.LSTMCell(unit_forget_bias=False, **options)


RECURRENT = {
    "LSTM": LayerSpec(_lstm, {**_GATED, **_SEQUENCE}, _CELL),
    "GRU": LayerSpec(L.GRU, {**_GATED, **_SEQUENCE, "reset_after": _FALSE}, _CELL),
    "SimpleRNN": LayerSpec(L.SimpleRNN, {**_SIMPLE, **_SEQUENCE}, _CELL),
}
CELLS = {
    "LSTMCell": LayerSpec(_lstm_cell, _GATED, _CELL),
    "GRUCell": LayerSpec(L.GRUCell, {**_GATED, "reset_after": _FALSE}, _CELL),
    "SimpleRNNCell": LayerSpec(L.SimpleRNNCell, _SIMPLE, _CELL),
}
ATTENTION = {
    "Attention": LayerSpec(
        L.Attention,
        {**_SCORED, "score_mode": Argument(choice("dot"), "dot")},
        {"scale": "use_scale"},
    ),
    "AdditiveAttention": LayerSpec(L.AdditiveAttention, _SCORED, {"scale": "use_scale"}),
    "MultiHeadAttention": LayerSpec(
        L.MultiHeadAttention,
        {
            "num_heads": _SIZE,
            "key_dim": _SIZE,
            "value_dim": Argument(optional(integer()), None),
            "dropout": Argument(rate, 0.0),
            "use_bias": _TRUE,
            "output_shape": Argument(optional(integer()), None),
            "attention_axes": Argument(optional(integer(1, 1)), None),
        },
    ),
}
MERGING = {
    **{
        name: LayerSpec(getattr(L, name))
        for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    },
    "Concatenate": LayerSpec(L.Concatenate, {"axis": Argument(_ANY)}),
    "Dot": LayerSpec(
        L.Dot, {"axes": Argument(either(_ANY, several(_ANY, 2, 2))), "normalize": _FALSE}
    ),
}
_NOISE = {
    "Dropout": LayerSpec(L.Dropout, _RATE),
    "SpatialDropout1D": LayerSpec(L.SpatialDropout1D, _RATE),
    "GaussianDropout": LayerSpec(L.GaussianDropout, _RATE),
    "GaussianNoise": LayerSpec(L.GaussianNoise, {"stddev": Argument(number)}),
    "AlphaDropout": LayerSpec(L.AlphaDropout, _RATE),
}
POINTWISE = {
    "Dense": LayerSpec(
        L.Dense, {"units": _SIZE, "activation": _ACTIVATION, "use_bias": _TRUE}, _BIASED
    ),
    "Activation": LayerSpec(L.Activation, {"activation": _ACTIVATION}),
    "LeakyReLU": LayerSpec(L.LeakyReLU, {"negative_slope": Argument(number)}),
    "ELU": LayerSpec(L.ELU, {"alpha": Argument(number)}),
    "ReLU": LayerSpec(
        L.ReLU,
        {
            "max_value": Argument(optional(number), None),
            "negative_slope": Argument(optional(number), 0.0),
            "threshold": Argument(optional(number), 0.0),
        },
    ),
    "ActivityRegularization": LayerSpec(L.Identity),
    "Identity": LayerSpec(L.Identity),
    "Dropout": _NOISE["Dropout"],
    "GaussianDropout": _NOISE["GaussianDropout"],
    "GaussianNoise": _NOISE["GaussianNoise"],
    "AlphaDropout": _NOISE["AlphaDropout"],
}
_NORMALISING = {
    "BatchNormalization": LayerSpec(
        L.BatchNormalization,
        {"axis": Argument(_ANY, -1), "momentum": Argument(rate, 0.99), **_SCALED},
        {"gamma": "scale", "beta": "center", "moving_mean": None, "moving_variance": None},
    ),
    "LayerNormalization": LayerSpec(
        L.LayerNormalization,
        {"axis": _AXES, **_SCALED},
        {"gamma": "scale", "beta": "center"},
    ),
    "GroupNormalization": LayerSpec(
        L.GroupNormalization,
        {"groups": Argument(integer(-1)), "axis": Argument(_ANY, -1), **_SCALED},
        {"gamma": "scale", "beta": "center"},
    ),
    "RMSNormalization": LayerSpec(
        L.RMSNormalization, {"axis": _AXES, "epsilon": Argument(number)}, {"scale": None}
    ),
    "UnitNormalization": LayerSpec(L.UnitNormalization, {"axis": _AXES}),
}
_TIMED = {
    "Conv1D": LayerSpec(L.Conv1D, {**_CONVOLUTION, "groups": _ONE}, _BIASED),
    "SeparableConv1D": LayerSpec(
        L.SeparableConv1D,
        {**_CONVOLUTION, "depth_multiplier": _ONE},
        {"depthwise_kernel": None, "pointwise_kernel": None, "bias": "use_bias"},
    ),
    "MaxPooling1D": LayerSpec(L.MaxPooling1D, _POOL),
    "AveragePooling1D": LayerSpec(L.AveragePooling1D, _POOL),
    "GlobalMaxPooling1D": LayerSpec(L.GlobalMaxPooling1D, _GLOBAL),
    "GlobalAveragePooling1D": LayerSpec(L.GlobalAveragePooling1D, _GLOBAL),
    "ZeroPadding1D": LayerSpec(L.ZeroPadding1D, {"padding": _SPAN}),
    "Cropping1D": LayerSpec(L.Cropping1D, {"cropping": _SPAN}),
    "UpSampling1D": LayerSpec(L.UpSampling1D, {"size": _SIZE}),
    "AttentionWeightedAverage": LayerSpec(AttentionWeightedAverage, {}, {"attention_W": None}),
}
_OTHERS = {
    "InputLayer": LayerSpec(keras.Input, {"batch_shape": Argument(optional(shape), None)}),
    "Embedding": LayerSpec(
        L.Embedding,
        {"input_dim": _SIZE, "output_dim": _SIZE, "mask_zero": _FALSE},
        {"embeddings": None},
    ),
    "Masking": LayerSpec(L.Masking, {"mask_value": Argument(number, 0.0)}),
    "Softmax": LayerSpec(L.Softmax, {"axis": Argument(either(_ANY, several(_ANY)))}),
    "PReLU": LayerSpec(
        L.PReLU, {"shared_axes": Argument(optional(several(_ANY)), None)}, {"alpha": None}
    ),
    "EinsumDense": LayerSpec(
        L.EinsumDense,
        {
            "equation": Argument(equation),
            "output_shape": Argument(either(integer(), several(optional(integer())))),
            "activation": _ACTIVATION,
            "bias_axes": Argument(optional(letters), None),
        },
        {"kernel": None, "bias": "bias_axes"},
    ),
    "Flatten": LayerSpec(L.Flatten),
    "Reshape": LayerSpec(L.Reshape, {"target_shape": Argument(several(_ANY))}),
    "Permute": LayerSpec(L.Permute, {"dims": Argument(several(integer()))}),
    "RepeatVector": LayerSpec(L.RepeatVector, {"n": _SIZE}),
}
WRAPPERS = {
    "RNN": LayerSpec(L.RNN, _SEQUENCE),
    "StackedRNNCells": LayerSpec(L.StackedRNNCells),
    "TimeDistributed": LayerSpec(L.TimeDistributed),
    "Bidirectional": LayerSpec(
        L.Bidirectional,
        {"merge_mode": Argument(choice("concat", "sum", "mul", "ave", None), "concat")},
    ),
}
LAYER_SPECS: Mapping[str, LayerSpec] = {
    **RECURRENT,
    **CELLS,
    **ATTENTION,
    **POINTWISE,
    **_NOISE,
    **_NORMALISING,
    **_TIMED,
    **_OTHERS,
    **MERGING,
    **WRAPPERS,
}
