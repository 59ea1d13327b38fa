"""Texts that meet a constraint and end where texts end.

A mask alone lets a text run on: where a text would end but may not, the mask leaves only tokens
that a writer would not choose there. So a text is first drafted, and a draft may end anywhere. For
each of its tokens, the draft records how likely the model would now complete the text as the
constraint asks for, by the fewest tokens. One of these places is then drawn in proportion, from
several drafts, and the text is completed there. This is importance resampling (Rubin 1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys, draft_keys, draws
from faker_neural._options import Options

from .prompts import token_prefixes
from .sampling.factored import new_sampler
from .sampling.ranking import RankedSampler, ranks
from .sampling.weights import ONE
from .session import Floats, Ids, Rows
from .state import DecoderState, StatefulDecoder

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

__all__ = ["steered_texts"]

_DRAFTS = 4
_PLACE = np.array([2**20], dtype=np.uint64)  # a step beyond those of any text

Chances = NDArray[np.float64]
"""Probabilities times 2^40, whole numbers, [rows, tokens]."""


def steered_texts(
    decoder: StatefulDecoder, keys: Keys, options: Options, constraint: Constraint
) -> list[str]:
    """Draw the text of each key.

    Args:
        decoder: the model's decoder.
        keys: uint64 [texts].
        options: how the texts are drawn; `length` is None.
        constraint: the constraint on the texts.

    Returns:
        Texts that meet the constraint.

    Raises:
        GraphError: the graph cannot be run.
        FloatingPointError: the graph returns logits that are not finite.
    """
    steering = _Steering(decoder, options, constraint)
    size = max(1, decoder.rows // steering.drafts)
    parts = (keys[first : first + size] for first in range(0, len(keys), size))
    return [text for part in parts for text in steering.texts(part)]


@dataclass(frozen=True)
class _Drafts:
    """Drafts of texts, and how likely each would be completed after each number of tokens.

    Args:
        keys: uint64 [drafts].
        ids: int64 [drafts, tokens].
        missing: int64 [drafts, tokens + 1], the fewest tokens that complete a text after so many
            of its tokens.
        mantissa, exponent: float64 and int64 [drafts, tokens + 1], the likelihood that a text goes
            so far and is then completed, mantissa * 2 ** exponent.
    """

    keys: Keys
    ids: Ids
    missing: NDArray[np.int64]
    mantissa: NDArray[np.float64]
    exponent: NDArray[np.int64]


class _Walk:
    """Texts in the rows of a batch, and the constraint's state of each."""

    def __init__(self, steering: _Steering, keys: Keys) -> None:
        prefixes, self._constraint = steering.prefixes, steering.constraint
        self.row = np.arange(len(keys))
        sequence = prefixes.of(keys)
        self._state: DecoderState = steering.decoder.new_state(len(keys), prefixes.prompts)
        self._state.start(self.row, prefixes.prompt[sequence], keys)
        self.states, self.counts = prefixes.states[sequence], prefixes.counts[sequence]
        self._token = prefixes.last[sequence]

    def logits(self) -> Floats:
        """Return the logits of the next token of each text; call it once a token."""
        return self._state.logits(self._token)

    def follow(self, tokens: Ids, kept: NDArray[np.bool_]) -> None:
        """Add a token to each text, and keep only some of the rows."""
        states, counts = self._constraint.follow(self.states, self.counts, tokens)
        self.row, self.states, self.counts = self.row[kept], states[kept], counts[kept]
        self._token = tokens[kept]
        if not kept.all():
            self._state.keep(kept.nonzero()[0])


