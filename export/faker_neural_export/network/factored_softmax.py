"""A factored softmax: P(token) = P(class of the token) * P(token within its class).

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

__all__ = ["ClassIndex", "FactoredCrossEntropy"]

Tensor = Any


@dataclass(frozen=True, slots=True)
class ClassIndex:
    """Index tables between token ids and classes.

    Args:
        tokens: the number of tokens.
        classes: int32 [tokens], the class of each token.
        within: int32 [tokens], the index of each token within its class.
        members: int32 [classes, largest class], the token ids of each class, padded with 0.
        outside: float32 [classes, largest class], a mask to add to logits: 0 for the tokens of the
            class, -1e9 for the padding.
    """

    tokens: int
    classes: NDArray[np.int32]
    within: NDArray[np.int32]
    members: NDArray[np.int32]
    outside: NDArray[np.float32]

    @classmethod
    def of(cls, sizes: Sequence[int]) -> ClassIndex:
        """Return the tables of classes that have consecutive token ids, from id 0.

        Args:
            sizes: the number of tokens in each class; at least one class.
        """
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
    within their class, then the logits of the classes. Targets are int32 [batch, length].

    Args:
        classes: the number of tokens in each class; class 0 has the first ids.
        more: other keyword arguments of `keras.losses.Loss`.
    """

    def __init__(self, classes: Sequence[int], **more: Any) -> None:
        super().__init__(**more)
        self.classes = list(classes)
        self._places = ClassIndex.of(classes)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the cross-entropy of each target, float32 [batch, length].

        Args:
            y_true: integers [batch, length], the target token ids.
            y_pred: float32 [batch, length, tokens + classes], the logits.
        """
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
        """Return the arguments that make an equal loss."""
        return {**super().get_config(), "classes": self.classes}
