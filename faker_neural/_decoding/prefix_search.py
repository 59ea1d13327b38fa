"""Finds the token sequences that spell a prefix, and how likely each is, by beam search."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from math import frexp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faker_neural._encoding import MAX_PHRASE_WORDS, encoder_of, split
from faker_neural._options import Options

from .sampling.factored import new_sampler
from .sampling.weights import ONE
from .session import Ids
from .state import StatefulDecoder

__all__ = ["Beam", "PrefixSearch", "Spellings", "TokensByText"]

_BEAMS = 16
_NEGLIGIBLE = 16  # a beam so many powers of two less likely than a whole sequence is dropped
_NEVER = -24  # a text of so small a probability, as a power of two, is never drawn
_LAST_CHARACTER = chr(0x10FFFF)


class Beam(NamedTuple):
    """Tokens that a prefix begins with; their probability is `mantissa` * 2 ** `exponent`."""

    ids: tuple[int, ...] = ()
    text: str = ""
    mantissa: float = 1.0
    exponent: int = 0

    def with_token(self, token: int, text: str, probability: float) -> Beam:
        """Return the beam with one more token, of `probability` in [0, ONE]."""
        mantissa, exponent = frexp(self.mantissa * probability / ONE)
        return Beam((*self.ids, token), self.text + text, mantissa, self.exponent + exponent)

    @property
    def rank(self) -> tuple[int, float, tuple[int, ...]]:
        """The key that sorts beams, the likeliest first."""
        return -self.exponent, -self.mantissa, self.ids


class Spellings(NamedTuple):
    """Sequences that spell a prefix with a last token that may go beyond it.

    Args:
        beam: the tokens before the last.
        last: int64 [sequences], the last token of each.
        probability: float64 [sequences], of the last tokens after the beam, in [0, ONE].
    """

    beam: Beam
    last: Ids
    probability: NDArray[np.float64]

    @property
    def exponent(self) -> int:
        """The exponent of the probability of the likeliest sequence, as in `Beam`."""
        return self.beam.with_token(0, "", float(self.probability.max())).exponent


class PrefixSearch:
    """Finds the sequences that spell a prefix after prompts of one model.

    All beams have equally many tokens, so each of their tokens is fed once. The beginning of a long
    prefix is spelled as the model learned it; only the last four words have several spellings.

    Args:
        decoder: the model's decoder.
        options: `prefix` and `length` are used. The temperature applies after these tokens: at a
            low one, the word that follows a prefix would be less like that of real lines.
    """

    def __init__(self, decoder: StatefulDecoder, options: Options) -> None:
        self._decoder, self._prefix = decoder, options.prefix or ""
        card, running = decoder.card, options.length is not None
        self._inside = _tokens_by_text(decoder, running=running, begins=False)
        self._first = _tokens_by_text(decoder, running=running, begins=True)
        self._sampler = new_sampler(len(card.tokens), card.classes)
        self._begun = self._beginning()

    def after(self, prompt: tuple[int, ...]) -> list[Spellings]:
        """Return the sequences after a prompt; none if the tokens cannot spell the prefix.

        Args:
            prompt: ids that the graph is fed before the text, at least one.
        """
        fed = (*prompt, *self._begun.ids)
        state, row = self._decoder.new_state(1, (fed[:-1],)), np.zeros(1, dtype=np.intp)
        state.start(row, row, row.astype(np.uint64))
        beams, found, last = [self._begun], list[Spellings](), np.array(fed[-1:])
        while beams:
            chances = self._sampler.probabilities(state.logits(last), temperature=1.0)
            found += self._spelled(beams, chances)
            longer = sorted(self._longer(beams, chances), key=lambda pair: pair[1].rank)[:_BEAMS]
            least = max((one.exponent for one in found), default=-(2**40)) - _NEGLIGIBLE
            longer = [pair for pair in longer if pair[1].exponent >= least]
            state.keep(np.array([row for row, _ in longer], dtype=np.intp))
            beams = [beam for _, beam in longer]
            last = np.array([beam.ids[-1] for beam in beams])
        return found

    def is_foreign(self, found: Sequence[Spellings]) -> bool:
        """Return whether the prefix has only words, each unknown, that texts never begin with.

        Args:
            found: the sequences that spell the prefix.
        """
        if self._prefix == self._prefix.rstrip() or self._decoder.card.words_begin_with_space:
            return False
        known = (self._inside.ids.keys(), self._first.ids.keys())
        if any(word in ids or f" {word}" in ids for ids in known for word in self._prefix.split()):
            return False
        return all(one.exponent < _NEVER for one in found)

    def skipping(self) -> tuple[int, ...]:
        """Return the longest tokens of the prefix, without characters that begin no token."""
        found, rest = list[int](), self._prefix
        while rest:
            text = max(self._inside.beginnings(rest), key=len, default="")
            found += self._inside.ids.get(text, [])[:1]
            rest = rest[max(1, len(text)) :]
        return tuple(found)

    def _spelled(self, beams: list[Beam], chances: NDArray[np.float64]) -> Iterator[Spellings]:
        """Yield the sequences whose next token reaches the end of the prefix."""
        for row, beam in enumerate(beams):
            last = self.tokens_after(beam).continuations(self._prefix[len(beam.text) :])
            if len(last):
                yield Spellings(beam, last, chances[row, last])

    def _longer(
        self, beams: list[Beam], chances: NDArray[np.float64]
    ) -> Iterator[tuple[int, Beam]]:
        """Yield each beam with each token that the prefix goes on with, and the beam's row."""
        for row, beam in enumerate(beams):
            tokens, rest = self.tokens_after(beam), self._prefix[len(beam.text) :]
            for text in tokens.beginnings(rest):
                for token in tokens.ids[text] if text != rest else ():
                    yield row, beam.with_token(token, text, float(chances[row, token]))

    def tokens_after(self, beam: Beam) -> TokensByText:
        """Return the tokens that may follow a beam."""
        return self._inside if beam.text else self._first

    def _beginning(self) -> Beam:
        """Return the tokens of all but the last words, which later words cannot change."""
        words, card = split(self._prefix), self._decoder.card
        if len(words) <= MAX_PHRASE_WORDS or card.words_begin_with_space:
            return Beam()
        length = len(self._prefix) - sum(map(len, words[-MAX_PHRASE_WORDS:]))
        try:
            ids = _encoder(self._decoder)(self._prefix)
        except ValueError:  # no token fits a character
            return Beam()
        ends = list(accumulate(len(card.tokens[i]) for i in ids))
        count = sum(end <= length for end in ends)
        return Beam(tuple(ids[:count]), self._prefix[: ends[count - 1] if count else 0])


