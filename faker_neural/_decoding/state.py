"""The state of a decoder: what a graph has to know of the text in each row of a batch."""

from __future__ import annotations

from typing import Protocol

from faker_neural._keys import Keys
from faker_neural._model_file.card import Card

from .session import Floats, Ids, Prompts, Rows

__all__ = ["DecoderState", "StatefulDecoder"]


class DecoderState(Protocol):
    """What a graph has to know of the text in each row."""

    def start(self, rows: Rows, prompts: Rows, keys: Keys) -> None:
        """Begin the text of a key in each of these rows, after all but its prompt's last token."""

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""

    def logits(self, token: Ids) -> Floats:
        """Add a token [rows] to each text; return the logits [rows, logits] of the next."""


class StatefulDecoder(Protocol):
    """The part of a decoder that finds the candidates to begin a text."""

    @property
    def card(self) -> Card:
        """The card of the model."""

    @property
    def goes_on(self) -> bool:
        """Whether the next logits depend on the tokens fed."""

    def new_state(self, rows: int, prompts: Prompts) -> DecoderState:
        """Return the state of so many rows, whose texts begin after one of these prompts."""
