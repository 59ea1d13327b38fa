"""The `step` contract: a graph that takes one token and its states a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from faker_neural._card import Card
from faker_neural._keys import Keys, uniform
from faker_neural._options import Options
from faker_neural._sampling import Sampler

from . import GraphError

ROWS = 256
"""Strings that run together; with more, a step costs each of them no less."""

Rows = NDArray[np.intp]


def decode(session: InferenceSession, card: Card, keys: Keys, options: Options) -> list[str]:
    """Draw the string of each key, in a batch whose finished rows start the next string at once.

    Raises:
        GraphError: the graph cannot be run, or gives logits that are not numbers.
    """
    texts = [""] * len(keys)
    batch = _Batch(session, card, min(ROWS, len(keys)))
    batch.start(batch.row, keys[: len(batch.row)], 0)
    started = len(batch.row)
    while len(batch.row):
        free = batch.advance(options)
        if len(free):
            for row in free.tolist():
                texts[batch.string[row]] = batch.text(row)
            fresh = keys[started : started + len(free)]
            batch.start(free[: len(fresh)], fresh, started)
            batch.drop(free[len(fresh) :])  # behind the rows just started, which stay in place
            started += len(fresh)
    return texts


class _Batch:
    """Strings that run together: one a row, each at its own step."""

    def __init__(self, session: InferenceSession, card: Card, rows: int) -> None:
        self.session, self.card = session, card
        self.inputs = [state.name for state in card.states]
        self.outputs = ["logits", *(state.successor for state in card.states)]
        self.barred = _barred_at_the_start(card)
        self.sampler = Sampler(rows, len(card.tokens))
        self.row = np.arange(rows)  # [rows]
        self.fresh = self.row[:0]  # the rows that have no token yet
        self.string = np.zeros(rows, dtype=np.intp)  # [rows] which of the wanted strings
        self.step = np.zeros(rows, dtype=np.intp)  # [rows] tokens drawn so far
        self.token = np.zeros(rows, dtype=np.int64)  # [rows] the next one to feed
        self.draws = np.zeros((rows, card.max_tokens), dtype=np.uint64)
        self.chosen = np.zeros((rows, card.max_tokens), dtype=np.int64)
        self.states = [np.zeros((rows, state.size), dtype=np.float32) for state in card.states]

    def start(self, rows: Rows, keys: Keys, first: int) -> None:
        """Begin the strings `first`, `first` + 1, ... of these keys in these rows."""
        self.fresh = rows
        self.string[rows] = np.arange(first, first + len(rows))
        self.step[rows] = 0
        self.token[rows] = self.card.start
        self.draws[rows] = uniform(keys, self.card.max_tokens)
        for state in self.states:
            state[rows] = 0

    def drop(self, rows: Rows) -> None:
        """Take these rows out of the batch."""
        kept = np.delete(self.row, rows)
        self.row = self.row[: len(kept)]
        self.string, self.step, self.token = self.string[kept], self.step[kept], self.token[kept]
        self.draws, self.chosen = self.draws[kept], self.chosen[kept]
        self.states = [state[kept] for state in self.states]

    def advance(self, options: Options) -> Rows:
        """Draw one token for each row and give the rows whose string is complete."""
        end = self.card.end
        feeds = {"token": self.token, **dict(zip(self.inputs, self.states, strict=True))}
        logits, *self.states = self._run(feeds)
        if len(self.fresh):
            logits[self.fresh[:, None], self.barred] = -np.inf
            self.fresh = self.row[:0]
        at = self.row, self.step
        try:
            self.token = self.sampler(logits, self.draws[at], options.temperature)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None
        self.chosen[at] = self.token
        self.step += 1
        complete = self.step == self.card.max_tokens
        if end is not None:
            complete |= self.token == end
        rows: Rows = complete.nonzero()[0]
        return rows

    def _run(self, feeds: dict[str, Any]) -> list[NDArray[Any]]:
        try:
            found: list[NDArray[Any]] = self.session.run(self.outputs, feeds)
        except Exception as error:  # onnxruntime's own classes share no narrower base
            reason = str(error).strip().partition("\n")[0]
            raise GraphError(f"the graph cannot be run ({reason})") from None
        return found

    def text(self, row: int) -> str:
        """Join the tokens of a complete row, without the end and white space before it."""
        ids = self.chosen[row, : self.step[row]].tolist()
        if ids[-1] == self.card.end:
            ids.pop()
        return "".join([self.card.tokens[i] for i in ids]).rstrip()


def _barred_at_the_start(card: Card) -> Rows:
    """Give the tokens that begin no text: the end, what is empty or begins with white space."""
    tokens = enumerate(card.tokens)
    barred = [i for i, token in tokens if i == card.end or not token[:1].strip()]
    return np.array(barred if len(barred) < len(card.tokens) else [], dtype=np.intp)