class TokensByText:
    """The tokens of a model by their text.

    Args:
        texts: the text of each id; "" for an id that is not a part of a text.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.ids = tuple(texts), dict[str, list[int]]()
        self.sizes = np.array(list(map(len, texts)))
        for token, text in enumerate(texts):
            if text:
                self.ids.setdefault(text, []).append(token)
        self._sorted = sorted((text, i) for i, text in enumerate(texts) if text)
        self._in_order = np.array([i for _, i in self._sorted])
        self._longest = max(map(len, self.ids))

    def beginnings(self, text: str) -> list[str]:
        """Return the tokens that a text begins with, the shortest first."""
        lengths = range(1, min(self._longest, len(text)) + 1)
        return [text[:length] for length in lengths if text[:length] in self.ids]

    def continuations(self, text: str) -> Ids:
        """Return the tokens that begin with a text, int64 [tokens]."""
        first = bisect_left(self._sorted, (text, -1))
        return self._in_order[first : bisect_left(self._sorted, (text + _LAST_CHARACTER, -1))]


@lru_cache(maxsize=32)
def _tokens_by_text(decoder: StatefulDecoder, *, running: bool, begins: bool) -> TokensByText:
    """Return the tokens inside a text, or those that begin one."""
    card = decoder.card
    never = card.never_drawn | (set() if running else {card.end})
    trimmed = begins and not running and card.words_begin_with_space
    texts = [text.lstrip() if trimmed else text for text in card.tokens]
    return TokensByText(["" if i in never else text for i, text in enumerate(texts)])


@lru_cache(maxsize=16)
def _encoder(decoder: StatefulDecoder) -> Callable[[str], list[int]]:
    return encoder_of(decoder.card)
