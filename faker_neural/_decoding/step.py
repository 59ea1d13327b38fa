"""The `step` contract: a graph that takes one token and its states a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from faker_neural._card import Card
from faker_neural._keys import Keys

from . import ROWS, Floats, Ids, Openings, Rows, digest, run
from .drawing import TokenDecoder

_DIGEST_STEPS = 4


class Decoder(TokenDecoder):
    """Draws strings from a graph of the `step` contract.

    Args:
        session: of a graph that fits the card.
        card: of the model.
    """

    def __init__(self, session: InferenceSession, card: Card) -> None:
        super().__init__(session, card)
        self.inputs = ["token", *(state.name for state in card.states)]
        self._opened: tuple[Openings, list[Floats]] | None = None  # of the last openings
        successors = {state.successor: (state.size,) for state in card.states}
        self.outputs = {"logits": (len(card.tokens),), **successors}

    def memory(self, rows: int, openings: Openings) -> States:
        """Make the states of so many rows."""
        last = self._opened
        if last is None or last[0] != openings:
            last = self._opened = openings, self._open(openings)
        return States(self, rows, last[1])

    def digest(self) -> str:
        """Hash the card's part in drawing, and logits and states of four steps an id.

        Raises:
            GraphError: the graph cannot be run.
        """
        return digest(self.card.drawing(), self._probed())

    def zero_states(self, rows: int) -> list[Floats]:
        """Give the states before the first step, each float32 [rows, size]."""
        return [np.zeros((rows, state.size), dtype=np.float32) for state in self.card.states]

    def step(self, token: Ids, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Feed one token a row; give the logits float32 [rows, tokens] and the next states."""
        fed: list[NDArray[Any]] = [token, *states]
        feeds = dict(zip(self.inputs, fed, strict=True))
        logits, *states = run(self.session, self.outputs, feeds)
        return logits, states

    def _open(self, openings: Openings) -> list[Floats]:
        """Give the states after all but the last token of each opening, [openings, size]."""
        states = self.zero_states(len(openings))
        for at in range(max(map(len, openings)) - 1):
            rows = [i for i, opening in enumerate(openings) if len(opening) > at + 1]
            token = np.array([openings[row][at] for row in rows])
            _, following = self.step(token, [state[rows] for state in states])
            for state, successor in zip(states, following, strict=True):
                state[rows] = successor
        return states

    def _probed(self) -> Iterator[Floats]:
        tokens, ids = len(self.card.tokens), self.card.ids
        for first in range(0, ids, ROWS):
            token = np.arange(first, min(first + ROWS, ids))
            states = self.zero_states(len(token))
            for _ in range(_DIGEST_STEPS):
                logits, states = self.step(token, states)
                yield from (logits, *states)
                token = (token * 5 + 1) % tokens


class States:
    """The recurrent states of each row's text, float32 [rows, size] each."""

    def __init__(self, decoder: Decoder, rows: int, opened: list[Floats]) -> None:
        self._decoder, self._opened = decoder, opened
        self._states = decoder.zero_states(rows)

    def start(self, rows: Rows, openings: Rows, keys: Keys) -> None:
        """Begin a text in each of these rows, after all but the last token of its opening."""
        for state, opened in zip(self._states, self._opened, strict=True):
            state[rows] = opened[openings]

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""
        self._states = [state[rows] for state in self._states]

    def logits(self, token: Ids) -> Floats:
        """Add a token [rows] to each text; give the logits [rows, tokens] of the next."""
        logits, self._states = self._decoder.step(token, self._states)
        return logits
