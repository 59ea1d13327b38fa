"""The state of a decoder for the text in each row of a batch."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from faker_neural._keys import Keys
from faker_neural._model_file.card import Card

from .session import Floats, Ids, Prompts, Rows

__all__ = ["DecoderState", "StatefulDecoder"]


class DecoderState(Protocol):
    """The state of the text in each row of a batch."""

    def start(self, rows: Rows, prompts: Rows, keys: Keys) -> None:
        """Start a text in each of these rows, after all ids of its prompt.

        Args:
            rows: intp [texts], the row of each text.
            prompts: intp [texts], the index of each text's prompt.
            keys: uint64 [texts], the key of each text.
        """

    def keep(self, rows: Rows) -> None:
        """Keep only these rows, intp [rows]."""

    def logits(self, token: Ids) -> Floats:
        """Add a token to each text; return the logits of the next token.

        Args:
            token: int64 [rows].

        Returns:
            float32 [rows, logits].
        """


class StatefulDecoder(Hashable, Protocol):
    """The part of a decoder that `prompts.py` needs to search for token prefixes."""

    @property
    def card(self) -> Card:
        """The model's card."""

    @property
    def rows(self) -> int:
        """The maximum number of strings in a batch."""

    @property
    def is_autoregressive(self) -> bool:
        """Whether the next logits depend on the tokens fed."""

    def new_state(self, rows: int, prompts: Prompts) -> DecoderState:
        """Return the state of a new batch.

        Args:
            rows: the number of rows.
            prompts: the prompts; each text starts after one of them.
        """
