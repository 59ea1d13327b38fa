"""An interpolated character n-gram model: what a learned model has to beat."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from random import Random

__all__ = ["NGrams"]

_EDGE = "\n"  # stands before a line and ends it


class NGrams:
    """A character n-gram model, interpolated over all shorter contexts.

    A line is read after one edge and ends with another; no context reaches past the edge. Written
    here because NLTK's takes hours to draw from an alphabet of two thousand characters.

    Args:
        lines: what it is learned from; none holds a line break.
        order: characters in the longest n-gram, at least 1.

    Source: Witten and Bell, "The zero-frequency problem", 1991; interpolated as in Chen and
    Goodman, "An empirical study of smoothing techniques for language modeling", 1998.
    """

    def __init__(self, lines: Iterable[str], order: int = 6) -> None:
        self._order = order
        followers: dict[str, Counter[str]] = defaultdict(Counter)
        for line in lines:
            for context, character in self._read(line):
                for start in range(len(context) + 1):
                    followers[context[start:]][character] += 1
        self._counts = {context: dict(found) for context, found in followers.items()}
        self._totals = {context: sum(found.values()) for context, found in self._counts.items()}

    def probability(self, context: str, character: str) -> float:
        """Return the probability of a character after a context of at most `order - 1`.

        Args:
            context: the characters before, a line break for the line's beginning.
            character: the one that follows, a line break for the line's end.
        """
        probability = 1 / (len(self._counts[""]) + 1)  # one character for all never seen
        for start in range(len(context), -1, -1):
            if counts := self._counts.get(context[start:]):
                seen, total = len(counts), self._totals[context[start:]]
                probability = (counts.get(character, 0) + seen * probability) / (total + seen)
        return probability

    def bits_per_character(self, lines: Sequence[str]) -> float:
        """Measure the cross-entropy of lines, the end of each counted as a character."""
        bits = (
            -math.log2(self.probability(context, character))
            for line in lines
            for context, character in self._read(line)
        )
        return sum(bits) / sum(len(line) + 1 for line in lines)

    def generate(self, count: int, seed: int = 0, longest: int = 10_000) -> list[str]:
        """Draw lines of at most `longest` characters, none of them empty."""
        random = Random(seed)
        choices = {
            context: (list(counts), list(accumulate(counts.values())))
            for context, counts in self._counts.items()
        }
        return [self._line(random, choices, longest) for _ in range(count)]

    def _line(
        self, random: Random, choices: dict[str, tuple[list[str], list[int]]], longest: int
    ) -> str:
        line = _EDGE
        while len(line) <= longest:
            context = line[1 - self._order :] if self._order > 1 else ""
            character = self._draw(random, choices, context)
            if character == _EDGE and len(line) > 1:
                break
            line += character.strip(_EDGE)
        return line[1:]

    def _draw(
        self, random: Random, choices: dict[str, tuple[list[str], list[int]]], context: str
    ) -> str:
        """Draw from the longest context that was seen, or with its chance from a shorter one."""
        for start in range(len(context) + 1):
            if found := choices.get(context[start:]):
                characters, ends = found
                if random.random() * (ends[-1] + len(characters)) < ends[-1]:
                    return random.choices(characters, cum_weights=ends)[0]
        characters, ends = choices[""]
        return random.choices(characters, cum_weights=ends)[0]

    def _read(self, line: str) -> Iterator[tuple[str, str]]:
        """Return each character of a line, its end included, after its context."""
        text = f"{_EDGE}{line}{_EDGE}"
        for at in range(1, len(text)):
            yield text[max(0, at - self._order + 1) : at], text[at]
