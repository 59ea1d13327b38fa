"""A factored softmax: the probability of a token's class, times that of the token in its class.

Source: Goodman, "Classes for fast maximum entropy training", 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow

__all__ = ["FactoredCrossEntropy"]

Tensor = Any


@keras.saving.register_keras_serializable("faker_neural")
class FactoredCrossEntropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """The cross-entropy of token ids under a factored softmax, in nats.

    The network's output is float32 [batch, length, tokens + classes]: the logits of the tokens
    within their class, then those of the classes. Targets are int32 [batch, length].

    Args:
        classes: how many tokens each class has; class 0 has the first ids.
        more: what else Keras' losses take.
    """

    def __init__(self, classes: Sequence[int], **more: Any) -> None:
        super().__init__(**more)
        self.classes = list(classes)
        sizes = np.array(self.classes)
        first, places = sizes.cumsum() - sizes, np.arange(sizes.max())
        inside = places < sizes[:, None]  # [classes, members]
        self._tokens = int(sizes.sum())
        self._class = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
        self._place = (np.arange(self._tokens) - first[self._class]).astype(np.int32)
        self._members = np.where(inside, first[:, None] + places, 0).astype(np.int32)
        self._outside = np.where(inside, 0, -1e9).astype(np.float32)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the cross-entropy of each target, float32 [batch, length]."""
        target = tensorflow.cast(y_true, tensorflow.int32)
        of_class = tensorflow.gather(self._class, target)
        members = tensorflow.gather(self._members, of_class)  # [batch, length, members]
        logits = tensorflow.gather(y_pred, members, axis=2, batch_dims=2)
        logits += tensorflow.gather(self._outside, of_class)
        cross_entropy = tensorflow.nn.sparse_softmax_cross_entropy_with_logits
        return cross_entropy(of_class, y_pred[..., self._tokens :]) + cross_entropy(
            tensorflow.gather(self._place, target), logits
        )

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss again."""
        return {**super().get_config(), "classes": self.classes}
