"""Converts SQL patterns to Python regular expressions of the same meaning."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # as in _constraints/pattern.py
from typing import Any

__all__ = ["glob_regex", "like_regex", "not_glob_regex", "search_regex"]

_ANY = r"[\s\S]"  # any character, line breaks included

_REGULAR = {
    _constants.LITERAL,
    _constants.NOT_LITERAL,
    _constants.ANY,
    _constants.IN,
    _constants.BRANCH,
    _constants.SUBPATTERN,
    _constants.MAX_REPEAT,
    _constants.MIN_REPEAT,
}
_BEGIN = (_constants.AT, _constants.AT_BEGINNING)
_END = (_constants.AT, _constants.AT_END)


def search_regex(text: str, ignore_case: bool) -> str | None:
    """Convert a regular expression that may match anywhere to one for the whole text.

    Args:
        text: the regular expression of the database.
        ignore_case: whether case is ignored.

    Returns:
        A regular expression for `re.fullmatch`; None if its meaning in Python may differ.
    """
    if (nodes := _parsed(text)) is None:
        return None
    begins, ends = nodes[:1] == [_BEGIN], nodes[-1:] == [_END]
    inner = text[begins : len(text) - ends]
    if (nodes := _parsed(inner)) is None or not _REGULAR.issuperset(_kinds(nodes)):
        return None
    if ignore_case or "|" in inner:
        inner = f"(?{'i' * ignore_case}:{inner})"
    return f"{'' if begins else _ANY + '*'}{inner}{'' if ends else _ANY + '*'}"


def _parsed(text: str) -> list[Any] | None:
    """Return the parsed nodes; None if the meaning in Python may differ from the database's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns of [[:alpha:]] and the like
            tree = _parser.parse(text)
    except (re.error, Warning, RecursionError, OverflowError):
        return None
    return list(tree) if tree.state.flags == re.UNICODE else None


def _kinds(nodes: Iterable[Any]) -> Iterator[Any]:
    for kind, value in nodes:
        yield kind
        if kind is _constants.BRANCH:
            for branch in value[1]:
                yield from _kinds(branch)
        elif isinstance(value, tuple):  # the content of a group or repetition comes last
            yield from _kinds(value[-1])


def like_regex(text: str, escape: str, ignore_case: bool) -> str | None:
    """Convert a LIKE pattern to a regular expression.

    Args:
        text: the pattern.
        escape: the escape character, "" for none.
        ignore_case: whether the case of ASCII letters is ignored.

    Returns:
        A regular expression for `re.fullmatch`.
    """
    made, letters = [], iter(text)
    for letter in letters:
        if letter == escape:
            made.append(_letter(next(letters, ""), ignore_case))
        else:
            wild = {"%": f"{_ANY}*", "_": _ANY}.get(letter)
            made.append(wild or _letter(letter, ignore_case))
    return "".join(made)


def _letter(letter: str, ignore_case: bool) -> str:
    if ignore_case and letter.isascii() and letter.isalpha():
        return f"[{letter.upper()}{letter.lower()}]"
    return re.escape(letter)


def glob_regex(text: str) -> str | None:
    """Convert a pattern of SQLite's GLOB to a regular expression.

    Args:
        text: the pattern.

    Returns:
        A regular expression for `re.fullmatch`; None if the pattern cannot be converted.
    """
    made = []
    for piece in re.findall(r"\[\^?\]?[^]]*\]|[\s\S]", text):
        if piece == "[":
            return None  # an unclosed bracket matches nothing
        made.append({"*": f"{_ANY}*", "?": _ANY}.get(piece) or _globbed_class(piece))
    pattern = "".join(made)
    return None if _parsed(pattern) is None else pattern


def _globbed_class(piece: str) -> str:
    if len(piece) == 1:
        return re.escape(piece)
    negated = piece[1] == "^"
    inner = re.sub(r"([\\\[\]])", r"\\\1", piece[1 + negated : -1])
    return f"[{'^' * negated}{inner}]"


def not_glob_regex(text: str, ignore_case: bool) -> str | None:
    """Convert a pattern of NOT GLOB to a regular expression.

    Args:
        text: the pattern that must not match; only the form *[^0-9]* can be converted.
        ignore_case: has no effect; GLOB always respects case.

    Returns:
        A regular expression for `re.fullmatch`; None if the pattern cannot be converted.
    """
    inner = text.removeprefix("*[^").removesuffix("]*")
    if len(text) != len(inner) + 5 or "]" in inner:
        return None
    pattern = glob_regex(f"[{inner}]")
    return None if pattern is None else f"{pattern}*"
