"""A factored softmax: the probability of a token's class, times that of the token in its class.

Source: Goodman, "Classes for fast maximum entropy training", 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

__all__ = ["FactoredCrossEntropy", "Places"]

Tensor = Any


@dataclass(frozen=True, slots=True)
class Places:
    """Which tokens each class has.

    Args:
        tokens: how many there are.
        classes: int32 [tokens], of each token.
        within: int32 [tokens], the place of each in its class.
        members: int32 [classes, most members], the tokens of each class; 0 past its last.
        outside: float32 [classes, most members], what is added to logits: 0, past the last -1e9.
    """

    tokens: int
    classes: NDArray[np.int32]
    within: NDArray[np.int32]
    members: NDArray[np.int32]
    outside: NDArray[np.float32]

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Places:
        """Place the tokens of classes of these sizes, each class behind the one before."""
        each = np.array(sizes)
        first, places = each.cumsum() - each, np.arange(each.max())
        inside, tokens = places < each[:, None], int(each.sum())
        classes = np.repeat(np.arange(len(each)), each).astype(np.int32)
        return cls(
            tokens,
            classes,
            (np.arange(tokens) - first[classes]).astype(np.int32),
            np.where(inside, first[:, None] + places, 0).astype(np.int32),
            np.where(inside, 0, -1e9).astype(np.float32),
        )


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
        self._places = Places.of(classes)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the cross-entropy of each target, float32 [batch, length]."""
        target, places = tensorflow.cast(y_true, tensorflow.int32), self._places
        of_class = tensorflow.gather(places.classes, target)
        members = tensorflow.gather(places.members, of_class)  # [batch, length, members]
        logits = tensorflow.gather(y_pred, members, axis=2, batch_dims=2)
        logits += tensorflow.gather(places.outside, of_class)
        cross_entropy = tensorflow.nn.sparse_softmax_cross_entropy_with_logits
        return cross_entropy(of_class, y_pred[..., places.tokens :]) + cross_entropy(
            tensorflow.gather(places.within, target), logits
        )

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss again."""
        return {**super().get_config(), "classes": self.classes}
