"""The `window` contract: a graph that takes the last tokens of a text."""

from __future__ import annotations

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._decoding.drawing import TokenDecoder
from faker_neural._decoding.session import Floats, Ids, Prompts, Rows, digest, digest_windows, run
from faker_neural._keys import Keys
from faker_neural._model_file.card import Card


class Decoder(TokenDecoder):
    """Draws strings from a graph of the `window` contract.

    Args:
        session: a session of a graph that fits the card.
        card: the model's card.
    """

    def __init__(self, session: InferenceSession, card: Card) -> None:
        super().__init__(session, card)
        self.outputs = {"logits": (len(card.tokens),)}
        self.fill = card.fill

    def new_state(self, rows: int, prompts: Prompts) -> WindowState:
        """Return the state of a new batch.

        Args:
            rows: the number of rows.
            prompts: the prompts; each text starts after one of them.
        """
        return WindowState(self, rows, prompts)

    def digest(self) -> str:
        """Return a hash of the card's drawing fields and of the logits of one window per token.

        Raises:
            GraphError: the graph cannot be run.
        """
        card = self.card
        windows = digest_windows(len(card.tokens), card.window, card.padding)
        return digest(card.drawing(), map(self.logits, windows))

    def logits(self, windows: Ids) -> Floats:
        """Feed windows, int64 [rows, window]; return the logits, float32 [rows, tokens]."""
        return run(self.session, self.outputs, {"tokens": windows})[0]


class WindowState:
    """The last tokens of each row's text, int64 [rows, window]."""

    def __init__(self, decoder: Decoder, rows: int, prompts: Prompts) -> None:
        self._decoder, self._openings = decoder, prompts
        self._windows = np.zeros((rows, decoder.card.window), dtype=np.int64)

    def start(self, rows: Rows, prompts: Rows, keys: Keys) -> None:
        """Start a text in each of these rows, after all ids of its prompt."""
        self._windows[rows] = self._decoder.fill
        for row, prompt in zip(rows.tolist(), prompts.tolist(), strict=True):
            before = self._openings[prompt][-self._windows.shape[1] :]
            if before:
                self._windows[row, -len(before) :] = before

    def keep(self, rows: Rows) -> None:
        """Keep only these rows."""
        self._windows = self._windows[rows]

    def logits(self, token: Ids) -> Floats:
        """Add a token [rows] to each text; return the logits [rows, tokens] of the next token."""
        self._windows[:, :-1] = self._windows[:, 1:]
        self._windows[:, -1] = token
        return self._decoder.logits(self._windows)
