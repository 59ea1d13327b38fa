"""Turns a seed of any kind into a 64-bit number, the same on every machine."""

from __future__ import annotations

import math
import operator
import struct
from hashlib import sha256
from numbers import Real

from ._errors import OptionError

__all__ = ["Seed", "seed_number"]

Seed = int | float | str | bytes | bytearray
"""The kinds of seeds that `random.seed` and Faker's `seed_instance` take, except None."""

_KINDS = "must be an int, a float, text or bytes"


def seed_number(seed: Seed) -> int:
    """Return the number that a seed stands for.

    As for `random.seed`, text is its bytes in UTF-8, and a float that is a whole number is this
    number. Unlike there, None is refused: strings drawn from it would differ in every run.

    Args:
        seed: an integer from 0 to 2**64 - 1, which is returned as it is; or another integer, a
            float, text or bytes, of which the first 64 bits of a SHA-256 hash are returned.

    Returns:
        0 to 2**64 - 1.

    Raises:
        OptionError: the seed is of another type, not a number (NaN), or text that UTF-8 cannot
            encode.
    """
    if isinstance(seed, str | bytes | bytearray):
        return _hash(b"text", _bytes(seed))
    number = _whole(seed)
    if number is None:
        return _hash(b"float", struct.pack(">d", float(seed)))
    return number if 0 <= number < 2**64 else _hash(b"int", str(number).encode())


def _bytes(seed: str | bytes | bytearray) -> bytes:
    try:
        return seed.encode() if isinstance(seed, str) else bytes(seed)
    except UnicodeEncodeError:
        raise OptionError("seed", seed, "must be Unicode without lone surrogates") from None


def _whole(seed: object) -> int | None:
    """Return an integer, or a float that is one, as an int; None for another float."""
    if isinstance(seed, bool):
        raise OptionError("seed", seed, f"{_KINDS}, not bool")
    if hasattr(seed, "__index__"):
        return operator.index(seed)  # also the integers of NumPy
    if not isinstance(seed, Real):
        raise OptionError("seed", seed, f"{_KINDS}, not {type(seed).__name__}")
    number = float(seed)
    if math.isnan(number):
        raise OptionError("seed", seed, "must be a number")
    return int(number) if number.is_integer() else None


def _hash(kind: bytes, content: bytes) -> int:
    return int.from_bytes(sha256(kind + b":" + content).digest()[:8], "big")
