"""Activations that Keras 3 no longer has."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["hard_sigmoid"]


@keras.saving.register_keras_serializable("faker_neural")  # type: ignore[untyped-decorator]
def hard_sigmoid(x: Any) -> Any:
    """Return clip(0.2 x + 0.5, 0, 1), the hard sigmoid of Keras 1 and 2.

    Keras 3 uses the same name for relu6(x + 3) / 6.

    Args:
        x: float tensor of any shape.
    """
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)
