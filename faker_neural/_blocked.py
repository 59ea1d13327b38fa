"""Words that must not occur in a text: the shipped list of offensive words, or other words."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from faker_neural._bounded_files import read_bounded
from faker_neural._errors import OptionError

__all__ = ["OFFENSIVE", "BlockedWords", "word_number"]

OFFENSIVE = "@offensive"
"""The value of `blocked` that stands for the shipped list of offensive words."""

_FILE = Path(__file__).with_name("offensive_words.bin")
"""The number of each word, little-endian uint64, so that nobody has to read the words."""

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")  # with either apostrophe
_MOST_BYTES = 16 * 2**20  # of a file of words
_BETWEEN = r"[^\w\n]+"  # between the words of a phrase


@dataclass(frozen=True)
class BlockedWords:
    """A set of words and phrases; case is ignored.

    Args:
        entries: words and phrases with case folded, with one space between the words of a phrase;
            OFFENSIVE stands for the shipped list.
    """

    entries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, blocked: object) -> BlockedWords:
        """Return the set for a value of the option `blocked`.

        Args:
            blocked: a collection of words and phrases, which may include OFFENSIVE; or OFFENSIVE
                alone; or the path of a file with a word or phrase on each line; or "" for no words.

        Raises:
            OptionError: the value is something else, an entry has no word in it, or the file
                cannot be read.
        """
        if isinstance(blocked, BlockedWords):
            return blocked
        if isinstance(blocked, str | os.PathLike):
            blocked = _of_text(os.fspath(blocked))
        if not isinstance(blocked, Collection):
            rule = f"must be words, a file of them, {OFFENSIVE} or '', not {type(blocked).__name__}"
            raise OptionError("blocked", blocked, rule)
        for one in blocked:
            if not isinstance(one, str):
                raise OptionError("blocked", one, f"must be a word, not {type(one).__name__}")
        found = frozenset(one if one == OFFENSIVE else _folded(one) for one in blocked)
        if "" in found:
            empty = next(one for one in blocked if not _folded(one))
            raise OptionError("blocked", empty, "has no word in it")
        return cls(found)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __contains__(self, text: str) -> bool:
        """Return whether a text contains one of the words or phrases."""
        return self.in_any([text])

    def in_any(self, texts: Iterable[str]) -> bool:
        """Return whether one of the texts contains one of the words or phrases.

        One call for many texts is hardly slower than for a single text.

        Args:
            texts: the texts to search.
        """
        joined = "\n".join(texts).casefold()
        words = set(_WORD.findall(joined))
        if not self._words.isdisjoint(words):
            return True
        if OFFENSIVE in self.entries and any(map(_is_offensive, words)):
            return True
        return any(re.search(phrase, joined) for phrase in self._phrases)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(entry for entry in self.entries if " " not in entry)

    @cached_property
    def _phrases(self) -> list[str]:
        """A pattern for each phrase: its words, with anything but words or a line break between."""
        phrases = sorted(entry.split() for entry in self.entries if " " in entry)
        joined = (_BETWEEN.join(map(re.escape, words)) for words in phrases)
        return [rf"\b{phrase}\b" for phrase in joined]


def word_number(word: str) -> int:
    """Return the number of a word in the shipped list: the first 8 bytes of its SHA-256.

    Args:
        word: the word with case folded.

    Returns:
        0 to 2**64 - 1.
    """
    return int.from_bytes(sha256(word.encode()).digest()[:8])


@lru_cache(maxsize=2**16)
def _is_offensive(word: str) -> bool:
    return word_number(word) in _offensive()


@lru_cache(maxsize=1)
def _offensive() -> frozenset[int]:
    content = _FILE.read_bytes()
    return frozenset(struct.unpack(f"<{len(content) // 8}Q", content))


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


@lru_cache(maxsize=16)
def _of_text(text: str) -> tuple[str, ...]:
    """Return the entries for a value of `blocked` that is text; read a file only once."""
    if text in ("", OFFENSIVE):
        return (text,) if text else ()
    try:
        lines = read_bounded(text, _MOST_BYTES).decode("utf-8-sig").replace("\r", "\n").split("\n")
    except FileNotFoundError:
        rule = f"must be a file of words, {OFFENSIVE} or ''; there is no such file"
        raise OptionError("blocked", text, rule) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise OptionError("blocked", text, f"cannot be read: {reason}") from None
    return tuple(line.strip() for line in lines if line.strip())
