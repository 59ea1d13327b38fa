"""An interpolated character n-gram model, the baseline of an evaluation."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from random import Random

__all__ = ["NGrams"]

_EDGE = "\n"  # before and after a line


class NGrams:
    """A character n-gram model, interpolated over all shorter contexts.

    An edge stands before and after each line; no context reaches past the edge. The model of NLTK
    takes hours to draw from an alphabet of two thousand characters.

    Args:
        lines: training lines without line breaks.
        order: number of characters in the longest n-gram, at least 1.

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
        """Return the probability of a character after a context.

        Args:
            context: the characters before, at most `order - 1`; a line break is the beginning of a
                line.
            character: the character; a line break is the end of a line.
        """
        probability = 1 / (len(self._counts[""]) + 1)  # all unseen characters count as one
        for start in range(len(context), -1, -1):
            if counts := self._counts.get(context[start:]):
                seen, total = len(counts), self._totals[context[start:]]
                probability = (counts.get(character, 0) + seen * probability) / (total + seen)
        return probability

    def bits_per_character(self, lines: Sequence[str]) -> float:
        """Return the bits per character of lines; the end of a line counts as a character.

        Args:
            lines: at least one line, without line breaks.
        """
        bits = (
            -math.log2(self.probability(context, character))
            for line in lines
            for context, character in self._read(line)
        )
        return sum(bits) / sum(len(line) + 1 for line in lines)

    def generate(self, count: int, seed: int = 0, longest: int = 10_000) -> list[str]:
        """Draw lines that are not empty.

        Args:
            count: number of lines.
            seed: seed of the draws.
            longest: maximum number of characters in a line.
        """
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
        """Draw from the longest known context or, with its Witten-Bell weight, a shorter one."""
        for start in range(len(context) + 1):
            if found := choices.get(context[start:]):
                characters, ends = found
                if random.random() * (ends[-1] + len(characters)) < ends[-1]:
                    return random.choices(characters, cum_weights=ends)[0]
        characters, ends = choices[""]
        return random.choices(characters, cum_weights=ends)[0]

    def _read(self, line: str) -> Iterator[tuple[str, str]]:
        """Yield the context and the character at each position of a line, its end included."""
        text = f"{_EDGE}{line}{_EDGE}"
        for at in range(1, len(text)):
            yield text[max(0, at - self._order + 1) : at], text[at]
