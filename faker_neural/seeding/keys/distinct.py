"""Sets of earlier values, stored as a hash of eight bytes for each."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural.seeding.domains.numbers import EXACT
from faker_neural.seeding.schema.schema import Column

__all__ = ["HashSet", "hashes", "normaliser"]

Hashes = NDArray[np.uint64]


def hashes(rows: Iterable[Sequence[Any]]) -> Hashes:
    """Return a hash of each row's values.

    Rows that a database may treat as equal have the same hash: case, accents and trailing white
    space of texts are ignored, as in some collations.

    Args:
        rows: the values of each row.

    Returns:
        uint64 [rows].
    """
    digests = b"".join(
        blake2b("\0".join(map(_plain, row)).encode(), digest_size=8).digest() for row in rows
    )
    return np.frombuffer(digests, dtype=np.uint64)


def normaliser(column: Column) -> Callable[[Any], Any]:
    """Return a function that makes values read from the database equal to generated values.

    Args:
        column: the column of the values.
    """
    match column.kind:
        case "integer" | "boolean":
            return int
        case "decimal":
            places = Decimal(1).scaleb(-(2 if column.scale is None else column.scale))
            return lambda value: Decimal(str(value)).quantize(places, context=EXACT)
        case "float":
            return float
        case "datetime":
            return _utc
    return lambda value: value


def _utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    letters = value if value.isascii() else unicodedata.normalize("NFKD", value)
    folded = letters.casefold().replace("ss", "s").rstrip()
    return folded if folded.isascii() else "".join(map(_base, folded))


def _base(letter: str) -> str:
    """Return "" for an accent and the same letter for letters that a collation may equate."""
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return ""
    return "*" if letter > "\uffff" else letter.translate(_HIRAGANA).translate(_BASES)


_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_BASES = str.maketrans("øđðłŀħґæœþıぁぃぅぇぉっゃゅょゎ", "oddllh\u0433aotiあいうえおつやゆよわ")


class HashSet:
    """A set of hashes that takes eight bytes for each: sorted arrays, merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def holds(self, found: Hashes) -> NDArray[np.bool_]:
        """Return whether the set holds each hash, bool [hashes].

        Args:
            found: uint64 [hashes].
        """
        there = np.zeros(len(found), dtype=bool)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, found), len(run) - 1)
            there |= run[places] == found
        return there

    def add(self, found: Hashes) -> None:
        """Add hashes that the set does not hold yet.

        Args:
            found: uint64 [hashes].
        """
        if not len(found):
            return
        run = np.sort(found)
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
