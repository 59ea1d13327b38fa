"""Tokens as a script lists them: a list, an object of token to id, or Keras' Tokenizer."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from faker_neural import ConversionError

__all__ = ["ListedTokens", "parse_tokens"]

_RULE = "must hold a list of tokens, or an object of token to id"
_DEEPEST = 4  # objects around a table of tokens
_MOST_DIGITS = 9  # of an id
_FIRST_IDS = 4  # where a bare word such as PAD has its special meaning
_UNKNOWN = re.compile(r"[<\[({|_]+(?i:unk|oov|unknown)[>\])}|_]+|UNK|OOV")
_START = re.compile(r"[<\[({|_]+(?i:s|start|sos|bos|go)[>\])}|_]+|startseq|(?i:sos|bos)")
_END = re.compile(r"[<\[({|_]+(?i:/s|end|eos|stop)[>\])}|_]+|endseq|(?i:eos)")
_PADDING = re.compile(r"[<\[({|_]+(?i:pad|padding)[>\])}|_]+|PAD")


@dataclass(frozen=True, slots=True)
class ListedTokens:
    """The tokens of a model trained elsewhere.

    Args:
        source: the file that lists them, for messages.
        tokens: the string of each id; "" for id 0 if the ids begin at 1, and for padding.
        first: the first id that is listed, 0 or 1; None for a list, which has no ids.
        are_words: whether the tokens are words; None if that is not said.
        lower: whether texts become lower case before they are split into words.
        filters: characters that texts lose before they are split; None if that is not said.
        split: white space between words.
        num_words: Keras' `num_words`: only lower ids are used. None for all ids.
        unknown: the token for unknown words, or None.
        start: the token that begins texts, such as "<start>", if there is one that ends them too.
        end: the token that ends texts, such as "<end>".
        masked: ids that are never drawn.
    """

    source: str
    tokens: tuple[str, ...]
    first: int | None = None
    are_words: bool | None = None
    lower: bool = False
    filters: str | None = None
    split: str = " "
    num_words: int | None = None
    unknown: str | None = None
    start: str | None = None
    end: str | None = None
    masked: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return PurePath(self.source).name

    @property
    def never_drawn(self) -> tuple[int, ...]:
        """The ids in `masked`, and those of the tokens for unknown words and the start, sorted."""
        special = {i for i, token in enumerate(self.tokens) if token in (self.unknown, self.start)}
        return tuple(sorted(self.masked | special))


def parse_tokens(path: str | os.PathLike[str], found: object) -> ListedTokens:
    """Return tokens in the order of their ids.

    Args:
        path: the file that errors name.
        found: a list of tokens, a mapping of token to id or of id to token, Keras' Tokenizer as
            `to_json` writes it or as `vars` shows it, or a mapping with one of these inside. JSON
            text in the place of any of them is read.

    Raises:
        ConversionError: there are no tokens, or tokens of several kinds; a token occurs twice or
            is not Unicode text; or the ids have gaps.
    """
    listed = _parse(os.fspath(path), found, _DEEPEST)
    _check(listed)
    padding = _named(listed.tokens, _PADDING)
    if padding and "" not in listed.tokens:
        tokens = tuple("" if token == padding else token for token in listed.tokens)
        listed = replace(listed, tokens=tokens)
    unknown = listed.unknown or _named(listed.tokens, _UNKNOWN)
    start, end = (_named(listed.tokens, name) for name in (_START, _END))
    if start is None or end is None:
        start = end = None
    return replace(listed, unknown=unknown, start=start, end=end)


def _named(tokens: Sequence[str], name: re.Pattern[str]) -> str | None:
    """Return the token that has a name in brackets, or without among the first tokens."""
    found = (
        token
        for i, token in enumerate(tokens)
        if name.fullmatch(token) and (i < _FIRST_IDS or not token.isalpha() or "seq" in token)
    )
    return next(found, None)


def _parse(source: str, found: object, depth: int) -> ListedTokens:
    found = _decoded(found)
    if isinstance(found, Mapping) and depth:
        if "word_index" in found and not _is_table(found):
            return _of_tokenizer(source, found)
        if found and not _is_table(found):
            return _inside(source, found, depth - 1)
    if isinstance(found, Mapping) and _is_table(found):
        return _of_table(source, found)
    if isinstance(found, list | tuple) and depth and any(isinstance(x, Mapping) for x in found):
        return _inside(source, dict(enumerate(found)), depth - 1)
    if not isinstance(found, list | tuple) or not all(isinstance(t, str) for t in found):
        raise ConversionError(source, _RULE)
    return ListedTokens(source, tuple(found))


def _decoded(found: object) -> object:
    """Return the value of JSON text inside JSON; any other value as it is."""
    if isinstance(found, str) and found.lstrip()[:1] in ("{", "[", '"'):
        try:
            return _decoded(json.loads(found))
        except (ValueError, RecursionError):
            pass
    return found


def _is_table(found: Mapping[str, object]) -> bool:
    return all(type(value) in (int, str) for value in found.values())


def _of_tokenizer(source: str, config: Mapping[str, object]) -> ListedTokens:
    """Read Keras' Tokenizer."""
    ids = _decoded(config["word_index"])
    if not isinstance(ids, Mapping) or not _is_table(ids):
        raise ConversionError(source, "holds a word_index that is no object of token to id")
    listed = _of_table(source, ids)
    num_words, unknown, split, filters = map(
        config.get, ("num_words", "oov_token", "split", "filters")
    )
    return replace(
        listed,
        unknown=str(unknown) if unknown in listed.tokens else None,
        are_words=config.get("char_level") is not True,
        lower=config.get("lower") is not False,
        filters=filters if isinstance(filters, str) else None,
        split=split if isinstance(split, str) and split.isspace() else " ",
        num_words=num_words if type(num_words) is int and num_words > 0 else None,
    )


