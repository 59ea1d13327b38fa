"""The loop that draws texts token by token; a finished row of a batch starts the next text."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._keys import Keys, draws
from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .mask import Masker, new_masker
from .prompts import token_prefixes
from .sampling.ranking import sampler_of
from .sampling.token_sampler import Draws, Mask, TokenSampler
from .session import NO_PROMPT, Floats, Prompt, Prompts, Rows, finite_logits, rows_at_once
from .state import DecoderState

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint


Choose = Callable[[Floats, Mask | None], int]
"""Chooses a token by logits, float32 [1, logits], and a mask, bool [1, tokens]."""


class TokenDecoder(ABC):
    """Draws strings with one session; several threads may use it at once.

    Args:
        session: a session of a graph that fits the card.
        card: the model's card.
    """

    is_autoregressive = True
    """Whether the next logits depend on the tokens fed."""

    def __init__(self, session: InferenceSession, card: Card) -> None:
        self.session, self.card = session, card

    @property
    def rows(self) -> int:
        """The maximum number of strings in a batch."""
        return rows_at_once(len(self.card.tokens))

    @abstractmethod
    def new_state(self, rows: int, prompts: Prompts) -> DecoderState:
        """Return the state of a new batch.

        Args:
            rows: the number of rows.
            prompts: the prompts; each text starts after one of them.
        """

    @abstractmethod
    def digest(self) -> str:
        """Return a hash of the card's drawing fields and of outputs of the graph."""

    def texts(
        self,
        keys: Keys,
        options: Options,
        constraint: Constraint | None = None,
        prompt: Prompt = NO_PROMPT,
    ) -> list[str]:
        """Draw the string of each key.

        Args:
            keys: uint64 [strings].
            options: how the strings are drawn.
            constraint: the constraint on the strings; None if the options constrain at most the
                lengths.
            prompt: a prompt for all strings, instead of the card's prompts.

        Raises:
            GraphError: the graph cannot be run, or returns logits that are not finite.
        """
        with finite_logits():
            drawing = _DrawingSetup(self, options, constraint, prompt)
            return drawing.alone(keys) if len(keys) == 1 else drawing.batch(keys)

    def steered_texts(self, keys: Keys, options: Options, constraint: Constraint) -> list[str]:
        """Draw the text of each key so that it meets a constraint and ends where texts end.

        Args:
            keys: uint64 [texts].
            options: how the texts are drawn; `length` is None.
            constraint: the constraint on the texts.

        Raises:
            GraphError: the graph cannot be run, or returns logits that are not finite.
        """
        from .steering import steered_texts  # few runs need it

        with finite_logits():
            return steered_texts(self, keys, options, constraint)

    def composed(
        self,
        key: Callable[[], int],
        options: Options,
        constraint: Constraint,
        choose: Choose,
    ) -> str:
        """Return a string whose tokens `choose` chooses.

        Args:
            key: returns a key, 0 to 2**64 - 1. It is called if the key picks one of several token
                prefixes, or the noise of a `latent` model.
            options: how the string is drawn.
            constraint: the constraint on the string.
            choose: chooses each token.

        Raises:
            GraphError: the graph cannot be run, or returns logits that are not finite.
        """
        with finite_logits():
            drawing = _DrawingSetup(self, options, constraint)
            several = len(drawing.token_prefixes.last) > 1 or not self.is_autoregressive
            return drawing.one(np.array([key() if several else 0], dtype=np.uint64), choose)


