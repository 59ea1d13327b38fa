"""The vocabulary of a network: its tokens, their classes and which of them are pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faker_neural._encoding import Encoder
from faker_neural._model_file.row_columns import RowColumn

from .rows import TrainingRowEncoder
from .words import WORD_AFTER_SPACE, TrainingWordEncoder, token_kind

__all__ = ["Vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens of a network, in the order of their ids.

    Args:
        tokens: the string of each id.
        classes: the number of tokens in each class of a factored softmax; empty for a flat softmax.
        pieces: the number of pieces, which spell rare words; they are the last tokens. 0 if the
            model is not a word model.
    """

    tokens: Sequence[str]
    classes: Sequence[int] = ()
    pieces: int = 0

    def encoder(
        self, rows: Sequence[str] = (), columns: Sequence[RowColumn] = ()
    ) -> Callable[[str], list[int]]:
        """Return an encoder from text to token ids; it raises ValueError as `Encoder` does.

        Args:
            rows: the texts of the training rows, if the texts are those of rows.
            columns: the columns of the rows; none if the texts are not those of rows.
        """
        words = (
            TrainingWordEncoder(self.tokens, self.pieces) if self.pieces else Encoder(self.tokens)
        )
        return TrainingRowEncoder(words, self.tokens, rows, columns) if columns else words

    def replaceable(self, labels: int) -> NDArray[np.bool_]:
        """Return which ids noise may replace, bool [tokens + labels].

        In a word model these are the whole words with a space before them, else all tokens.

        Args:
            labels: the number of label ids, which noise never replaces.
        """
        words = [not self.pieces or token_kind(token) == WORD_AFTER_SPACE for token in self.tokens]
        words[len(words) - self.pieces :] = [False] * self.pieces
        return np.array(words + [False] * labels)