def _inside(source: str, found: Mapping[Any, object], depth: int) -> ListedTokens:
    """Read the tables of tokens inside an object; if there are several, they must agree."""
    tables, problem = dict[object, ListedTokens](), ConversionError(source, _RULE)
    for name, value in found.items():
        value = _decoded(value)
        if value and isinstance(value, Mapping | list | tuple):
            try:
                tables[name] = _parse(source, value, depth)
            except ConversionError as error:
                problem = error
    if not tables:
        raise problem
    # a table with ids says more than a list
    best = max(tables.values(), key=lambda table: (table.first is not None, table.are_words or 0))
    if len({_drawn(table) for table in tables.values()}) > 1:
        names = ", ".join(map(repr, tables))
        raise ConversionError(source, f"holds different tokens in {names}; keep one of them")
    return best


def _drawn(table: ListedTokens) -> tuple[str, ...]:
    return table.tokens[1:] if table.tokens[0] == "" else table.tokens


def _of_table(source: str, found: Mapping[str, object]) -> ListedTokens:
    """Read an object of token to id, or of id to token."""
    if all(type(value) is str for value in found.values()):
        found = _turned(source, found)
    elif not all(type(key) is str for key in found):
        raise ConversionError(source, _RULE)
    tokens = {i: token for token, i in found.items()}
    unique = len(tokens) == len(found)
    first = 0 if 0 in tokens else 1
    if first and "" not in found:
        tokens[0] = ""
    missing = next(i for i in range(len(tokens) + 1) if i not in tokens)
    if not unique or missing < len(tokens):
        rule = "must give each token a different id, from 0 or 1 upwards without gaps"
        where = f", and no token has id {missing}" if unique else ""
        raise ConversionError(source, rule + where)
    return ListedTokens(source, tuple(tokens[i] for i in range(len(tokens))), first)


def _turned(source: str, found: Mapping[str, object]) -> dict[str, int]:
    """Return token to id, from id to token or from token to id in digits."""
    if all(map(_is_id, found)):
        turned = {str(token): int(i) for i, token in found.items()}
        if len(turned) < len(found):
            counts = Counter(found.values())
            raise ConversionError(source, f"holds {counts.most_common(1)[0][0]!r} more than once")
        return turned
    if not all(map(_is_id, found.values())):
        raise ConversionError(source, _RULE)
    return {token: int(str(i)) for token, i in found.items()}


def _is_id(found: object) -> bool:
    """Return whether this is an id in digits."""
    return str(found).isdecimal() and len(str(found)) <= _MOST_DIGITS


def _check(listed: ListedTokens) -> None:
    source, tokens = listed.source, listed.tokens
    if repeated := [token for token, count in Counter(tokens).items() if count > 1]:
        raise ConversionError(source, f"holds {repeated[0]!r} more than once")
    if broken := [token for token in tokens if not _is_unicode(token)]:
        raise ConversionError(source, f"holds {broken[0]!r}, which is not Unicode text")
    if len(tokens) < 2:
        raise ConversionError(source, "holds fewer than two tokens")


def _is_unicode(token: str) -> bool:
    try:
        token.encode()
    except UnicodeEncodeError:
        return False
    return True
