"""What a reader sees first: words that do not exist, and words that do not go together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence

__all__ = ["KnownWords", "Lexicon", "Part", "unseen_pairs", "words_of"]

Part = tuple[str, bool]
"""Part of a text, and whether it is a new word."""

Lexicon = Callable[[str], bool]
"""Tells whether a language has a word, given in small letters."""

_WORD = re.compile(r"[^\W\d_]{3,}(?:['\u2019][^\W\d_]+)*")  # of three letters or more
_PART = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """Return the words of three letters or more, in small letters."""
    return [word.casefold() for word in _WORD.findall(text)]


class KnownWords:
    """The words of training lines.

    Args:
        lines: that a model learned from.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._words = frozenset(word for line in lines for word in words_of(line))

    def new_words(self, text: str) -> list[str]:
        """Return the words of a text, in small letters, that are in no training line."""
        return [word for word in words_of(text) if word not in self._words]

    def marked(self, text: str) -> list[Part]:
        """Return the parts of a text, each with whether it is a word in no training line."""
        parts, at = list[Part](), 0
        for word in _WORD.finditer(text):
            if word.group().casefold() not in self._words:
                parts += [(text[at : word.start()], False), (word.group(), True)]
                at = word.end()
        return [*parts, (text[at:], False)]

    def share_new(self, texts: Sequence[str]) -> float:
        """Return the share of texts with a word that is in no training line."""
        return sum(bool(self.new_words(text)) for text in texts) / len(texts)

    def share_unknown(self, texts: Sequence[str], lexicon: Lexicon) -> float:
        """Return the share of texts with a word in no training line and in no lexicon."""
        unknown = (any(not lexicon(word) for word in self.new_words(text)) for text in texts)
        return sum(unknown) / len(texts)


def unseen_pairs(texts: Iterable[str], lines: Iterable[str]) -> float:
    """Return the share of pairs of neighbours in texts that no line has.

    Neighbours are words, numbers and punctuation marks, case aside; a text's beginning and its end
    count as neighbours too.
    """
    seen = {pair for line in lines for pair in _pairs(line)}
    pairs = [pair for text in texts for pair in _pairs(text)]
    return sum(pair not in seen for pair in pairs) / len(pairs)


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    parts = ["", *_PART.findall(text.casefold()), ""]
    return itertools.pairwise(parts)
