"""The loop that draws texts token by token, in batches whose finished rows start the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._card import Card
from faker_neural._keys import Keys, choice, uniform
from faker_neural._options import Options
from faker_neural._sampling import Sampler

from . import Floats, GraphError, Ids, Rows, rows_at_once


class Memory(Protocol):
    """What a graph is to know of the text in each row."""

    def start(self, rows: Rows, openings: Rows) -> None:
        """Begin a text in each of these rows, after all but the last token of its opening."""

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""

    def logits(self, token: Ids) -> Floats:
        """Add a token [rows] to each text; give the logits [rows, tokens] of the next."""


class TokenDecoder(ABC):
    """Draws strings from one session; several threads may use it at once.

    Args:
        session: of a graph that fits the card.
        card: of the model.
    """

    def __init__(self, session: InferenceSession, card: Card) -> None:
        self.session, self.card = session, card
        start = 0 if card.start is None else card.start
        self.unlabelled = card.openings or ((start,),)
        self.openings = self.unlabelled + tuple((card.label_id(label),) for label in card.labels)
        self.last = np.array([opening[-1] for opening in self.openings])
        self.barred = barred_at_the_start(card)

    @abstractmethod
    def memory(self, rows: int) -> Memory:
        """Make a memory of so many rows."""

    @abstractmethod
    def digest(self) -> str:
        """Hash what decides the strings: the card's part in drawing, and what the graph gives."""

    def texts(self, keys: Keys, options: Options) -> list[str]:
        """Draw the string of each key.

        Raises:
            GraphError: the graph cannot be run, or gives logits that are not numbers.
        """
        draw = self._alone if len(keys) == 1 else self._batch
        try:
            with np.errstate(over="ignore"):  # see Sampler
                return draw(keys, options)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None

    def text(self, ids: list[int], options: Options) -> str:
        """Join tokens; where a text ends by itself, without the end and white space before it."""
        if options.length is not None:
            return "".join([self.card.tokens[i] for i in ids])
        return joined(self.card, ids)

    def limits(self, options: Options) -> tuple[int, int | None]:
        """Give how many tokens there may be, and the one that ends a text."""
        if options.length is not None:
            return options.length, None
        return self.card.max_tokens, self.card.end

    def opening(self, keys: Keys, options: Options) -> Rows:
        """Give the opening of each key's text: the label's, or one that the key picks."""
        if options.label is None:
            return choice(keys, len(self.unlabelled))
        place = len(self.unlabelled) + self.card.labels.index(options.label)
        return np.full(len(keys), place, dtype=np.intp)

    def bar(self, logits: Floats, fresh: Rows, options: Options) -> None:
        """Make impossible what may not follow; `fresh` are the rows that have no token yet."""
        if self.card.padding is not None:
            logits[:, self.card.padding] = -np.inf
        if len(fresh) and options.length is None:
            logits[fresh[:, None], self.barred] = -np.inf

    def _batch(self, keys: Keys, options: Options) -> list[str]:
        texts = [""] * len(keys)
        batch = _Batch(self, min(rows_at_once(len(self.card.tokens)), len(keys)), options)
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
                    batch.drop(free[len(fresh) :])  # behind those just started, which stay
        return texts

    def _alone(self, key: Keys, options: Options) -> list[str]:
        """Draw one string without what a batch needs to keep its rows apart."""
        sampler, memory, ids = Sampler(1, len(self.card.tokens)), self.memory(1), list[int]()
        row, opening = np.zeros(1, dtype=np.intp), self.opening(key, options)
        limit, end = self.limits(options)
        memory.start(row, opening)
        token = self.last[opening]
        for draw in uniform(key, limit)[0].tolist():
            logits = memory.logits(token)
            self.bar(logits, row[len(ids) :], options)
            token[0] = sampler.one(logits[0], draw, options.temperature)
            ids.append(token.item())
            if ids[-1] == end:
                break
        return [self.text(ids, options)]


class _Batch:
    """Strings that run together: one a row, each at its own step."""

    def __init__(self, decoder: TokenDecoder, rows: int, options: Options) -> None:
        self.decoder, self.options = decoder, options
        self.limit, self.end = decoder.limits(options)
        self.sampler = Sampler(rows, len(decoder.card.tokens))
        self.memory = decoder.memory(rows)
        self.row = np.arange(rows)  # [rows]
        self.fresh = self.row[:0]  # the rows that have no token yet
        self.string = np.zeros(rows, dtype=np.intp)  # [rows] which of the wanted strings
        self.step = np.zeros(rows, dtype=np.intp)  # [rows] tokens drawn so far
        self.token = np.zeros(rows, dtype=np.int64)  # [rows] the next one to feed
        self.draws = np.zeros((rows, self.limit), dtype=np.uint64)
        self.chosen = np.zeros((rows, self.limit), dtype=np.int64)

    def start(self, rows: Rows, keys: Keys, first: int) -> None:
        """Begin the strings `first`, `first` + 1, ... of these keys in these rows."""
        self.fresh = rows
        self.string[rows] = np.arange(first, first + len(rows))
        self.step[rows] = 0
        opening = self.decoder.opening(keys, self.options)
        self.token[rows] = self.decoder.last[opening]
        self.draws[rows] = uniform(keys, self.limit)
        self.memory.start(rows, opening)

    def drop(self, rows: Rows) -> None:
        """Take these rows out of the batch."""
        kept = np.delete(self.row, rows)
        self.row = self.row[: len(kept)]
        self.string, self.step, self.token = self.string[kept], self.step[kept], self.token[kept]
        self.draws, self.chosen = self.draws[kept], self.chosen[kept]
        self.memory.keep(kept)

    def advance(self) -> Rows:
        """Draw one token for each row and give the rows whose string is complete."""
        logits = self.memory.logits(self.token)
        self.decoder.bar(logits, self.fresh, self.options)
        self.fresh = self.row[:0]
        at = self.row, self.step
        self.token = self.sampler(logits, self.draws[at], self.options.temperature)
        self.chosen[at] = self.token
        self.step += 1
        complete = self.step == self.limit
        if self.end is not None:
            complete |= self.token == self.end
        rows: Rows = complete.nonzero()[0]
        return rows

    def text(self, row: int) -> str:
        """Give the text of a complete row."""
        return self.decoder.text(self.chosen[row, : self.step[row]].tolist(), self.options)


def barred_at_the_start(card: Card) -> Rows:
    """Give the tokens that begin no text: the end, what is empty or begins with white space.

    Where no word would be left, as among the words of a model that all bring a space with them,
    what begins with white space is allowed.
    """
    ids = range(len(card.tokens))
    blank = [i for i in ids if i == card.end or not card.tokens[i].strip()]
    barred = [i for i in ids if i in blank or not card.tokens[i][:1].strip()]
    if not any(map(str.isalnum, "".join(card.tokens[i] for i in set(ids).difference(barred)))):
        barred = blank
    return np.array(barred if len(barred) < len(ids) else [], dtype=np.intp)


def joined(card: Card, ids: list[int]) -> str:
    """Join the tokens of a text that ended, without the end and white space around it."""
    if ids[-1] == card.end:
        ids.pop()
    return "".join([card.tokens[i] for i in ids]).strip()
