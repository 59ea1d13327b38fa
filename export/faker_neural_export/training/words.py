"""Words as tokens: a column's words, and pieces to spell the words that are rare.

A spelled word inside a text is a space and then pieces; no other token follows a space by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import tokenizers

from faker_neural_export._tokens import Encoder

__all__ = [
    "PIECE",
    "WORD_AFTER_SPACE",
    "WordEncoder",
    "is_word",
    "kind_of",
    "learn_words",
    "rare_words",
    "split",
]

_LETTERS = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*"
_TOKEN = re.compile(
    rf" ?{_LETTERS}"  # a word, with the space before it
    r"| ?\d{1,2}(?!\d)| ?\d|\d"  # a number of one or two digits, or the digits of a longer one
    r"| ?[^\w\s]|_|\s"
)


WORD_AFTER_SPACE, PIECE = 3, 4
"""Kinds of tokens; see `kind_of`."""


def kind_of(token: str) -> int:
    """Return the kind of a token that is no piece: 0 to 3, by letters and the space before."""
    return 2 * token.startswith(" ") + any(map(str.isalpha, token))


_OFTEN = 3  # times


def split(text: str) -> list[str]:
    """Split a text into words, numbers and punctuation; joined they are the text."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Tell whether a token is a word of two letters or more, not punctuation or a number."""
    letters = token.strip()
    return len(letters) > 1 and letters[0].isalpha()


def learn_words(
    lines: Sequence[str], characters: Iterable[str], *, vocabulary: int, pieces: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose the words and the pieces of a column.

    Pieces are learned from the distinct words, each counted once: the words that need spelling
    are rare.

    Args:
        lines: what is learned from.
        characters: of all lines; each is a piece.
        vocabulary: tokens in all, at most; the characters are always there.
        pieces: how many of them are pieces, at most.

    Returns:
        The words, each with the space before it, the most frequent first, and the characters that
        are no letters; then the pieces, of which every letter is one.

    Source of the pieces: Sennrich, Haddow and Birch, "Neural machine translation of rare words
    with subword units", 2016, by the `tokenizers` library.
    """
    counts = Counter(token for line in lines for token in split(line))
    alphabet = sorted(set(characters))
    letters = [character for character in alphabet if character.isalpha()]
    room = max(vocabulary - max(pieces, len(alphabet)), 0)
    ordered = sorted(counts, key=lambda token: (-counts[token], token))
    words = [token for token in ordered if len(token) > 1][:room]
    merged = _merged([token.strip() for token in ordered if is_word(token)], letters, pieces)
    words += [character for character in alphabet if not character.isalpha()]
    known = set(words)
    return tuple(words), tuple(piece for piece in (*letters, *merged) if piece not in known)


def rare_words(lines: Iterable[str]) -> frozenset[str]:
    """Find the words of a column that occur once or twice."""
    counts = Counter(token for line in lines for token in split(line))
    return frozenset(token for token, count in counts.items() if count < _OFTEN and is_word(token))


def _merged(words: Sequence[str], letters: Sequence[str], size: int) -> list[str]:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=max(size, len(letters)),
        initial_alphabet=[*letters],
        min_frequency=3,
        max_token_length=6,
        show_progress=False,
    )
    tokenizer.train_from_iterator(dict.fromkeys(words), trainer)
    ids = tokenizer.get_vocab()
    return sorted((token for token in ids if len(token) > 1), key=ids.__getitem__)


class WordEncoder:
    """Text to token ids: whole words, and words spelled in pieces.

    Args:
        tokens: the string of each id.
        pieces: how many of them, at the end, are pieces.
    """

    def __init__(self, tokens: Sequence[str], pieces: int) -> None:
        self._ids = {token: i for i, token in enumerate(tokens) if token}
        spelling = {token for token in tokens if len(token) == 1}.union(
            tokens[len(tokens) - pieces :]
        )
        self._pieces = Encoder([token if token in spelling else "" for token in tokens])
        self._spelled: dict[str, tuple[int, ...]] = {}

    def __call__(self, text: str) -> list[int]:
        """Encode a text, each word as itself where it is a token.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        ids: list[int] = []
        for token in split(text):
            ids += [self._ids[token]] if token in self._ids else self.spell(token)
        return ids

    def spelled(
        self, text: str, rare: Collection[str], share: float, draw: np.random.Generator
    ) -> list[int]:
        """Encode a text, a share of its rare words by pieces.

        Args:
            text: of characters that are tokens.
            rare: words that may be spelled though they are tokens.
            share: of them, 0 to 1.
            draw: chooses them.
        """
        ids: list[int] = []
        for token in split(text):
            whole = token in self._ids and not (token in rare and draw.random() < share)
            ids += [self._ids[token]] if whole else self.spell(token)
        return ids

    def spell(self, word: str) -> tuple[int, ...]:
        """Encode a word by pieces, the longest that fits first."""
        if word not in self._spelled:
            self._spelled[word] = tuple(self._pieces(word))
        return self._spelled[word]
