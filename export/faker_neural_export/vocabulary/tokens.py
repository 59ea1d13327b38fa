"""The tokens of a model: strings, learned from a column or read from a file."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import tokenizers

from faker_neural import ConversionError, MissingFileError

__all__ = ["BOUNDARY", "extend_tokens", "learn_tokens", "read_tokens"]

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


def read_tokens(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Read the tokens of a model trained elsewhere.

    Args:
        path: a JSON file. It holds a list of tokens in the order of their ids, an object of token
            to id, such as Keras' `word_index` or a script's `char_to_int`, or an object of id to
            token. In an object, id 0, which Keras reserves for padding, may be missing; it becomes
            the empty token.

    Returns:
        The tokens in the order of their ids.

    Raises:
        MissingFileError: the file does not exist.
        ConversionError: the file is not JSON or holds neither a list nor an object of this kind, a
            token occurs twice or is not Unicode text, or the ids have gaps.
    """
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such file of tokens") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConversionError(path, f"cannot be read as JSON ({error})") from None
    return parse_tokens(path, found)


def parse_tokens(path: str | os.PathLike[str], found: object) -> tuple[str, ...]:
    """Return tokens in the order of their ids, from a list or from a mapping.

    Args:
        path: the file that the error names.
        found: a list of tokens, or a mapping of token to id or of id to token.

    Raises:
        ConversionError: as in `read_tokens`.
    """
    if isinstance(found, dict):
        found = _by_id(path, found)
    if not isinstance(found, list | tuple) or not all(isinstance(t, str) for t in found):
        raise ConversionError(path, "must hold a list of tokens, or an object of token to id")
    if repeated := [token for token, count in Counter(found).items() if count > 1]:
        raise ConversionError(path, f"holds {repeated[0]!r} more than once")
    if broken := [token for token in found if not _is_unicode(token)]:
        raise ConversionError(path, f"holds {broken[0]!r}, which is not Unicode text")
    return tuple(found)


def _is_unicode(token: str) -> bool:
    try:
        token.encode()
    except UnicodeEncodeError:
        return False
    return True


def _by_id(path: str | os.PathLike[str], ids: dict[str, object]) -> list[str]:
    if not all(isinstance(i, int | str) for i in ids.values()):
        raise ConversionError(path, "must hold a list of tokens, or an object of token to id")
    if all(isinstance(token, str) and str(i).isdecimal() for i, token in ids.items()):
        ids = {str(token): int(i) for i, token in ids.items()}  # it was id to token
    tokens = {i: token for token, i in ids.items()}
    unique = len(tokens) == len(ids)
    if 0 not in tokens and "" not in ids:
        tokens[0] = ""
    if not unique or not _counts_up(tokens):
        raise ConversionError(
            path, "must give each token a different id, from 0 or 1 upwards without gaps"
        )
    return [tokens[i] for i in range(len(tokens))]


def _counts_up(ids: Iterable[object]) -> bool:
    found = list(ids)
    return all(type(i) is int for i in found) and set(found) == set(range(len(found)))
