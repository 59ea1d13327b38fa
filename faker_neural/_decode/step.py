"""The `step` contract: a graph that takes one token and its states a time."""

from __future__ import annotations

from hashlib import sha256

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

_DIGEST_STEPS = 4

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]


class Decoder:
    """Draws strings from one session; several threads may use it at once.

    Args:
        session: of a graph that fits the card.
        card: of the model.
    """

    def __init__(self, session: InferenceSession, card: Card) -> None:
        self.session, self.card = session, card
        self.inputs = ["token", *(state.name for state in card.states)]
        self.outputs = ["logits", *(state.successor for state in card.states)]
        self.barred = _barred_at_the_start(card)

    def texts(self, keys: Keys, options: Options) -> list[str]:
        """Draw the string of each key, in a batch whose finished rows start the next at once.

        Raises:
            GraphError: the graph cannot be run, or gives logits that are not numbers.
        """
        draw = self._alone if len(keys) == 1 else self._batch
        try:
            with np.errstate(over="ignore"):  # see Sampler
                return draw(keys, options)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None

    def _batch(self, keys: Keys, options: Options) -> list[str]:
        texts = [""] * len(keys)
        batch = _Batch(self, min(ROWS, len(keys)))
        batch.start(batch.row, keys[: len(batch.row)], 0)
        started = len(batch.row)
        while len(batch.row):
            free = batch.advance(options)
            if len(free):
                for row in free.tolist():
                    texts[batch.string[row]] = batch.text(row)
                fresh = keys[started : started + len(free)]
                batch.start(free[: len(fresh)], fresh, started)
                started += len(fresh)
                if len(fresh) < len(free):
                    batch.drop(free[len(fresh) :])  # behind those just started, which stay
        return texts

    def _alone(self, key: Keys, options: Options) -> list[str]:
        """Draw one string without what a batch needs to keep its rows apart."""
        sampler, ids = Sampler(1, len(self.card.tokens)), list[int]()
        token, states = np.array([self.card.start]), self.zero_states(1)
        for draw in uniform(key, self.card.max_tokens)[0].tolist():
            logits, states = self.step(token, states)
            if not ids:
                logits[0, self.barred] = -np.inf
            token[0] = sampler.one(logits[0], draw, options.temperature)
            ids.append(token.item())
            if ids[-1] == self.card.end:
                break
        return [self.text(ids)]

    def digest(self) -> str:
        """Hash what the card says of drawing, and logits and states of four steps a token.

        Raises:
            GraphError: the graph cannot be run.
        """
        tokens, hashed = len(self.card.tokens), sha256(self.card.drawing().encode())
        for first in range(0, tokens, ROWS):
            token = np.arange(first, min(first + ROWS, tokens))
            states = self.zero_states(len(token))
            for _ in range(_DIGEST_STEPS):
                logits, states = self.step(token, states)
                for array in (logits, *states):
                    hashed.update((array + np.float32(0)).astype("<f4").tobytes())  # -0 is 0
                token = (token * 5 + 1) % tokens
        return hashed.hexdigest()

    def zero_states(self, rows: int) -> list[Floats]:
        """Give the states before the first step, each float32 [rows, size]."""
        return [np.zeros((rows, state.size), dtype=np.float32) for state in self.card.states]

    def step(self, token: NDArray[np.int64], states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Feed one token a row; give the logits float32 [rows, tokens] and the next states."""
        feeds = dict(zip(self.inputs, [token, *states], strict=True))
        try:
            logits, *states = self.session.run(self.outputs, feeds)
        except Exception as error:  # onnxruntime's own classes share no narrower base
            reason = str(error).strip().partition("\n")[0]
            raise GraphError(f"the graph cannot be run ({reason})") from None
        return logits, states

    def text(self, ids: list[int]) -> str:
        """Join tokens, without the end and white space before it."""
        if ids[-1] == self.card.end:
            ids.pop()
        return "".join([self.card.tokens[i] for i in ids]).rstrip()


class _Batch:
    """Strings that run together: one a row, each at its own step."""

    def __init__(self, decoder: Decoder, rows: int) -> None:
        self.decoder, self.card = decoder, decoder.card
        card = decoder.card
        self.sampler = Sampler(rows, len(card.tokens))
        self.row = np.arange(rows)  # [rows]
        self.fresh = self.row[:0]  # the rows that have no token yet
        self.string = np.zeros(rows, dtype=np.intp)  # [rows] which of the wanted strings
        self.step = np.zeros(rows, dtype=np.intp)  # [rows] tokens drawn so far
        self.token = np.zeros(rows, dtype=np.int64)  # [rows] the next one to feed
        self.draws = np.zeros((rows, card.max_tokens), dtype=np.uint64)
        self.chosen = np.zeros((rows, card.max_tokens), dtype=np.int64)
        self.states = decoder.zero_states(rows)

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
        logits, self.states = self.decoder.step(self.token, self.states)
        if len(self.fresh):
            logits[self.fresh[:, None], self.decoder.barred] = -np.inf
            self.fresh = self.row[:0]
        at = self.row, self.step
        self.token = self.sampler(logits, self.draws[at], options.temperature)
        self.chosen[at] = self.token
        self.step += 1
        complete = self.step == self.card.max_tokens
        if end is not None:
            complete |= self.token == end
        rows: Rows = complete.nonzero()[0]
        return rows

    def text(self, row: int) -> str:
        """Give the text of a complete row."""
        return self.decoder.text(self.chosen[row, : self.step[row]].tolist())


def _barred_at_the_start(card: Card) -> Rows:
    """Give the tokens that begin no text: the end, what is empty or begins with white space."""
    tokens = enumerate(card.tokens)
    barred = [i for i, token in tokens if i == card.end or not token[:1].strip()]
    return np.array(barred if len(barred) < len(card.tokens) else [], dtype=np.intp)
