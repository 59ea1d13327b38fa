"""Texts written with the tokens of a model: what it has no token for is replaced or left out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .listed import ListedTokens
from .spacing import with_separator

__all__ = ["TextWriter"]

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4\u2032`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
        "\t": " ",
        "\r": "\n",
        "\n": " ",
    }
)
_PART = re.compile(r"\w+(?:'\w+)*|[^\w\s]")
_SPECIAL = re.compile(r"[<\[({].+[>\])}]")
_SHOWN = 3


class TextWriter:
    """Writes texts so that the encoder of a model's card can read them.

    Args:
        listed: the tokens.
        separator: the white space before each word, or "".

    Attributes:
        replaced: how often each character became another text.
        left_out: how often each character or word without a token was left out.
        unknown: how often each word became the token for unknown words.
    """

    def __init__(self, listed: ListedTokens, separator: str) -> None:
        tokens = [t for t in listed.tokens if t != listed.unknown and not _SPECIAL.fullmatch(t)]
        self._separator, self._filters = separator, listed.filters or ""
        spaced = with_separator(listed.tokens, separator)
        self._spaced = dict(zip(listed.tokens, spaced, strict=True))
        self._unknown = self._spaced.get(listed.unknown or "", "")
        self._known = set("".join(tokens))
        self._lower = listed.lower or not any(token != token.lower() for token in tokens)
        self.replaced = Counter[tuple[str, str]]()
        self.left_out, self.unknown = Counter[str](), Counter[str]()

    def write(self, text: str) -> str:
        """Return a text of the model's tokens.

        Characters without a token are replaced by lower case, by a straight quote or by the letter
        without its accent, or else left out. With a separator, the text is split into words, which
        are joined with the separator before each of them.

        Args:
            text: the text.
        """
        text = text.lower() if self._lower else text
        if self._separator:
            return "".join(self._words(text))
        if set(text) <= self._known:
            return text
        return "".join(map(self._character, text))

    def _character(self, character: str) -> str:
        if character in self._known:
            return character
        for other in _others(character):
            if other and set(other) <= self._known:
                self.replaced[character, other] += 1
                return other
        self.left_out[character] += 1
        return ""

    def _words(self, text: str) -> Iterator[str]:
        text = text.translate(dict.fromkeys(map(ord, self._filters), " "))
        breaks = r"\n|" if "\n" in self._spaced else ""
        for chunk in re.findall(rf"{breaks}\S+", text):
            if chunk in self._spaced:
                yield self._spaced[chunk]
            else:
                yield from map(self._word, _PART.findall(chunk.translate(_PLAIN)))

    def _word(self, word: str) -> str:
        for other in (word, *_others(word)):
            if other in self._spaced:
                return self._spaced[other]
        if not any(map(str.isalnum, word)):
            return ""  # punctuation, which a Tokenizer drops
        (self.unknown if self._unknown else self.left_out)[word] += 1
        return self._unknown

    def note(self, name: str, lines: int = 0) -> str:
        """Return a line that says what was replaced and what was left out; "" if nothing was.

        Args:
            name: the name of the texts.
            lines: how many lines were left out, because of what was left out of them.
        """
        kind = "words" if self._separator else "characters"
        left_out = f"{kind} without a token left out"
        if lines:
            left_out = f"{kind} without a token, and so {lines:,} lines, left out"
        said = [
            _counted(self.replaced, f"{kind} written as others"),
            _counted(self.unknown, f"{kind} read as {self._unknown.strip()}"),
            _counted(self.left_out, left_out),
        ]
        return f"{name}: {'; '.join(filter(None, said))}" if any(said) else ""


def _counted(counts: Counter[Any], what: str) -> str:
    """Return a number and what is counted, with the most frequent ones; "" for none."""
    if not counts:
        return ""
    frequent = [found for found, _ in counts.most_common(_SHOWN)]
    shown = [" as ".join(map(repr, x)) if isinstance(x, tuple) else repr(x) for x in frequent]
    more = ", ..." if len(counts) > _SHOWN else ""
    return f"{counts.total():,} {what} ({', '.join(shown)}{more})"


def _others(text: str) -> Iterator[str]:
    """Yield texts that may stand for a text that is no token, the nearest first."""
    yield from (text.lower(), text.upper())
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    yield from (plain, plain.lower(), plain.upper())
