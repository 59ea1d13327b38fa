"""Words as tokens: a column's words, phrases of them, and pieces to spell the words that are rare.

A phrase is words that often stand side by side, such as " peanut butter": drawn at once they are
never torn apart, and a text takes fewer draws. A spelled word inside a text is a space and then
pieces; no other token follows a space by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import tokenizers

from faker_neural_export.vocabulary.tokens import Encoder

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
_LONGEST, _PHRASE_OFTEN = 4, 6  # words of a phrase, and times
_PRIVATE = 0xF0000  # the first of the characters that mean nothing by themselves


def split(text: str) -> list[str]:
    """Split a text into words, numbers and punctuation; joined they are the text."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Tell whether a token is a word of two letters or more, not punctuation or a number."""
    letters = token.strip()
    return len(letters) > 1 and letters[0].isalpha()


def learn_words(
    lines: Sequence[str],
    characters: Iterable[str],
    *,
    vocabulary: int,
    pieces: int,
    phrases: int = 0,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose the words, the phrases and the pieces of a column.

    Pieces are learned from the distinct words, each counted once: the words that need spelling
    are rare.

    Args:
        lines: what is learned from.
        characters: of all lines; each is a piece.
        vocabulary: tokens in all, at most; the characters are always there.
        pieces: how many of them are pieces, at most.
        phrases: how many of them are phrases, at most; never more than a fifth.

    Returns:
        The words, each with the space before it, the most frequent first, the characters that
        are no letters, and the phrases; then the pieces, of which every letter is one.

    Source of pieces and phrases, both merged pair by pair: Sennrich, Haddow and Birch, "Neural
    machine translation of rare words with subword units", 2016, by the `tokenizers` library; of
    tokens of several words: Liu et al., "SuperBPE: space travel for language models", 2025.
    """
    counts = Counter(token for line in lines for token in split(line))
    alphabet = sorted(set(characters))
    letters = [character for character in alphabet if character.isalpha()]
    phrases = min(phrases, vocabulary // 5)
    room = max(vocabulary - max(pieces, len(alphabet)) - phrases, 0)
    ordered = sorted(counts, key=lambda token: (-counts[token], token))
    words = [token for token in ordered if len(token) > 1][:room]
    bare = dict.fromkeys(token.strip() for token in ordered if is_word(token))
    merged = _merged(bare, letters, pieces, length=6, often=_OFTEN)
    words += [character for character in alphabet if not character.isalpha()]
    words += _phrases(lines, words, phrases)
    known = set(words)
    return tuple(words), tuple(piece for piece in (*letters, *merged) if piece not in known)


def rare_words(lines: Iterable[str]) -> frozenset[str]:
    """Find the words of a column that occur once or twice."""
    counts = Counter(token for line in lines for token in split(line))
    return frozenset(token for token, count in counts.items() if count < _OFTEN and is_word(token))


def _phrases(lines: Iterable[str], words: Sequence[str], size: int) -> list[str]:
    """Merge words as letters are merged, each word written as one character; numbers stay out."""
    apart = [word for word in words if not any(map(str.isdigit, word))]
    characters = {word: chr(_PRIVATE + i) for i, word in enumerate(apart)}
    written = ("".join(characters.get(part, "\n") for part in split(line)) for line in lines)
    runs = (run for line in written for run in line.split("\n") if len(run) > 1)
    alphabet = list(characters.values())
    merged = _merged(runs, alphabet, len(alphabet) + size, length=_LONGEST, often=_PHRASE_OFTEN)
    found = ("".join(apart[ord(one) - _PRIVATE] for one in phrase) for phrase in merged)
    known = frozenset(words)
    return [phrase for phrase in dict.fromkeys(found) if phrase not in known]


def _merged(
    texts: Iterable[str], alphabet: list[str], size: int, *, length: int, often: int
) -> list[str]:
    """Return what byte-pair encoding merges, at most `length` characters, the first merge first."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=max(size, len(alphabet)),
        initial_alphabet=alphabet,
        min_frequency=often,
        max_token_length=length,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
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
        self._phrases = frozenset(token for token in tokens if len(split(token)) > 1)
        self._spelled: dict[str, tuple[int, ...]] = {}

    def __call__(self, text: str) -> list[int]:
        """Encode a text, each word as itself where it is a token.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        ids: list[int] = []
        for token in self._parts(text):
            ids += [self._ids[token]] if token in self._ids else self.spell(token)
        return ids

    def encode_for_training(
        self, text: str, rare: Collection[str], share: float, draw: np.random.Generator
    ) -> tuple[list[int], list[bool]]:
        """Encode a text to learn from, a share of its rare words by pieces.

        Of the words that are no tokens only that share is to be learned too: the others are read
        but not aimed at, for a spelled word mostly does not exist when it is drawn.

        Args:
            text: of characters that are tokens.
            rare: words that may be spelled though they are tokens.
            share: of both, 0 to 1.
            draw: chooses them.

        Returns:
            The token ids, and of each whether it is to be learned.
        """
        ids: list[int] = []
        learned: list[bool] = []
        for token in self._parts(text):
            known, chosen = token in self._ids, draw.random() < share
            if known and not (token in rare and chosen):
                ids.append(self._ids[token])
                learned.append(True)
            else:
                pieces = self.spell(token)
                ids += pieces
                learned += [known or chosen] * len(pieces)
        return ids, learned

    def _parts(self, text: str) -> list[str]:
        """Split a text into words and the longest phrases that fit first."""
        words, parts = split(text), list[str]()
        while words:
            counts = range(min(_LONGEST, len(words)), 1, -1)
            fits = (count for count in counts if "".join(words[:count]) in self._phrases)
            count = next(fits, 1)
            parts.append("".join(words[:count]))
            words = words[count:]
        return parts

    def has_all(self, text: str, without: Collection[str] = ()) -> bool:
        """Tell whether every word of a text is a token, and none among some others."""
        return all(token in self._ids and token not in without for token in split(text))

    def spell(self, word: str) -> tuple[int, ...]:
        """Encode a word by pieces, the longest that fits first."""
        if word not in self._spelled:
            self._spelled[word] = tuple(self._pieces(word))
        return self._spelled[word]
