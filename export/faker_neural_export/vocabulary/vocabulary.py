"""What a network is made to write: its tokens, in classes and pieces or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tokens import Encoder
from .words import WORD_AFTER_SPACE, WordEncoder, kind_of

__all__ = ["Vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens of a network, in the order of their ids.

    Args:
        tokens: the string of each id.
        classes: how many tokens each class of a factored softmax has; none for a flat one.
        pieces: of a word model, how many tokens, at the end, are pieces that spell rare words.
    """

    tokens: Sequence[str]
    classes: Sequence[int] = ()
    pieces: int = 0

    def encoder(self) -> Callable[[str], list[int]]:
        """Return what turns text into token ids."""
        return WordEncoder(self.tokens, self.pieces) if self.pieces else Encoder(self.tokens)

    def replaceable(self, labels: int) -> NDArray[np.bool_]:
        """Return which ids noise may stand for, bool [tokens + labels]: of a word model, words."""
        words = [not self.pieces or kind_of(token) == WORD_AFTER_SPACE for token in self.tokens]
        words[len(words) - self.pieces :] = [False] * self.pieces
        return np.array(words + [False] * labels)
