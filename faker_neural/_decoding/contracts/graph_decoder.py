"""Texts of a `step` graph that chooses its own tokens: only the first token has a mask.

The first token of each text is drawn from a cached distribution, because that distribution never
changes. For a single text, so is the second token, if the first token has occurred before. After a
prefix, the graph chooses all tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faker_neural._decoding.prompts import TokenPrefixes
from faker_neural._decoding.sampling.distribution import Distribution
from faker_neural._decoding.sampling.factored import new_sampler
from faker_neural._decoding.sampling.token_sampler import Mask
from faker_neural._decoding.sampling.weights import as_float32
from faker_neural._decoding.session import NO_PROMPT, Floats, GraphError, Ids, Prompt, Rows
from faker_neural._keys import Keys, choice, draw, draws

from .single_row import SingleRow
from .step_graph import StepGraph

__all__ = ["DrawingOptions", "GraphDecoder", "Prefixes"]

_ROWS_IN_GRAPH = 128
"""Batch size of exact models without masks; `session.ROWS` is the batch size of all others."""

_CACHED_NUMBERS = 2**18  # cached weights of second tokens: 1 MB
_FIRST_TOKENS = 2**12  # first tokens that are chosen together


class DrawingOptions(NamedTuple):
    """The options that a graph needs to draw texts.

    Args:
        temperature: 0 or more.
        label: one of the model's labels, or None.
        length: the number of tokens in a running text, or None.
        prompt: a prompt for all texts, instead of the card's prompts.
    """

    temperature: float
    label: str | None
    length: int | None
    prompt: Prompt = NO_PROMPT


@dataclass(frozen=True, slots=True)
class _AfterFirstToken:
    """The states [1, size] after a first token, and the distribution of the second token."""

    states: list[Floats]
    following: Distribution


class GraphDecoder:
    """Draws texts with a graph that chooses the tokens; several threads may use it at once.

    Args:
        graph: a graph with the output `next`.
        asked: how the texts are drawn.

    Raises:
        GraphError: the graph cannot be run.
        FloatingPointError: the graph returns logits that are not finite.
    """

    def __init__(self, graph: StepGraph, asked: DrawingOptions) -> None:
        card = graph.card
        self._graph, self._tokens = graph, card.tokens
        self._given, self._greedy = asked.temperature, asked.temperature == 0
        self._temperature = np.array(as_float32(asked.temperature))
        self._running_text = asked.length is not None
        self._end = None if self._running_text else card.end
        self._limit = asked.length or card.max_tokens
        self._sizes = np.array(list(map(len, card.tokens)))
        prompts = (asked.prompt.ids,) if asked.prompt.ids else card.prompts_of(asked.label)
        last = np.array([prompt[-1] for prompt in prompts])
        opened = graph.opened(tuple(prompt[:-1] for prompt in prompts))
        logits, self._states = graph.step(last, opened)  # [prompts, size]
        mask = graph.masks(begins=not self._running_text, begin=asked.prompt.begin)
        self._first = [self._distribution(row[None], mask) for row in logits]
        self._rows = list[SingleRow]()
        self._came = set[int]()  # first tokens that occurred
        self._after: dict[int, _AfterFirstToken] = {}
        self._room = _CACHED_NUMBERS // len(card.tokens) if len(prompts) == 1 else 0

    def alone(self, key: int, most: int | None = None, prefixes: Prefixes | None = None) -> str:
        """Draw the text of one key.

        Args:
            key: 0 to 2**64 - 1.
            most: stop one token after the text is longer than this number of characters; None
                for no limit.
            prefixes: the sequences that a text begins with; None if it has no prefix.

        Raises:
            GraphError: the graph cannot be run, or returns an id that no token has.
        """
        row, ids, head = self._row(), list[int](), ""
        if prefixes is None:
            ids, states = self._beginning(key)
            row.start(ids[-1], states)
        else:
            place = int(prefixes.found.of(np.array([key], dtype=np.uint64))[0])
            prompt = int(prefixes.found.prompt[place])
            head = prefixes.found.text(place)
            states = [state[prompt : prompt + 1] for state in prefixes.states]
            row.start(int(prefixes.found.last[place]), states)
        size = len(head) + sum(len(self._tokens[i]) for i in ids[:-1])
        while not ids or (ids[-1] != self._end and len(ids) < self._limit):
            if most is not None and ids:
                if size > most:  # one token late, as in a batch
                    break
                size += len(self._tokens[ids[-1]])
            ids.append(row.next(self._drawn(key, len(ids))))
        self._rows.append(row)
        return self._text(ids, head)

    def _beginning(self, key: int) -> tuple[list[int], list[Floats]]:
        """Draw the first token of a text, or the first two; return the states before the last."""
        prompt = 0
        if len(self._first) > 1:
            prompt = int(choice(np.array([key], dtype=np.uint64), len(self._first))[0])
        ids = [self._first[prompt].token(self._drawn(key, 0))]
        if (after := self._known_after(ids[0])) and not self._is_complete(ids):
            ids.append(after.following.token(self._drawn(key, 1)))
            return ids, after.states
        return ids, [state[prompt : prompt + 1] for state in self._states]

    def _row(self) -> SingleRow:
        """Return a row that no other thread uses."""
        try:
            return self._rows.pop()
        except IndexError:
            return SingleRow(self._graph.session, self._graph.card, self._temperature)

    def batch(
        self, keys: Keys, most: int | None = None, prefixes: Prefixes | None = None
    ) -> list[str]:
        """Draw the text of each key.

        Args:
            keys: uint64 [texts].
            most: stop a text one token after it is longer than this number of characters; None
                for no limit.
            prefixes: the sequences that a text begins with; None if it has no prefix.

        Raises:
            GraphError: the graph cannot be run, or returns an id that no token has.
        """
        texts = [""] * len(keys)
        if prefixes is not None:
            place = prefixes.found.of(keys)
            found = prefixes.found
            heads = list(map(found.text, place.tolist()))
            begun = _Begun(
                *(keys, prefixes.states, found.prompt[place], found.last[place]),
                *(found.counts[place], 0, heads),
            )
            self._run(begun, np.arange(len(keys)), texts, most)
            return texts
        prompt = choice(keys, len(self._first))
        first = self._first_tokens(keys, prompt)
        ended = (first == (-1 if self._end is None else self._end)) | (self._limit == 1)
        for string in ended.nonzero()[0].tolist():
            texts[string] = self._text([int(first[string])])
        begun = _Begun(keys, self._states, prompt, first, self._sizes[first], 1, [""] * len(keys))
        self._run(begun, (~ended).nonzero()[0], texts, most)
        return texts

    def _run(self, begun: _Begun, waiting: Rows, texts: list[str], most: int | None) -> None:
        """Draw the rest of texts; a row whose text is complete starts the next text.

        Args:
            begun: all texts.
            waiting: intp, the texts to draw.
            texts: the texts; changed in place.
            most: see `batch`.
        """
        running = _Running(begun, self._sizes, min(_ROWS_IN_GRAPH, len(waiting)), self._limit)
        started = running.start(running.row, waiting[: len(running.row)])
        while len(running.row):
            drawn = draws(running.key, running.step.astype(np.uint64))
            if self._greedy:
                drawn[:] = 0
            token, states = self._graph.next(
                running.token, running.states, drawn, self._temperature
            )
            free = running.add(token, states, self._end, most)
            for row in free.tolist():
                string = running.string[row]
                texts[string] = self._text(running.ids(row), begun.heads[string])
            if len(free):
                fresh = waiting[started : started + len(free)]
                started += running.start(free[: len(fresh)], fresh)
                if len(fresh) < len(free):
                    running.drop(free[len(fresh) :])  # the free rows before these were just started

    def _first_tokens(self, keys: Keys, prompt: Rows) -> Ids:
        """Choose the first token of the text of each key."""
        first = np.empty(len(keys), dtype=np.int64)
        for begin in range(0, len(keys), _FIRST_TOKENS):
            some = slice(begin, begin + _FIRST_TOKENS)
            drawn = draws(keys[some], np.zeros(1, dtype=np.uint64))
            if self._greedy:
                drawn[:] = 0
            for i in set(prompt[some].tolist()):
                rows = prompt[some] == i
                first[some][rows] = self._first[i].tokens(drawn[rows])
        return first

    def _drawn(self, key: int, step: int) -> tuple[float, float]:
        return (0.0, 0.0) if self._greedy else draw(key, step)

    def _known_after(self, token: int) -> _AfterFirstToken | None:
        """Return what is cached for a first token; cache it when the token occurs again."""
        if (known := self._after.get(token)) or len(self._after) >= self._room:
            return known
        if token not in self._came:
            self._came.add(token)
            return None
        logits, states = self._graph.step(np.array([token]), self._states)
        mask = self._graph.masks(begins=False)
        known = _AfterFirstToken(states, self._distribution(logits, mask))
        self._after[token] = known
        return known

    def _distribution(self, logits: Floats, mask: Mask | None) -> Distribution:
        """Return a distribution. It has its own sampler: threads must not share a sampler."""
        card = self._graph.card
        sampler = new_sampler(len(card.tokens), card.classes)
        return Distribution(sampler, logits, self._given, mask)

    def _is_complete(self, ids: list[int]) -> bool:
        return len(ids) == self._limit or ids[-1] == self._end

    def _text(self, ids: list[int], head: str = "") -> str:
        """Join tokens after a prefix; strip white space at both ends, not in running text.

        A text that was stopped because it is too long keeps the white space at its end.
        """
        complete = self._is_complete(ids)
        if ids[-1] == self._end:
            ids.pop()
        text = head + "".join([self._tokens[i] for i in ids])
        if self._running_text:
            return text
        return text.strip() if complete else text.lstrip()


class Prefixes(NamedTuple):
    """The sequences of a prefix, and the graph after them.

    Args:
        found: the sequences.
        states: the states after each of their prompts, float32 [prompts, size] each.
    """

    found: TokenPrefixes
    states: list[Floats]


class _Begun(NamedTuple):
    """Texts whose first token is known.

    Args:
        keys: uint64 [texts].
        states: the states after each prompt or prefix, float32 [places, size] each.
        place: intp [texts], the place of each text in `states`.
        token: int64 [texts], the token to feed next.
        sizes: intp [texts], the number of characters so far.
        tokens: how many drawn tokens each text has, 0 or 1.
        heads: the prefix of each text.
    """

    keys: Keys
    states: list[Floats]
    place: Rows
    token: Ids
    sizes: Rows
    tokens: int
    heads: Sequence[str]


class _Running:
    """Texts that are drawn together: one in each row, each at its own step.

    Args:
        begun: all texts.
        sizes: intp [tokens], the number of characters in each token.
        rows: the number of texts that are drawn together.
        limit: the maximum number of tokens in a text.
    """

    def __init__(self, begun: _Begun, sizes: Rows, rows: int, limit: int) -> None:
        self._begun, self._sizes, self._tokens = begun, sizes, len(sizes)
        self.row = np.arange(rows)
        self.string = np.zeros(rows, dtype=np.intp)  # index of the text
        self.key = np.zeros(rows, dtype=np.uint64)
        self.token = np.zeros(rows, dtype=np.int64)  # the last token
        self.step = np.zeros(rows, dtype=np.intp)  # tokens so far
        self.size = np.zeros(rows, dtype=np.intp)  # characters so far
        self.states = [np.zeros((rows, state.shape[1]), dtype=np.float32) for state in begun.states]
        self._chosen = np.zeros((rows, limit), dtype=np.int64)

    def start(self, rows: Rows, strings: Rows) -> int:
        """Start these texts in these rows; return the number of texts."""
        begun = self._begun
        self.string[rows], self.key[rows] = strings, begun.keys[strings]
        self.token[rows] = begun.token[strings]
        self._chosen[rows, : begun.tokens] = begun.token[strings, None][:, : begun.tokens]
        self.step[rows], self.size[rows] = begun.tokens, begun.sizes[strings]
        for state, after in zip(self.states, begun.states, strict=True):
            state[rows] = after[begun.place[strings]]
        return len(strings)

    def add(self, token: Ids, states: list[Floats], end: int | None, most: int | None) -> Rows:
        """Add a token to each text and return the rows whose text is complete or too long.

        Raises:
            GraphError: the graph returned an id that no token has.
        """
        self.token, self.states = token, states
        if token.min() < 0 or token.max() >= self._tokens:
            raise GraphError("the graph returns ids that no token has")
        self._chosen[self.row, self.step] = token
        self.step += 1
        complete = self.step == self._chosen.shape[1]
        if end is not None:
            complete |= token == end
        if most is not None:
            complete |= self.size > most  # one token late: it may be white space, which is removed
            self.size += self._sizes[token]
        rows: Rows = complete.nonzero()[0]
        return rows

    def drop(self, rows: Rows) -> None:
        """Remove these rows."""
        kept = np.delete(self.row, rows)
        self.row = self.row[: len(kept)]
        self.string, self.key, self.step = self.string[kept], self.key[kept], self.step[kept]
        self.token, self.size, self._chosen = self.token[kept], self.size[kept], self._chosen[kept]
        self.states = [state[kept] for state in self.states]

    def ids(self, row: int) -> list[int]:
        """Return the token ids of a row's text."""
        chosen: list[int] = self._chosen[row, : self.step[row]].tolist()
        return chosen