class _Steering:
    """Drafts texts, draws where they are completed, and completes them."""

    def __init__(self, decoder: StatefulDecoder, options: Options, constraint: Constraint) -> None:
        card = decoder.card
        assert card.end is not None
        self.decoder, self.constraint, self._end = decoder, constraint, card.end
        self.prefixes = token_prefixes(decoder, options, constraint)
        self._greedy = options.temperature == 0
        self.drafts = 1 if self._greedy else _DRAFTS
        self._temperature = options.temperature or 1.0
        self._sampler = new_sampler(len(card.tokens), card.classes)
        self._ranked = None
        if ranks(options, len(card.tokens)):
            self._ranked = RankedSampler(self._sampler, options)

    def texts(self, keys: Keys) -> list[str]:
        """Draw the text of each key."""
        drafts = self._drafted(draft_keys(keys, self.drafts).ravel())
        draft, place = self._places(keys, drafts)
        done = drafts.missing[draft, place] == 0
        ids = [drafts.ids[i, :tokens].tolist() for i, tokens in zip(draft, place, strict=True)]
        again = (~done).nonzero()[0]
        if len(again):
            self._complete(drafts, draft[again], place[again], again, ids)
        prefix = self.prefixes.of(drafts.keys[draft])
        return [self._text(i, some) for i, some in zip(prefix.tolist(), ids, strict=True)]

    def _text(self, prefix: int, ids: list[int]) -> str:
        tokens = self.decoder.card.tokens
        return (self.prefixes.text(prefix) + "".join([tokens[i] for i in ids])).strip()

    def _drafted(self, keys: Keys) -> _Drafts:
        walk, limit = _Walk(self, keys), self.constraint.limit
        shape = len(keys), limit + 1
        drafts = _Drafts(
            keys,
            np.zeros((len(keys), limit), dtype=np.int64),
            np.zeros(shape, dtype=np.int64),
            np.zeros(shape),
            np.zeros(shape, dtype=np.int64),
        )
        mantissa, exponent = np.ones(len(keys)), np.zeros(len(keys), dtype=np.int64)
        for step in range(limit):
            row = walk.row
            needed, left = self.constraint.needed(walk.states, walk.counts)
            chances = self._sampler.probabilities(walk.logits(), self._temperature)
            nearer = self._nearer(needed, left)
            completing = np.where(nearer, chances, 0).sum(axis=1)
            drafts.missing[row, step] = left
            drafts.mantissa[row, step], drafts.exponent[row, step] = (
                mantissa * completing,
                exponent,
            )
            may = needed < limit - step
            may[:, self._end] = True
            chances[~may] = 0
            mantissa, more = np.frexp(mantissa * (chances.sum(axis=1) / ONE))
            token = self._choose(chances, draws(keys[row], np.array([step], np.uint64))[:, 0])
            drafts.ids[row, step] = token
            kept = token != self._end
            mantissa, exponent = mantissa[kept], (exponent + more)[kept]
            walk.follow(token, kept)
            if not len(walk.row):
                break
        return drafts

    def _nearer(self, needed: NDArray[np.int32], left: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return the tokens after which the text needs fewer tokens to its end."""
        nearer: NDArray[np.bool_] = needed < left[:, None]
        nearer[:, self._end] = left == 0
        return nearer

    def _choose(self, chances: Chances, drawn: NDArray[np.float64]) -> Ids:
        """Choose a token for each row by chances and draws, float64 [rows] from 0 to below 1."""
        if self._greedy:
            best: Ids = chances.argmax(axis=1)
            return best
        if self._ranked is not None:
            chances = self._ranked.limited(chances)
        sums = chances.cumsum(axis=1)
        chosen: Ids = (sums > (sums[:, -1] * drawn)[:, None]).argmax(axis=1)
        return chosen

    def _places(self, keys: Keys, drafts: _Drafts) -> tuple[Rows, Rows]:
        """Draw for each text a draft and the number of its tokens to keep."""
        width = drafts.mantissa.shape[1]
        mantissa = drafts.mantissa.reshape(len(keys), -1)
        exponent = np.where(mantissa > 0, drafts.exponent.reshape(len(keys), -1), -(2**40))
        mantissa, more = np.frexp(mantissa)
        exponent = exponent + more
        exponent = np.maximum(exponent - exponent.max(axis=1, keepdims=True), -1000)
        odds = np.ldexp(mantissa, exponent)
        if self._greedy:
            best = odds.argmax(axis=1)
        else:
            sums = odds.cumsum(axis=1)
            best = (sums > (sums[:, -1] * draws(keys, _PLACE)[:, 0])[:, None]).argmax(axis=1)
        draft, place = np.divmod(best, width)
        return draft + np.arange(len(keys)) * (len(drafts.keys) // len(keys)), place

    def _complete(
        self, drafts: _Drafts, draft: Rows, place: Rows, texts: Rows, ids: list[list[int]]
    ) -> None:
        """Draw the tokens that complete some texts, after the tokens that are kept of a draft."""
        keys = drafts.keys[draft]
        walk, step = _Walk(self, keys), 0
        while len(walk.row):
            row = walk.row
            needed, left = self.constraint.needed(walk.states, walk.counts)
            chances = self._sampler.probabilities(walk.logits(), self._temperature)
            chances[~self._nearer(needed, left)] = 0
            drawn = draws(keys[row], np.array([step], dtype=np.uint64))[:, 1]
            completing = step >= place[row]
            token = np.where(
                completing,
                self._choose(chances, drawn),
                drafts.ids[draft[row], min(step, drafts.ids.shape[1] - 1)],
            )
            kept = ~completing | (token != self._end)
            for i in (completing & kept).nonzero()[0].tolist():
                ids[texts[row[i]]].append(int(token[i]))
            walk.follow(token, kept)
            step += 1
