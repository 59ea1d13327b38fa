"""Activations that Keras has no more."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["hard_sigmoid"]


@keras.saving.register_keras_serializable("faker_neural")  # type: ignore[untyped-decorator]
def hard_sigmoid(x: Any) -> Any:
    """Return clip(0.2 x + 0.5, 0, 1), which Keras 1 and 2 meant by this name.

    Keras 3 means relu6(x + 3) / 6 by it.
    """
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)
