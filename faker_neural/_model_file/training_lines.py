"""The lines a model learned from, as a set small enough for its file: members cannot be listed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np

__all__ = ["TrainingLines"]

_SPARSITY = 2**13
_WIDEST = 2**16 - 1


@dataclass(frozen=True)
class TrainingLines:
    """A set of lines that knows its members after case and white space are folded.

    A line is the whole number that its SHA-256 gives below `range`; the numbers are kept sorted,
    as differences of 16 bits. A line that is no member is taken for one with a probability of
    `false_positives`, 1 in 8,192.

    Args:
        range: above every number, 0 for an empty set.
        gaps: the differences, the first from 0, as little-endian uint16 in Base64. A difference
            above 65,535 stands as several, which adds a member that is no line.

    Raises:
        ValueError: `gaps` is no Base64 of 16-bit numbers, or they reach `range`.
    """

    range: int = 0
    gaps: str = ""

    @classmethod
    def of(cls, lines: Iterable[str]) -> TrainingLines:
        """Make the set of these lines."""
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
        return _number(fold(text), self.range) in _numbers(self.gaps)

    @property
    def false_positives(self) -> float:
        """The probability that a line which is no member is taken for one."""
        return len(_numbers(self.gaps)) / self.range if self.range else 0.0


def fold(text: str) -> str:
    """Bring a text to what is compared: small letters, one space for any white space."""
    return " ".join(text.casefold().split())


# No cached_property: in Python 3.11 it has a lock, which a fork can leave taken for ever.
@lru_cache(maxsize=64)
def _numbers(gaps: str) -> frozenset[int]:
    return frozenset(_decoded(gaps).cumsum().tolist())


def _decoded(gaps: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    content = b64decode(gaps, validate=True)
    if len(content) % 2:
        raise ValueError("gaps are not whole 16-bit numbers")
    return np.frombuffer(content, dtype="<u2").astype(np.int64)


def _number(folded: str, below: int) -> int:
    return int.from_bytes(sha256(folded.encode()).digest()[:8], "little") % below