class _DrawingSetup:
    """How strings are drawn: their token prefixes, their token limit, and their end token."""

    def __init__(
        self,
        decoder: TokenDecoder,
        options: Options,
        constraint: Constraint | None,
        prompt: Prompt = NO_PROMPT,
    ) -> None:
        self.decoder, self.options, self.constraint = decoder, options, constraint
        self.prompt = prompt
        self.limit = decoder.card.max_tokens if options.length is None else options.length
        if constraint is not None:
            self.limit = constraint.limit
        self.end = decoder.card.end if options.length is None else None
        self.token_prefixes = token_prefixes(decoder, options, constraint, prompt.ids)

    def sampler(self) -> TokenSampler:
        card = self.decoder.card
        return sampler_of(len(card.tokens), card.classes, self.options)

    def new_state(self, rows: int) -> DecoderState:
        return self.decoder.new_state(rows, self.token_prefixes.prompts)

    def masker(self, rows: int) -> Masker:
        return new_masker(
            self.decoder.card, rows, self.options, self.constraint, self.token_prefixes, self.prompt
        )

    def text(self, ids: list[int], prefix_index: int) -> str:
        """Join tokens without the end token; strip white space at both ends, not in running text.

        A text that was stopped because it is too long keeps the white space at its end.
        """
        complete = len(ids) == self.limit
        if self.end is not None and ids[-1] == self.end:
            ids.pop()
            complete = True
        text = self.token_prefixes.text(prefix_index) + "".join(
            [self.decoder.card.tokens[i] for i in ids]
        )
        if self.options.length is not None:
            return text
        return text.strip() if complete else text.lstrip()

    def alone(self, keys: Keys) -> list[str]:
        """Draw one string without the overhead of a batch."""
        sampler, temperature = self.sampler(), self.options.temperature
        steps = itertools.count()

        def choose(logits: Floats, mask: Mask | None) -> int:
            drawn = draws(keys, np.array([next(steps)], dtype=np.uint64))
            return int(sampler(logits, self.greedy(drawn), temperature, mask)[0])

        return [self.one(keys, choose)]

    def greedy(self, drawn: Draws) -> Draws:
        """Return the draws, or at temperature 0 zeros, which choose the likeliest token."""
        return np.zeros_like(drawn) if self.options.temperature == 0 else drawn

    def one(self, keys: Keys, choose: Choose) -> str:
        """Return the string of a single key; `choose` chooses each token."""
        prefix_index, ids, row = self.token_prefixes.of(keys), list[int](), np.array([0])
        state, masker = self.new_state(1), self.masker(1)
        state.start(row, self.token_prefixes.prompt[prefix_index], keys)
        masker.start(row, prefix_index)
        token = self.token_prefixes.last[prefix_index]
        for left in range(self.limit, 0, -1):
            token[0] = choose(state.logits(token), masker.mask(left))
            ids.append(int(token[0]))
            if ids[-1] == self.end or masker.follow(token)[0]:
                break
        return self.text(ids, int(prefix_index[0]))

    def batch(self, keys: Keys) -> list[str]:
        """Draw the string of each key."""
        if self.decoder.is_autoregressive:
            return self._refilling(keys)
        rows = self.decoder.rows  # all rows start together: the graph runs once a batch
        batches = (self._refilling(keys[i : i + rows]) for i in range(0, len(keys), rows))
        return [text for texts in batches for text in texts]

    def _refilling(self, keys: Keys) -> list[str]:
        """Draw the string of each key; a complete row starts the next string."""
        texts = [""] * len(keys)
        batch = _Batch(self, min(self.decoder.rows, len(keys)))
        batch.start(batch.row, keys[: len(batch.row)], 0)
        started = len(batch.row)
        while len(batch.row):
            free = batch.advance()
            if len(free):
                for row in free.tolist():
                    texts[batch.string[row]] = batch.text(row)
                fresh = keys[started : started + len(free)]
                batch.start(free[: len(fresh)], fresh, started)
                started += len(fresh)
                if len(fresh) < len(free):
                    batch.drop(free[len(fresh) :])  # the free rows before these were just started
        return texts


class _Batch:
    """Strings that are drawn together: one in each row, each at its own step."""

    def __init__(self, drawing: _DrawingSetup, rows: int) -> None:
        self.drawing = drawing
        self.sampler = drawing.sampler()
        self.state, self.masker = drawing.new_state(rows), drawing.masker(rows)
        self.row = np.arange(rows)  # [rows]
        self.string = np.zeros(rows, dtype=np.intp)  # [rows] index of the string
        self.prefix_index = np.zeros(rows, dtype=np.intp)  # [rows] index of its token prefix
        self.step = np.zeros(rows, dtype=np.intp)  # [rows] tokens drawn so far
        self.token = np.zeros(rows, dtype=np.int64)  # [rows] the token to feed next
        self.key = np.zeros(rows, dtype=np.uint64)  # [rows] key of the string
        self.chosen = np.zeros((rows, drawing.limit), dtype=np.int64)

    def start(self, rows: Rows, keys: Keys, first: int) -> None:
        """Start strings `first`, `first` + 1, ... in these rows, each with its key."""
        self.string[rows] = np.arange(first, first + len(rows))
        self.step[rows] = 0
        self.prefix_index[rows] = prefix_index = self.drawing.token_prefixes.of(keys)
        self.token[rows] = self.drawing.token_prefixes.last[prefix_index]
        self.key[rows] = keys
        self.state.start(rows, self.drawing.token_prefixes.prompt[prefix_index], keys)
        self.masker.start(rows, prefix_index)

    def drop(self, rows: Rows) -> None:
        """Remove these rows from the batch."""
        kept = np.delete(self.row, rows)
        self.row = self.row[: len(kept)]
        self.string, self.step, self.token = self.string[kept], self.step[kept], self.token[kept]
        self.key, self.chosen = self.key[kept], self.chosen[kept]
        self.prefix_index = self.prefix_index[kept]
        self.state.keep(kept)
        self.masker.keep(kept)

    def advance(self) -> Rows:
        """Draw one token for each row and return the rows whose string is complete."""
        logits = self.state.logits(self.token)
        mask = self.masker.mask(self.drawing.limit - self.step)
        drawn = self.drawing.greedy(draws(self.key, self.step.astype(np.uint64)))
        self.token = self.sampler(logits, drawn, self.drawing.options.temperature, mask)
        self.chosen[self.row, self.step] = self.token
        self.step += 1
        complete = self.masker.follow(self.token)
        complete |= self.step == self.drawing.limit
        if self.drawing.end is not None:
            complete |= self.token == self.drawing.end
        rows: Rows = complete.nonzero()[0]
        return rows

    def text(self, row: int) -> str:
        """Return the text of a complete row."""
        return self.drawing.text(
            self.chosen[row, : self.step[row]].tolist(), int(self.prefix_index[row])
        )
