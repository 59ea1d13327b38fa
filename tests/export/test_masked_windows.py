"""Layers that skip padding in a window: the graph has the numbers of Keras wherever it stands."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from faker_neural_export.conversion.window import WindowNetwork

L = keras.layers
N, WINDOW = 7, 8
MODELS: dict[str, Callable[[], list[keras.Layer]]] = {
    "LSTM, LSTM": lambda: [L.LSTM(4, return_sequences=True), L.LSTM(3)],
    "an RNN over cells": lambda: [L.RNN([L.GRUCell(4), L.LSTMCell(3)])],
    "Bidirectional, the last step": lambda: [L.Bidirectional(L.GRU(4))],
    "Bidirectional LSTM, every step": lambda: [
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.LSTM(3),
    ],
    "Bidirectional over cells, every step": lambda: [
        L.Bidirectional(L.RNN([L.GRUCell(4), L.LSTMCell(3)], return_sequences=True)),
        L.GRU(3),
    ],
    "read backwards": lambda: [L.GRU(4, go_backwards=True, return_sequences=True), L.LSTM(3)],
}
PADDED = {"left": [0, 1, 2], "right": [6, 7], "in the middle": [2, 5], "nowhere": []}


@pytest.mark.parametrize("name", MODELS)
def test_an_unrolled_window_skips_padding_as_keras_does(name: str) -> None:
    layers = [keras.Input((WINDOW,)), L.Embedding(N, 5, mask_zero=True), *MODELS[name]()]
    model = keras.Sequential([*layers, L.Dense(N)])
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0, 0.6, w.shape) for w in model.get_weights()])
    network = WindowNetwork("model", model, N)
    function = tf.function(network.function, input_signature=network.signature, autograph=False)
    for places in PADDED.values():
        windows = random.integers(1, N, (6, WINDOW))
        unpadded = network.reference(windows)
        windows[:, places] = 0
        expected = network.reference(windows)
        assert not places or np.abs(expected - unpadded).max() > 1e-3
        found = np.asarray(function(tf.constant(windows))[0])
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert all("inner_loop" not in vars(layer) for layer in model._flatten_layers())
