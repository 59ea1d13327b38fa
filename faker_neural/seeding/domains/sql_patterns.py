"""Converts SQL patterns to Python regular expressions of the same meaning."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # as in _constraints/pattern.py
from typing import Any

__all__ = ["glob_regex", "like_regex", "negative_search", "not_glob_regex", "search_regex"]

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
    text = _with_python_classes(text, ignore_case)
    if (nodes := _parsed(text)) is None:
        return None
    begins, ends = nodes[:1] == [_BEGIN], nodes[-1:] == [_END]
    inner = text[begins : len(text) - ends]
    if (nodes := _parsed(inner)) is None or not _REGULAR.issuperset(_kinds(nodes)):
        return None
    if ignore_case or "|" in inner:
        inner = f"(?{'i' * ignore_case}:{inner})"
    return f"{'' if begins else _ANY + '*'}{inner}{'' if ends else _ANY + '*'}"


# An escaped character, or a bracket expression with its ^ and its content.
_BRACKET = re.compile(r"\\[\s\S]|\[(\^?)(\]?(?:\[[:.=][^]]*\]|\\[\s\S]|[^]\\])*)\]")
_POSIX = re.compile(r"\[:([a-z]+):\]")
_ASCII = [*map(chr, range(32, 127)), "\t", "\n"]
_CLASSES = {
    "alnum": "A-Za-z0-9",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "word": r"A-Za-z0-9_",
    "xdigit": "0-9A-Fa-f",
}
# In [^...], the classes that in Python have at least the characters that a database may count.
_WIDE = {"blank": r"\s", "digit": r"\d", "space": r"\s", "xdigit": r"\dA-Fa-f"}


def _with_python_classes(text: str, ignore_case: bool) -> str:
    """Replace POSIX classes such as [:digit:] by the ASCII characters that surely belong to them.

    A bracket expression with an unknown class stays as it is, and `_parsed` refuses it.
    """
    return _BRACKET.sub(lambda found: _python_bracket(found, ignore_case), text)


def _python_bracket(found: re.Match[str], ignore_case: bool) -> str:
    inner = found[2] or ""
    names = _POSIX.findall(inner)
    if not names or not _CLASSES.keys() >= set(names):
        return found[0]
    if not found[1] or _WIDE.keys() >= set(names):
        classes = _WIDE if found[1] else _CLASSES
        return f"[{found[1]}{_POSIX.sub(lambda one: classes[one[1]], inner)}]"
    # a database may count any letter beyond ASCII to a class, so only ASCII is left
    excluded = f"[{_POSIX.sub(lambda one: _CLASSES[one[1]], inner)}]"
    flags = re.IGNORECASE if ignore_case else 0
    left = [one for one in _ASCII if not re.fullmatch(excluded, one, flags)]
    return f"[{''.join(map(re.escape, left))}]"


_SINGLE = re.compile(r"(\^?)(?:\[(\^?)((?:\[:[a-z]+:\]|\\[\s\S]|[^]\\[])+)\]|(\\[dsw]))\+?")


def negative_search(text: str) -> str | None:
    """Convert a regular expression that must not match to one that must.

    Args:
        text: the regular expression of the database: a single character class, which the text
            must not contain, or with which it must not begin.

    Returns:
        A regular expression of the database; None for other expressions.
    """
    if (found := _SINGLE.fullmatch(text)) is None:
        return None
    begins, negated, inner, escape = found.groups()
    kept = f"[{'' if negated else '^'}{inner or escape}]"
    return f"^({kept}{_ANY}*)?$" if begins else f"^{kept}*$"


def _parsed(text: str) -> list[Any] | None:
    """Return the parsed nodes; None if the meaning in Python may differ from the database's."""
    if any(re.search(r"\[[:.=]", found[2] or "") for found in _BRACKET.finditer(text)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns of sets in sets
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
