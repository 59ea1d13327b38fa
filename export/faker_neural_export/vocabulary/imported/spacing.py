"""The separator of words: the white space that joins the tokens of a text."""

from __future__ import annotations

from collections.abc import Sequence

from .listed import ListedTokens

__all__ = ["CLOSING", "find_separator", "with_separator"]

CLOSING = frozenset("!%),.:;?]}'")
"""Punctuation that stands behind a word without a space."""

_PIECES = ("##", "\u2581", "\u0120")  # of WordPiece, SentencePiece and GPT-2: pieces of words


def find_separator(listed: ListedTokens) -> str:
    """Return the separator of the tokens: white space if they are words, else "".

    If the file does not say whether they are words, they are words if most tokens with a letter
    have several characters and no token begins or ends with a space.

    Args:
        listed: the tokens.
    """
    if listed.are_words is not None:
        return listed.split if listed.are_words else ""
    tokens = [token for token in listed.tokens if token not in ("", "\n", listed.unknown)]
    if any(token != token.strip() or token.startswith(_PIECES) for token in tokens):
        return ""
    spelled = [token for token in tokens if any(map(str.isalpha, token))]
    return " " if sum(len(token) > 1 for token in spelled) > len(spelled) / 2 else ""


def with_separator(tokens: Sequence[str], separator: str) -> tuple[str, ...]:
    """Put the separator before each token, but for white space and closing punctuation.

    Args:
        tokens: the string of each id.
        separator: white space, or "" for none.
    """
    return tuple(
        token if not token.strip() or token in CLOSING else separator + token for token in tokens
    )
