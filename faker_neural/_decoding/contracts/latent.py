"""The `latent` contract: a graph that turns noise into a whole text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._decoding.drawing import TokenDecoder
from faker_neural._decoding.session import (
    ROWS,
    Floats,
    Ids,
    Prompts,
    Rows,
    digest,
    rows_at_once,
    run,
)
from faker_neural._keys import Keys, normal
from faker_neural._model_file.card import Card


class Decoder(TokenDecoder):
    """Draws strings from a graph of the `latent` contract.

    Args:
        session: a session of a graph that fits the card.
        card: the model's card.
    """

    is_autoregressive = False

    def __init__(self, session: InferenceSession, card: Card) -> None:
        super().__init__(session, card)
        self.outputs = {"logits": (card.max_tokens, len(card.tokens))}

    @property
    def rows(self) -> int:
        """The maximum number of strings in a batch."""
        return rows_at_once(self.card.max_tokens * len(self.card.tokens))

    def new_state(self, rows: int, prompts: Prompts) -> LatentState:
        """Return the state of a new batch.

        Args:
            rows: the number of rows.
            prompts: not used: a latent graph is fed no text.
        """
        return LatentState(self, rows)

    def digest(self) -> str:
        """Return a hash of the card's drawing fields and of the logits of the first 256 keys.

        Raises:
            GraphError: the graph cannot be run.
        """
        return digest(self.card.drawing(), self._probed())

    def logits(self, keys: Keys) -> Floats:
        """Feed the noise of each key; return the logits, float32 [keys, max_tokens, tokens]."""
        noise = normal(keys, self.card.noise)
        return run(self.session, self.outputs, {"noise": noise})[0]

    def _probed(self) -> Iterator[Floats]:
        keys = np.arange(ROWS, dtype=np.uint64)
        for first in range(0, ROWS, self.rows):
            yield self.logits(keys[first : first + self.rows])


class LatentState:
    """The logits of each row's whole text, float32 [rows, max_tokens, tokens], and its position."""

    def __init__(self, decoder: Decoder, rows: int) -> None:
        card = decoder.card
        self._decoder = decoder
        self._logits = np.empty((rows, card.max_tokens, len(card.tokens)), dtype=np.float32)
        self._at = np.zeros(rows, dtype=np.intp)  # [rows] tokens so far

    def start(self, rows: Rows, prompts: Rows, keys: Keys) -> None:
        """Compute the logits of these keys, and start their texts in these rows."""
        self._at[rows] = 0
        if len(rows):
            self._logits[rows] = self._decoder.logits(keys)

    def keep(self, rows: Rows) -> None:
        """Keep only these rows."""
        self._logits, self._at = self._logits[rows], self._at[rows]

    def logits(self, token: Ids) -> Floats:
        """Return the logits of the next token, float32 [rows, tokens]."""
        logits: Floats = self._logits[np.arange(len(token)), self._at]
        self._at += 1
        return logits
