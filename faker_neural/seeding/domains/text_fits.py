"""The limits of a text column: characters, bytes and character set."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from faker_neural._constraints.rejection import truncate_at_word

__all__ = ["TextLimits", "codec"]

_MYSQL = {"latin1": "cp1252", "utf8": "bmp", "utf8mb3": "bmp", "utf8mb4": "utf-8", "ucs2": "bmp"}
_POSTGRESQL = {"SQL_ASCII": "utf-8", "UTF8": "utf-8", "LATIN1": "iso8859-1"}


def codec(charset: str) -> str:
    """Return the codec of a database's character set.

    Args:
        charset: the database's name of the character set, such as "utf8mb4" or "LATIN1".

    Returns:
        The name of a Python codec, or "bmp" for Unicode up to U+FFFF; "ascii" for an unknown
        character set.
    """
    name = _MYSQL.get(charset) or _POSTGRESQL.get(charset) or charset.replace("WIN", "cp")
    if name == "bmp":
        return name
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "ascii"


@dataclass(frozen=True, slots=True)
class TextLimits:
    """The limits of a text column.

    Args:
        characters: the largest number of characters; None for no limit.
        max_bytes: the largest number of bytes in `encoding`; None for no limit.
        encoding: the codec of the column's character set, as `codec` returns it.
    """

    characters: int | None = None
    max_bytes: int | None = None
    encoding: str = "utf-8"

    def __str__(self) -> str:
        rooms = [f"{self.characters} characters"] if self.characters is not None else []
        rooms += [f"{self.max_bytes} bytes"] if self.max_bytes is not None else []
        return f"{' and '.join(rooms) or 'the column'} of {self.encoding}"

    def holds(self, text: str) -> bool:
        """Return whether a text fits.

        Args:
            text: the text to check.
        """
        if self.characters is not None and len(text) > self.characters:
            return False
        encoded = self._encoded(text)
        return encoded is not None and (self.max_bytes is None or len(encoded) <= self.max_bytes)

    def cut(self, text: str) -> str:
        """Return a text that fits, cut from a longer one; "" if none fits.

        Characters outside the character set are dropped. The rest is cut at the end of the last
        whole word that fits, or within a word if no whole word fits.

        Args:
            text: the text to cut.
        """
        text = "".join(filter(self._has, text))
        while text and not self.holds(text):
            most = min(self.characters or len(text), len(text) - 1)
            text = truncate_at_word(text, most) or text[:most].rstrip()
        return text

    def guaranteed_characters(self, alphabet: Iterable[str]) -> int | None:
        """Return how many characters of an alphabet always fit; None for no limit.

        Args:
            alphabet: the characters that a text may contain.
        """
        if self.max_bytes is None:
            return self.characters
        widest = max((len(self._encoded(one) or b"") for one in alphabet), default=1) or 1
        return min(self.max_bytes // widest, self.characters or self.max_bytes)

    def allowed(self, alphabet: Iterable[str]) -> str | None:
        """Return the letters of an alphabet that the character set has; None if it has all.

        Args:
            alphabet: the characters that a text may contain.
        """
        letters = sorted(set(alphabet))
        kept = [letter for letter in letters if self._has(letter)]
        return None if len(kept) == len(letters) else "".join(kept)

    def _has(self, character: str) -> bool:
        return character != "\0" and self._encoded(character) is not None

    def _encoded(self, text: str) -> bytes | None:
        if "\0" in text or (self.encoding == "bmp" and any(c > "\uffff" for c in text)):
            return None
        try:
            return text.encode("utf-8" if self.encoding == "bmp" else self.encoding)
        except UnicodeEncodeError:
            return None
