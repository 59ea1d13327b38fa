"""The tokens of a model: strings, learned from a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import tokenizers

__all__ = ["BOUNDARY", "extend_tokens", "learn_tokens"]

BOUNDARY = ""
"""Token 0 of a trained model: as input it starts a text, as output it ends one. It is empty."""

_WORD = r" ?\w+| ?[^\w\s]+|\s"  # a word keeps the space before it


def learn_tokens(
    kind: str,
    lines: Sequence[str],
    held_out: Sequence[str],
    vocabulary: int,
    *,
    boundary: bool = True,
) -> tuple[str, ...]:
    """Choose the tokens for a column.

    Args:
        kind: "char" for the characters. "word" for the characters and the words that occur at
            least twice, the most frequent first. "piece" for the characters and the sequences that
            byte-pair encoding merges.
        lines: the training lines; words and pieces come only from these.
        held_out: the held-out lines; their characters are tokens too.
        vocabulary: the most tokens with "word" and "piece", boundary and characters included. All
            characters are tokens, even if there are more.
        boundary: whether token 0 is the boundary of values; running text has no boundary.

    Returns:
        The boundary if wanted, the characters in order, then the words or pieces.

    Source of "piece": Sennrich, Haddow and Birch, "Neural machine translation of rare words with
    subword units", 2016, by the `tokenizers` library.
    """
    characters = sorted(set().union(*lines, *held_out))
    first = [BOUNDARY] if boundary else []
    room = max(0, vocabulary - len(characters) - len(first))
    longer = {"char": _nothing, "word": _words, "piece": _pieces}[kind](lines, characters, room)
    return (*first, *characters, *longer)


def extend_tokens(tokens: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Return the tokens, followed by the new tokens of `more` in sorted order.

    Args:
        tokens: the tokens in the order of their ids; they keep their ids.
        more: other tokens, which may repeat some of `tokens`.
    """
    return (*tokens, *sorted(set(more).difference(tokens)))


def _nothing(lines: Sequence[str], characters: list[str], room: int) -> list[str]:
    return []


def _words(lines: Sequence[str], characters: list[str], room: int) -> list[str]:
    counts = Counter(word for line in lines for word in re.findall(_WORD, line))
    frequent = sorted(
        (word for word, count in counts.items() if count > 1 and len(word) > 1),
        key=lambda word: (-counts[word], word),
    )
    return frequent[:room]


def _pieces(lines: Sequence[str], characters: list[str], room: int) -> list[str]:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(
        tokenizers.Regex(_WORD), behavior="isolated"
    )
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=len(characters) + room,
        initial_alphabet=characters,
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    ids = tokenizer.get_vocab()
    return sorted((token for token in ids if len(token) > 1), key=ids.__getitem__)
