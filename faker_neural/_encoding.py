"""Encoders from text to the token ids of a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain

from ._model_file.card import Card
from ._model_file.row_columns import marker, split_row

__all__ = ["Encoder", "RowEncoder", "WordEncoder", "encoder_of", "is_word", "split"]

MAX_PHRASE_WORDS = 4

_LETTERS = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*"
_TOKEN = re.compile(
    rf" ?{_LETTERS}"  # a word, with the space before it if any
    r"| ?\d{1,2}(?!\d)| ?\d|\d"  # a number of one or two digits, or the digits of a longer one
    r"| ?[^\w\s]|_|\s"
)


def encoder_of(card: Card) -> Callable[[str], list[int]]:
    """Return the encoder of a model's texts; it raises ValueError as `Encoder` does.

    Args:
        card: the model's card.
    """
    words = WordEncoder(card.tokens, card.pieces) if card.pieces else Encoder(card.tokens)
    return RowEncoder(words, card.tokens) if card.columns else words


def split(text: str) -> list[str]:
    """Split a text into words, numbers and punctuation; the parts joined are the text.

    Args:
        text: any text.
    """
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Return whether a token is a word of two or more characters that starts with a letter.

    Args:
        token: a part of a text, as `split` returns it.
    """
    letters = token.strip()
    return len(letters) > 1 and letters[0].isalpha()


class Encoder:
    """Encodes text as token ids; at each position the longest token that fits is used.

    Args:
        tokens: the string of each id; an empty string never fits.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._ids = {token: i for i, token in enumerate(tokens) if token}
        self._lengths = sorted({len(token) for token in self._ids}, reverse=True)

    def __call__(self, text: str) -> list[int]:
        """Encode a text.

        Args:
            text: the text; the empty text has no ids.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        ids, position = [], 0
        while position < len(text):
            for length in self._lengths:
                token = text[position : position + length]
                if token in self._ids:
                    ids.append(self._ids[token])
                    position += len(token)
                    break
            else:
                raise ValueError(f"no token fits the character {text[position]!r}")
        return ids


class WordEncoder:
    """Encodes text as token ids: phrases and words as one token, other words as pieces.

    Args:
        tokens: the string of each id.
        pieces: the number of pieces; they are the last tokens.
    """

    def __init__(self, tokens: Sequence[str], pieces: int) -> None:
        self.ids = {token: i for i, token in enumerate(tokens) if token}
        spelling = {token for token in tokens if len(token) == 1}.union(
            tokens[len(tokens) - pieces :]
        )
        self._pieces = Encoder([token if token in spelling else "" for token in tokens])
        self._phrases = frozenset(token for token in tokens if len(split(token)) > 1)
        self._spelled: dict[str, tuple[int, ...]] = {}

    def __call__(self, text: str) -> list[int]:
        """Encode a text; a word that is not a token is spelled.

        Args:
            text: the text.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        ids: list[int] = []
        for token in self.parts(text):
            ids += [self.ids[token]] if token in self.ids else self.spell(token)
        return ids

    def parts(self, text: str) -> list[str]:
        """Split a text into phrases and words, the longest phrase that fits first.

        Args:
            text: the text.
        """
        words, parts = split(text), list[str]()
        while words:
            counts = range(min(MAX_PHRASE_WORDS, len(words)), 1, -1)
            fits = (count for count in counts if "".join(words[:count]) in self._phrases)
            count = next(fits, 1)
            parts.append("".join(words[:count]))
            words = words[count:]
        return parts

    def spell(self, word: str) -> tuple[int, ...]:
        """Encode a word as pieces and single characters, the longest that fits first.

        Args:
            word: a word, with the space before it if any.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        if word not in self._spelled:
            self._spelled[word] = tuple(self._pieces(word))
        return self._spelled[word]


class RowEncoder:
    """Encodes the text of a row: a value that is a token, or a marker and the tokens of a text.

    Args:
        encoder: encodes the values that are not a token.
        tokens: the string of each id. The token of a value begins with the marker of its column.
    """

    def __init__(self, encoder: Callable[[str], list[int]], tokens: Sequence[str]) -> None:
        self._encoder = encoder
        self._ids = {token: i for i, token in enumerate(tokens) if token}

    def __call__(self, text: str) -> list[int]:
        """Encode the text of a row or of some of its columns.

        Args:
            text: see `row_columns`.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        return [*chain.from_iterable(self.column(i, value) for i, value in split_row(text))]

    def column(self, column: int, value: str) -> list[int]:
        """Encode the value of one column.

        Args:
            column: the index of the column.
            value: the value.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        token = self._ids.get(marker(column) + value)
        return self.spell(column, value) if token is None else [token]

    def spell(self, column: int, value: str) -> list[int]:
        """Encode the value of one column as a marker and the tokens of a text.

        Args:
            column: the index of the column.
            value: the value.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        return [self._ids[marker(column)], *self._encoder(value)]
