"""What texts begin after, and where a prefix is asked for, the tokens that they begin with.

A prefix can be made of tokens in many ways, and may end inside of the last one: "Shamp" of "Sh" and
"amp", or of "Shampoo" alone. A token at a time the model would take "Sh", for all the words that
begin so. Therefore ways are weighed by their probability as a whole, and a key picks one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys, choice, pick
from faker_neural._options import Options

from .choice.factored import new_sampler
from .session import Floats, Openings, Rows
from .state import StatefulDecoder

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

_PATHS, _WAYS = 16, 256  # kept of those that are within the prefix, and of those past it


@dataclass(frozen=True)
class Beginnings:
    """The beginnings that a text may have.

    Args:
        openings: what the graph is fed before the first token drawn, ids a beginning.
        heads: what of it is part of the text.
        states: int32 [beginnings], the constraint's state after the head.
        groups: for each opening of the model, its first beginning and the cumulated weights of all.
    """

    openings: Openings
    heads: tuple[str, ...]
    states: NDArray[np.int32]
    groups: tuple[tuple[int, tuple[int, ...]], ...]

    def of(self, keys: Keys) -> Rows:
        """Return the beginning of each key's text, intp [keys]."""
        group = choice(keys, len(self.groups))
        if len(self.groups) == len(self.openings):
            return group
        return np.array(
            [
                self.groups[one][0] + pick(key, self.groups[one][1])
                for one, key in zip(group.tolist(), keys, strict=True)
            ],
            dtype=np.intp,
        )


@dataclass(frozen=True)
class _Way:
    """Tokens that a text begins with, and how probable they are."""

    ids: tuple[int, ...]
    text: str
    state: int
    probability: float

    @property
    def rank(self) -> tuple[float, tuple[int, ...]]:
        return -self.probability, self.ids


@lru_cache(maxsize=64)
def beginnings(
    decoder: StatefulDecoder, options: Options, constraint: Constraint | None
) -> Beginnings:
    """Make the beginnings of a decoder's texts.

    Raises:
        GraphError: the graph cannot be run.
        FloatingPointError: it gives logits that are not numbers.
    """
    openings = decoder.card.openings_of(options.label)
    if constraint is None:
        ways = [[_Way((), "", 0, 1.0)]] * len(openings)
    elif constraint.head or not options.prefix or not decoder.goes_on:
        ways = [[_Way(constraint.head_ids, constraint.head, constraint.start, 1.0)]] * len(openings)
    else:
        search = _Search(decoder, options, constraint)
        ways = [search.ways(opening) for opening in openings]
    firsts = accumulate(map(len, ways[:-1]), initial=0)
    every = [(opening, way) for opening, some in zip(openings, ways, strict=True) for way in some]
    return Beginnings(
        openings=tuple(opening + way.ids for opening, way in every),
        heads=tuple(way.text for _, way in every),
        states=np.array([way.state for _, way in every], dtype=np.int32),
        groups=tuple((first, _cumulated(some)) for first, some in zip(firsts, ways, strict=True)),
    )


def _cumulated(ways: list[_Way]) -> tuple[int, ...]:
    largest = ways[0].probability
    return tuple(accumulate(max(1, round(way.probability / largest * 2**40)) for way in ways))


class _Search:
    """Finds the likeliest ways to begin a text with the prefix (a beam search)."""

    def __init__(self, decoder: StatefulDecoder, options: Options, constraint: Constraint) -> None:
        self.decoder, self.constraint = decoder, constraint
        self.length = len(options.prefix or "")
        self.temperature = options.temperature or 1.0
        self.most = _WAYS if options.temperature else 1
        card = decoder.card
        self.sampler = new_sampler(len(card.tokens), card.classes)

    def ways(self, opening: tuple[int, ...]) -> list[_Way]:
        """Return the likeliest ways after an opening, from the likeliest on."""
        within, past = [_Way((), "", self.constraint.start, 1.0)], list[_Way]()
        while within:
            ways = past + list(self._longer(opening, within))
            likeliest = max(way.probability for way in ways)  # is 1 then: nothing vanishes
            ways = [replace(way, probability=way.probability / likeliest) for way in ways]
            ways.sort(key=lambda way: way.rank)
            within = [way for way in ways if len(way.text) < self.length][:_PATHS]
            past = [way for way in ways if len(way.text) >= self.length][: self.most]
        return past

    def _longer(self, opening: tuple[int, ...], ways: list[_Way]) -> Iterator[_Way]:
        """Add each token that may follow to each way."""
        states = np.array([way.state for way in ways], dtype=np.int32)
        counts = np.array([len(way.text) for way in ways])
        used = np.array([len(way.ids) for way in ways])
        logits = self._logits(tuple(opening + way.ids for way in ways))
        barred = self.constraint.barred(states, counts, self.constraint.limit - used)
        scores = self.sampler.scores(logits, self.temperature, barred)
        for row, way in enumerate(ways):
            for token in scores[row].nonzero()[0].tolist():
                after, count = self.constraint.follow(
                    states[row : row + 1], counts[row : row + 1], np.array([token])
                )
                text = way.text + self.decoder.card.tokens[token][-int(count[0] - counts[row]) :]
                probability = way.probability * float(scores[row, token])
                yield _Way((*way.ids, token), text, int(after[0]), probability)

    def _logits(self, openings: Openings) -> Floats:
        state, rows = self.decoder.new_state(len(openings), openings), np.arange(len(openings))
        state.start(rows, rows, rows.astype(np.uint64))
        return state.logits(np.array([ids[-1] for ids in openings]))
