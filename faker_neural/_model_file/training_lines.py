"""The training lines of a model, as hashes: a line can be looked up, but no line can be read."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

__all__ = ["TrainingLines"]

_SPARSITY = 2**13
_WIDEST = 2**16 - 1


@dataclass(frozen=True)
class TrainingLines:
    """A set of hashed lines; `text in lines` ignores case and differences in white space.

    The hash of a line is the first 8 bytes of its SHA-256, little-endian, modulo `range`. The
    hashes are sorted and stored as differences of 16 bits. A line that is not in the set is taken
    for a member with the probability `false_positives`, about 1 in 8,192.

    Args:
        range: every hash is below this number, 0 to 2**40 - 1; 0 for an empty set.
        gaps: the differences, the first from 0, as little-endian uint16 in Base64. A difference
            above 65,535 is stored as several, which adds members that are not lines.

    Raises:
        ValueError: `range` is out of range, `gaps` is not Base64 of 16-bit numbers, or the sum of
            the differences reaches `range`.
    """

    range: int = 0
    gaps: str = ""

    @classmethod
    def of(cls, lines: Iterable[str]) -> TrainingLines:
        """Return the set of these lines.

        Args:
            lines: the lines of the training data.
        """
        folded = set(map(fold, lines))
        size = len(folded) * _SPARSITY
        numbers, gaps = sorted({_number(line, size) for line in folded}), list[int]()
        for before, number in zip([0, *numbers], numbers, strict=False):
            whole, rest = divmod(number - before, _WIDEST)
            gaps += [_WIDEST] * whole + [rest]
        return cls(size, b64encode(np.array(gaps, dtype="<u2").tobytes()).decode())

    def __post_init__(self) -> None:
        if not 0 <= self.range < 2**40:
            raise ValueError(f"range is {self.range}, not 0 to {2**40 - 1}")
        gaps = _decoded(self.gaps)
        if gaps.sum() >= max(self.range, 1):
            raise ValueError("gaps reach past range")

    def __bool__(self) -> bool:
        return self.range > 0

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str) or not self.range:
            return False
        numbers, number = _numbers(self.gaps), _number(fold(text), self.range)
        place = bisect_left(numbers, number)
        return place < len(numbers) and numbers[place] == number

    @property
    def false_positives(self) -> float:
        """The probability that a line that is not in the set is taken for a member."""
        return len(_numbers(self.gaps)) / self.range if self.range else 0.0


def fold(text: str) -> str:
    """Return the text as it is compared: case folded, any white space as one space."""
    return " ".join(text.casefold().split())


_MOST_BYTES = 2**26
_kept: dict[str, array[int]] = {}
"""The sorted hashes of the sets that were asked last, by their gaps."""


# Not cached_property: in Python 3.11 it has a lock, which may stay held for ever after a fork.
def _numbers(gaps: str) -> array[int]:
    """Return the sorted hashes of a set; those of other sets are forgotten if they are too many."""
    found = _kept.pop(gaps, None) or array("q", _decoded(gaps).cumsum().tobytes())
    room = _MOST_BYTES - len(found) * found.itemsize
    for other, numbers in reversed(list(_kept.items())):  # the last asked first
        room -= len(numbers) * numbers.itemsize
        if room < 0:
            _kept.pop(other, None)
    _kept[gaps] = found
    return found


def _decoded(gaps: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    content = b64decode(gaps, validate=True)
    if len(content) % 2:
        raise ValueError("gaps are not whole 16-bit numbers")
    return np.frombuffer(content, dtype="<u2").astype(np.int64)


def _number(folded: str, below: int) -> int:
    return int.from_bytes(sha256(folded.encode()).digest()[:8], "little") % below
