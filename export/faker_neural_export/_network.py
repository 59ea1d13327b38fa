"""The network that `train` learns with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    from ._settings import Settings

__all__ = ["build_network"]


def build_network(tokens: int, settings: Settings) -> keras.Model:
    """Build embedding, LSTM layers, dropout and dense.

    Returns:
        A model of int32 [batch, length] token ids to float32 [batch, length, tokens] logits of
        the token that follows each.
    """
    seeds = itertools.count(settings.seed * 1000)  # explicit, so that no global generator is read
    token = keras.Input((None,), dtype="int32", name="token")
    x = keras.layers.Embedding(
        tokens,
        settings.embedding,
        embeddings_initializer=keras.initializers.RandomUniform(seed=next(seeds)),
    )(token)
    for _ in range(settings.layers):
        x = keras.layers.LSTM(
            settings.units,
            return_sequences=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
        )(x)
        x = keras.layers.Dropout(settings.dropout)(x)
    if settings.projection:
        x = keras.layers.Dense(
            settings.projection,
            use_bias=False,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        )(x)
    logits = keras.layers.Dense(
        tokens, kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds))
    )(x)
    return keras.Model(token, logits, name="network")
