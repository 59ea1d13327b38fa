"""Changes of the last bit of each weight, which show how far a network amplifies rounding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

__all__ = ["last_bits_changed"]


@contextmanager
def last_bits_changed(model: keras.Model, random: np.random.Generator) -> Iterator[None]:
    """Move each float32 weight to the next number up or down at random; restore it at the end.

    Args:
        model: the model. Each weight that is 0 stays 0 as far as float32 products show.
        random: the generator that decides between up and down.
    """
    floats = [weight for weight in model.weights if weight.dtype == "float32"]
    kept = [weight.numpy() for weight in floats]
    try:
        for weight, values in zip(floats, kept, strict=True):
            up = random.random(values.shape) < 0.5
            towards = np.where(up, np.inf, -np.inf).astype(np.float32)
            weight.assign(np.nextafter(values, towards))
        yield
    finally:
        for weight, values in zip(floats, kept, strict=True):
            weight.assign(values)
