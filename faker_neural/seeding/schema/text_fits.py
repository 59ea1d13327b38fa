"""What a text must fit into: characters, bytes and a character set."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from faker_neural._constraints.rejection import at_last_word

__all__ = ["Fit", "codec"]

_MYSQL = {"latin1": "cp1252", "utf8": "bmp", "utf8mb3": "bmp", "utf8mb4": "utf-8", "ucs2": "bmp"}
_POSTGRESQL = {"SQL_ASCII": "utf-8", "UTF8": "utf-8", "LATIN1": "iso8859-1"}


def codec(charset: str) -> str:
    """Return the codec of a database's character set; "bmp" is Unicode up to U+FFFF.

    A set that is not known here is taken to hold no more than ASCII.
    """
    name = _MYSQL.get(charset) or _POSTGRESQL.get(charset) or charset.replace("WIN", "cp")
    if name == "bmp":
        return name
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "ascii"


@dataclass(frozen=True, slots=True)
class Fit:
    """A column's room for text.

    Args:
        characters: the most, None for any number.
        octets: the most bytes in the column's encoding, None for any number.
        encoding: of the column's character set, a codec's name or "bmp".
    """

    characters: int | None = None
    octets: int | None = None
    encoding: str = "utf-8"

    def __str__(self) -> str:
        rooms = [f"{self.characters} characters"] if self.characters is not None else []
        rooms += [f"{self.octets} bytes"] if self.octets is not None else []
        return f"{' and '.join(rooms) or 'the column'} of {self.encoding}"

    def holds(self, text: str) -> bool:
        """Say whether a text fits."""
        if self.characters is not None and len(text) > self.characters:
            return False
        encoded = self._encoded(text)
        return encoded is not None and (self.octets is None or len(encoded) <= self.octets)

    def cut(self, text: str) -> str:
        """Leave out what does not fit: characters of other sets, then what is after a word."""
        text = "".join(filter(self._has, text))
        while not self.holds(text):
            most = min(self.characters or len(text), len(text) - 1)
            text = at_last_word(text, most) or text[:most].rstrip()
        return text

    def guaranteed_characters(self, alphabet: Iterable[str]) -> int | None:
        """Return how many characters of this alphabet always fit; None for any number."""
        if self.octets is None:
            return self.characters
        widest = max((len(self._encoded(one) or b"") for one in alphabet), default=1) or 1
        return min(self.octets // widest, self.characters or self.octets)

    def allowed(self, alphabet: Iterable[str]) -> str | None:
        """Return the characters of these that the set has; None where it has all."""
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
