"""textgenrnn's attention: an average over time with learned weights."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["AttentionWeightedAverage"]

_EPSILON = 1e-7  # Keras 2 added it to divisors


@keras.saving.register_keras_serializable("faker_neural")
class AttentionWeightedAverage(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Averages [batch, length, size] over the length, to [batch, size].

    The weight of a step is proportional to exp(x @ w), where w [size, 1] is learned. Masked steps
    have weight 0.

    Source: Felbo et al., "Using millions of emoji occurrences to learn any-domain representations
    for detecting sentiment, emotion and sarcasm", 2017, in the version of textgenrnn.

    Args:
        options: keyword arguments of `keras.layers.Layer`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Args:
            input_shape: (batch, length, size).
        """
        self.w = self.add_weight(shape=(input_shape[-1], 1), name="attention_W")

    def call(self, x: Any, mask: Any = None) -> Any:
        """Average the steps that are not masked.

        Args:
            x: float [batch, length, size].
            mask: bool [batch, length], False for a masked step; None masks no step.

        Returns:
            float [batch, size].
        """
        ops = keras.ops
        logits = ops.matmul(x, self.w)  # [batch, length, 1]
        weights = ops.exp(logits - ops.max(logits, axis=1, keepdims=True))
        if mask is not None:
            weights = weights * ops.cast(mask, weights.dtype)[..., None]
        weights = weights / (ops.sum(weights, axis=1, keepdims=True) + _EPSILON)
        return ops.sum(x * weights, axis=1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return no mask: the output has no time axis."""
