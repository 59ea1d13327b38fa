"""The tokens that the graph is fed before a text: a prompt, and the tokens that spell a prefix.

Several token sequences can spell a prefix, and the prefix may end inside the last token: "Sh" and
"amp" spell "Shamp", and "Shampoo" begins with it. If the first token were chosen alone, the model
would take "Sh", because many words begin with it. Therefore each sequence has the probability of
the whole sequence as its weight, and a key picks one. The technique is known as token healing.
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

from .sampling.factored import new_sampler
from .session import Floats, Prompts, Rows
from .state import StatefulDecoder

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

_WITHIN, _PAST = 16, 256  # beam width: sequences shorter than the prefix, and all others


@dataclass(frozen=True)
class TokenPrefixes:
    """The token sequences that a text may begin with, each after a prompt of the model.

    Args:
        prompts: for each sequence, the ids that the graph is fed before the first token is drawn.
        texts: for each sequence, the characters that it adds to the text.
        states: int32 [sequences], the constraint's state after each sequence.
        groups: for each prompt of the model, the index of its first sequence and the cumulative
            weights of its sequences.
    """

    prompts: Prompts
    texts: tuple[str, ...]
    states: NDArray[np.int32]
    groups: tuple[tuple[int, tuple[int, ...]], ...]

    def of(self, keys: Keys) -> Rows:
        """Return the index of the sequence that each key picks, intp [keys].

        Args:
            keys: uint64 [keys].
        """
        group = choice(keys, len(self.groups))
        if len(self.groups) == len(self.prompts):
            return group
        return np.array(
            [
                self.groups[i][0] + pick(key, self.groups[i][1])
                for i, key in zip(group.tolist(), keys, strict=True)
            ],
            dtype=np.intp,
        )


@dataclass(frozen=True)
class _Sequence:
    """Tokens that a text begins with, and their probability."""

    ids: tuple[int, ...]
    text: str
    state: int
    probability: float

    @property
    def rank(self) -> tuple[float, tuple[int, ...]]:
        return -self.probability, self.ids


@lru_cache(maxsize=64)
def token_prefixes(
    decoder: StatefulDecoder,
    options: Options,
    constraint: Constraint | None,
    prompt: tuple[int, ...] = (),
) -> TokenPrefixes:
    """Return the token sequences that a text may begin with.

    Args:
        decoder: the model's decoder.
        options: `label`, `prefix` and `temperature` are used.
        constraint: the constraint on the texts; None if nothing is constrained.
        prompt: ids that are fed instead of the card's prompts; empty for those.

    Raises:
        GraphError: the graph cannot be run.
        FloatingPointError: the graph returns logits that are not finite.
    """
    prompts = (prompt,) if prompt else decoder.card.prompts_of(options.label)
    if constraint is None:
        found = [[_Sequence((), "", 0, 1.0)]] * len(prompts)
    elif constraint.head or not options.prefix or not decoder.is_autoregressive:
        only = _Sequence(constraint.head_ids, constraint.head, constraint.start, 1.0)
        found = [[only]] * len(prompts)
    else:
        search = _Search(decoder, options, constraint)
        found = [search.after(prompt) for prompt in prompts]
    firsts = accumulate(map(len, found[:-1]), initial=0)
    every = [
        (prompt, tokens) for prompt, some in zip(prompts, found, strict=True) for tokens in some
    ]
    return TokenPrefixes(
        prompts=tuple(prompt + tokens.ids for prompt, tokens in every),
        texts=tuple(tokens.text for _, tokens in every),
        states=np.array([tokens.state for _, tokens in every], dtype=np.int32),
        groups=tuple((first, _cumulated(some)) for first, some in zip(firsts, found, strict=True)),
    )


def _cumulated(found: list[_Sequence]) -> tuple[int, ...]:
    largest = found[0].probability
    return tuple(accumulate(max(1, round(one.probability / largest * 2**40)) for one in found))


class _Search:
    """Finds the likeliest token sequences that spell the prefix, by beam search."""

    def __init__(self, decoder: StatefulDecoder, options: Options, constraint: Constraint) -> None:
        self.decoder, self.constraint = decoder, constraint
        self.length = len(options.prefix or "")
        self.temperature = options.temperature or 1.0
        self.most = _PAST if options.temperature else 1
        card = decoder.card
        self.sampler = new_sampler(len(card.tokens), card.classes)

    def after(self, prompt: tuple[int, ...]) -> list[_Sequence]:
        """Return the likeliest sequences after a prompt, the likeliest first."""
        within, past = [_Sequence((), "", self.constraint.start, 1.0)], list[_Sequence]()
        while within:
            found = past + list(self._longer(prompt, within))
            largest = max(one.probability for one in found)  # scaled to 1, against underflow
            found = [replace(one, probability=one.probability / largest) for one in found]
            found.sort(key=lambda one: one.rank)
            within = [one for one in found if len(one.text) < self.length][:_WITHIN]
            past = [one for one in found if len(one.text) >= self.length][: self.most]
        return past

    def _longer(self, prompt: tuple[int, ...], found: list[_Sequence]) -> Iterator[_Sequence]:
        """Yield each sequence with each token that may follow it."""
        states = np.array([one.state for one in found], dtype=np.int32)
        counts = np.array([len(one.text) for one in found])
        used = np.array([len(one.ids) for one in found])
        logits = self._logits(tuple(prompt + one.ids for one in found))
        mask = self.constraint.mask(states, counts, self.constraint.limit - used)
        scores = self.sampler.scores(logits, self.temperature, mask)
        for row, one in enumerate(found):
            for token in scores[row].nonzero()[0].tolist():
                after, count = self.constraint.follow(
                    states[row : row + 1], counts[row : row + 1], np.array([token])
                )
                text = one.text + self.decoder.card.tokens[token][-int(count[0] - counts[row]) :]
                probability = one.probability * float(scores[row, token])
                yield _Sequence((*one.ids, token), text, int(after[0]), probability)

    def _logits(self, prompts: Prompts) -> Floats:
        state, rows = self.decoder.new_state(len(prompts), prompts), np.arange(len(prompts))
        state.start(rows, rows, rows.astype(np.uint64))
        return state.logits(np.array([ids[-1] for ids in prompts]))
