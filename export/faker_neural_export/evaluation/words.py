"""New words in texts, and pairs of words that no training line has."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence

__all__ = ["KnownWords", "Lexicon", "Part", "unseen_pairs", "words_of"]

Part = tuple[str, bool]
"""Part of a text, and whether it is a new word."""

Lexicon = Callable[[str], bool]
"""Returns whether a language has a word, which is in lower case."""

_WORD = re.compile(r"[^\W\d_]{3,}(?:['\u2019][^\W\d_]+)*")  # three letters or more
_PART = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """Return the words of three letters or more, in lower case.

    Args:
        text: any text.
    """
    return [word.casefold() for word in _WORD.findall(text)]


class KnownWords:
    """The words of training lines.

    Args:
        lines: the training lines.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._words = frozenset(word for line in lines for word in words_of(line))

    def new_words(self, text: str) -> list[str]:
        """Return the words of a text that are in no training line, in lower case.

        Args:
            text: any text.
        """
        return [word for word in words_of(text) if word not in self._words]

    def marked(self, text: str) -> list[Part]:
        """Split a text into parts, and mark each word that is in no training line.

        Args:
            text: any text.
        """
        parts, at = list[Part](), 0
        for word in _WORD.finditer(text):
            if word.group().casefold() not in self._words:
                parts += [(text[at : word.start()], False), (word.group(), True)]
                at = word.end()
        return [*parts, (text[at:], False)]

    def share_new(self, texts: Sequence[str]) -> float:
        """Return the share of texts with a word that is in no training line.

        Args:
            texts: at least one text.
        """
        return sum(bool(self.new_words(text)) for text in texts) / len(texts)

    def share_unknown(self, texts: Sequence[str], lexicon: Lexicon) -> float:
        """Return the share of texts with a word that is in no training line and not in a lexicon.

        Args:
            texts: at least one text.
            lexicon: returns whether the language has a word.
        """
        unknown = (any(not lexicon(word) for word in self.new_words(text)) for text in texts)
        return sum(unknown) / len(texts)


def unseen_pairs(texts: Iterable[str], lines: Iterable[str]) -> float:
    """Return the share of pairs of neighbours in texts that no line has.

    Neighbours are words, numbers and punctuation marks, regardless of case. The beginning and the
    end of a text count as neighbours too.

    Args:
        texts: at least one text.
        lines: the training lines.
    """
    seen = {pair for line in lines for pair in _pairs(line)}
    pairs = [pair for text in texts for pair in _pairs(text)]
    return sum(pair not in seen for pair in pairs) / len(pairs)


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    parts = ["", *_PART.findall(text.casefold()), ""]
    return itertools.pairwise(parts)
