"""Words as tokens: the words of a column, phrases of them, and pieces to spell rare words.

A phrase is a sequence of words that often stand side by side, such as " peanut butter". It is drawn
as one token, so it is never split, and a text takes fewer draws. A spelled word inside a text is a
space token and then pieces. A word that is a token includes the space before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import tokenizers

from faker_neural._encoding import MAX_PHRASE_WORDS, WordEncoder, is_word, split

__all__ = [
    "PIECE",
    "WORD_AFTER_SPACE",
    "TrainingWordEncoder",
    "learn_words",
    "rare_words",
    "token_kind",
]

WORD_AFTER_SPACE, PIECE = 3, 4
"""Kinds of tokens; see `token_kind`."""


def token_kind(token: str) -> int:
    """Return the kind of a token that is not a piece, 0 to 3.

    The kind is 2 if the token starts with a space, plus 1 if it has a letter.

    Args:
        token: the string of the token.
    """
    return 2 * token.startswith(" ") + any(map(str.isalpha, token))


_OFTEN = 3  # occurrences; a word with fewer is rare
_MIN_PHRASE_COUNT = 6  # `Settings.phrases` names it
_PRIVATE = 0xF0000  # the first private-use character, to stand for a word


def learn_words(
    lines: Sequence[str],
    characters: Iterable[str],
    *,
    vocabulary: int,
    pieces: int,
    phrases: int = 0,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose the words, the phrases and the pieces of a column.

    Pieces are learned from the distinct words, each counted once, because the words that need
    spelling are rare.

    Args:
        lines: the training lines.
        characters: the characters of all lines, held-out lines included. Each becomes a token.
        vocabulary: the target number of tokens. The result can be larger, because every character
            becomes a token.
        pieces: the most pieces among the tokens; letters are pieces even if there are more.
        phrases: the most phrases among the tokens; at most a fifth of `vocabulary` is used.

    Returns:
        Two tuples. The first has the words, which are parts of `split` with two or more
        characters, the most frequent first; then the characters that are not letters; then the
        phrases. The second has the pieces, every letter included.

    Sources: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword
    units", 2016, by the `tokenizers` library, for pieces and phrases, which are both merged pair by
    pair; Liu et al., "SuperBPE: space travel for language models", 2025, for tokens of several
    words.
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
    """Return the words of a column that occur once or twice.

    Args:
        lines: the values of the column.
    """
    counts = Counter(token for line in lines for token in split(line))
    return frozenset(token for token, count in counts.items() if count < _OFTEN and is_word(token))


def _phrases(lines: Iterable[str], words: Sequence[str], size: int) -> list[str]:
    """Return phrases without digits, from byte-pair encoding with words as characters."""
    apart = [word for word in words if not any(map(str.isdigit, word))]
    characters = {word: chr(_PRIVATE + i) for i, word in enumerate(apart)}
    written = ("".join(characters.get(part, "\n") for part in split(line)) for line in lines)
    runs = (run for line in written for run in line.split("\n") if len(run) > 1)
    alphabet = list(characters.values())
    merged = _merged(
        runs, alphabet, len(alphabet) + size, length=MAX_PHRASE_WORDS, often=_MIN_PHRASE_COUNT
    )
    found = ("".join(apart[ord(one) - _PRIVATE] for one in phrase) for phrase in merged)
    known = frozenset(words)
    return [phrase for phrase in dict.fromkeys(found) if phrase not in known]


def _merged(
    texts: Iterable[str], alphabet: list[str], size: int, *, length: int, often: int
) -> list[str]:
    """Return the merges of byte-pair encoding, of at most `length` characters, in merge order."""
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


class TrainingWordEncoder(WordEncoder):
    """Encodes training texts, in which a share of the rare words is spelled."""

    def encode_for_training(
        self, text: str, rare: Collection[str], share: float, draw: np.random.Generator
    ) -> tuple[list[int], list[bool]]:
        """Encode a training text, with a share of its rare words spelled.

        A word that is not a token is always spelled, but only the same share of these words is a
        training target. The others are only inputs, because most spelled words that a model draws
        do not exist.

        Args:
            text: a text whose characters are all tokens.
            rare: words to spell sometimes although they are tokens.
            share: the probability that a rare word is spelled, and that a word that is not a token
                is a training target, 0 to 1.
            draw: the random generator.

        Returns:
            The token ids, and for each id whether it is a training target.

        Raises:
            ValueError: no token fits a character; the message names it.
        """
        ids: list[int] = []
        learned: list[bool] = []
        for token in self.parts(text):
            known, chosen = token in self.ids, draw.random() < share
            if known and not (token in rare and chosen):
                ids.append(self.ids[token])
                learned.append(True)
            else:
                pieces = self.spell(token)
                ids += pieces
                learned += [known or chosen] * len(pieces)
        return ids, learned

    def has_all(self, text: str, without: Collection[str] = ()) -> bool:
        """Return whether every word of a text is a token and none of them is excluded.

        Args:
            text: any text.
            without: the excluded words.
        """
        return all(token in self.ids and token not in without for token in split(text))
