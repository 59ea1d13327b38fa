"""The tokens that the graph is fed before a text: a prompt, and the tokens that spell a prefix.

Several token sequences can spell a prefix, and the prefix may end inside the last token: "Sh" and
"amp" spell "Shamp", and "Shampoo" begins with it. If the first token were chosen alone, the model
would take "Sh", because many words begin with it. Therefore each sequence has the probability of
the whole sequence as its weight, and a key picks one. The technique is known as token healing.

After words that the model does not know, such as "Dr. " for names without titles, it would go on as
within an unknown word. Therefore a text of its own follows them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import frexp
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys, choice, picks
from faker_neural._options import Options

from .prefix_search import PrefixSearch, Spellings
from .session import Ids, Prompts, Rows
from .state import StatefulDecoder

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

__all__ = ["TokenPrefixes", "token_prefixes"]


@dataclass(frozen=True)
class TokenPrefixes:
    """The token sequences that a text may begin with, each after a prompt of the model.

    Args:
        prompts: ids that the graph is fed before the last id of a sequence.
        prompt: intp [sequences], the index of the prompt of each sequence.
        last: int64 [sequences], the last id, which is fed when the first token is drawn.
        heads: for each prompt, the characters of the text before the last id.
        ends: for each prompt, the characters of each id as the last; () if it has none.
        counts: int64 [sequences], the number of characters that each sequence adds to the text.
        states: int32 [sequences], the constraint's state after each sequence; 0 without one.
        groups: for each prompt of the model, the index of its first sequence and the cumulative
            probabilities of its sequences, float64.
    """

    prompts: Prompts
    prompt: Rows
    last: Ids
    heads: tuple[str, ...]
    ends: tuple[tuple[str, ...], ...]
    counts: NDArray[np.int64]
    states: NDArray[np.int32]
    groups: tuple[tuple[int, NDArray[np.float64]], ...]

    def of(self, keys: Keys) -> Rows:
        """Return the index of the sequence that each key picks, intp [keys].

        Args:
            keys: uint64 [keys].
        """
        group = choice(keys, len(self.groups))
        if len(self.groups) == len(self.prompt):
            return group
        result = np.empty(len(keys), dtype=np.intp)
        for i, (first, cumulated) in enumerate(self.groups):
            rows = group == i
            result[rows] = first + picks(keys[rows], cumulated)
        return result

    def text(self, sequence: int) -> str:
        """Return the characters that a sequence adds to the text.

        Args:
            sequence: the index of the sequence.
        """
        prompt = self.prompt[sequence]
        ends = self.ends[prompt]
        head: str = self.heads[prompt]
        return head + ends[self.last[sequence]] if ends else head


@dataclass(frozen=True)
class _Group:
    """The sequences after one prompt of the model and one beam.

    Args:
        ids: the ids that are fed before the last.
        head: the characters before the last id.
        ends: the characters of each id as the last; () if it has none.
        last: int64 [sequences].
        mantissa, exponent: the probability of each, mantissa * 2 ** exponent.
        states, counts: int32 and int64 [sequences], the constraint's state after each sequence, and
            its number of characters.
    """

    ids: tuple[int, ...]
    head: str
    ends: tuple[str, ...]
    last: Ids
    mantissa: NDArray[np.float64]
    exponent: int
    states: NDArray[np.int32]
    counts: NDArray[np.int64]

    @property
    def rank(self) -> tuple[int, float]:
        """The key that sorts groups by their likeliest sequence, the likeliest first."""
        mantissa, exponent = frexp(self.mantissa.max())
        return -exponent - self.exponent, -mantissa

    def likeliest(self) -> _Group:
        """Return the likeliest sequence alone."""
        best = slice((first := int(self.mantissa.argmax())), first + 1)
        return replace(
            self,
            last=self.last[best],
            mantissa=self.mantissa[best],
            states=self.states[best],
            counts=self.counts[best],
        )


@lru_cache(maxsize=64)
def token_prefixes(
    decoder: StatefulDecoder,
    options: Options,
    constraint: Constraint | None = None,
    prompt: tuple[int, ...] = (),
) -> TokenPrefixes:
    """Return the token sequences that a text may begin with.

    Args:
        decoder: the model's decoder.
        options: `label`, `prefix`, `length` and `temperature` are used.
        constraint: the constraint on the texts; None if nothing is constrained.
        prompt: ids that are fed instead of the card's prompts; empty for those.

    Raises:
        GraphError: the graph cannot be run.
        FloatingPointError: the graph returns logits that are not finite.
    """
    prompts = (prompt,) if prompt else decoder.card.prompts_of(options.label)
    spell = _Spelled(decoder, options, constraint)
    found = [spell.after(prompt) for prompt in prompts]
    every = [group for groups in found for group in groups]
    sizes = [sum(len(group.last) for group in groups) for groups in found]
    firsts = np.cumsum([0, *sizes[:-1]]).tolist()
    return TokenPrefixes(
        prompts=tuple(group.ids for group in every),
        prompt=np.repeat(np.arange(len(every)), [len(group.last) for group in every]),
        last=np.concatenate([group.last for group in every]),
        heads=tuple(group.head for group in every),
        ends=tuple(group.ends for group in every),
        counts=np.concatenate([group.counts for group in every]),
        states=np.concatenate([group.states for group in every]),
        groups=tuple(zip(firsts, map(_cumulated, found), strict=True)),
    )


def _cumulated(groups: list[_Group]) -> NDArray[np.float64]:
    """Return the cumulative probabilities of sequences, in proportion."""
    largest = max(group.exponent for group in groups)
    scaled = [np.ldexp(group.mantissa, max(group.exponent - largest, -999)) for group in groups]
    return np.concatenate(scaled).cumsum()


class _Spelled:
    """Finds the sequences that a text begins with after a prompt of the model."""

    def __init__(
        self, decoder: StatefulDecoder, options: Options, constraint: Constraint | None
    ) -> None:
        self._constraint, self._prefix = constraint, options.prefix or ""
        self._greedy = options.temperature == 0
        self._search = None
        if self._prefix and decoder.is_autoregressive:
            self._search = PrefixSearch(decoder, options)

    def after(self, prompt: tuple[int, ...]) -> list[_Group]:
        """Return the sequences after a prompt, grouped by all ids but the last."""
        if self._search is None:
            head = self._constraint.head if self._constraint else ""
            return [self._whole(prompt, head)]
        found = self._search.after(prompt)
        if self._search.is_foreign(found):
            return [self._whole(prompt, self._prefix)]
        groups = [self._group(prompt, self._search, spellings) for spellings in found]
        allowed = [group for group in groups if len(group.last)]
        if not allowed:
            return [self._whole((*prompt, *self._search.skipping()), self._prefix)]
        return [min(allowed, key=lambda group: group.rank).likeliest()] if self._greedy else allowed

    def _whole(self, ids: tuple[int, ...], head: str) -> _Group:
        """Return one sequence, whose last id adds nothing to a text."""
        state = 0 if self._constraint is None else self._constraint.after(head)
        return _Group(
            *(ids[:-1], head, (), np.array(ids[-1:]), np.ones(1), 0),
            *(np.array([state], dtype=np.int32), np.array([len(head)])),
        )

    def _group(self, prompt: tuple[int, ...], search: PrefixSearch, spellings: Spellings) -> _Group:
        """Return the sequences after which the constraint can be met."""
        beam, last, constraint = spellings.beam, spellings.last, self._constraint
        tokens = search.tokens_after(beam)
        counts = len(beam.text) + tokens.sizes[last]
        states, kept = np.zeros(len(last), dtype=np.int32), np.ones(len(last), dtype=np.bool_)
        if constraint is not None:
            before = np.full(len(last), constraint.after(beam.text), dtype=np.int32)
            states, _ = constraint.follow(before, counts, last)
            kept = constraint.completes(states, counts)
        mantissa = beam.mantissa * spellings.probability[kept]
        return _Group(
            *(
                (*prompt, *beam.ids),
                beam.text,
                tokens.texts,
                last[kept],
                mantissa,
                beam.exponent - 40,
            ),
            *(states[kept], counts[kept]),
        )
