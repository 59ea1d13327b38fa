"""Keys of values: the same value has the same key, so that it always gets the same text."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable

import numpy as np

from ._bounded_files import read_bounded
from ._errors import MissingFileError, OptionError
from ._keys import Keys, split_mix
from ._seeds import seed_number

__all__ = ["SECRET_VARIABLE", "Value", "checked_secret", "keyed", "numbered", "read_secret"]

SECRET_VARIABLE = "FAKER_NEURAL_SECRET"
"""The environment variable that may hold a secret."""

_SHORTEST = 16  # bytes of a secret
_MOST_BYTES = 2**20  # of its file
_MOST_BITS = 4096  # of a whole number

Value = str | int
"""A value that can get a pseudonym."""


def keyed(values: Iterable[Value], secret: str | bytes) -> Keys:
    """Return the key of each value: the first 64 bits of its HMAC-SHA256 under a secret.

    Args:
        values: texts, or whole numbers, which count as their decimal digits.
        secret: the secret, at least 16 bytes; text is its bytes in UTF-8.

    Returns:
        uint64 [values].

    Raises:
        OptionError: the secret is too short, or a value is of another type.
    """
    code = hmac.new(checked_secret(secret), digestmod="sha256")

    def digest(value: Value) -> bytes:
        own = code.copy()
        own.update(_bytes(value))
        return own.digest()[:8]

    return np.frombuffer(b"".join(map(digest, values)), dtype=">u8").astype(np.uint64)


def numbered(values: Iterable[Value], seed: int) -> Keys:
    """Return the key of each value under a seed: of a number, the key of the row of this number.

    Anyone can compute these keys; they hide nothing.

    Args:
        values: texts or whole numbers.
        seed: 0 to 2**64 - 1.

    Returns:
        uint64 [values].

    Raises:
        OptionError: a value is of another type.
    """
    rows = [value % 2**64 if _is_whole(value) else seed_number(_bytes(value)) for value in values]
    return split_mix(np.array([seed], dtype=np.uint64), np.array(rows, dtype=np.uint64))


def checked_secret(secret: str | bytes) -> bytes:
    """Return the bytes of a secret.

    Args:
        secret: text or bytes.

    Raises:
        OptionError: the secret is too short, or of another type; the message does not show it.
    """
    if not isinstance(secret, str | bytes):
        raise OptionError("secret", type(secret).__name__, "must be text or bytes")
    content = secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret
    if len(content) < _SHORTEST:
        rule = f"must have {_SHORTEST} bytes or more: openssl rand -hex 32 makes one"
        raise OptionError("secret", f"{len(content)} bytes", rule)
    return content


def read_secret(path: str | os.PathLike[str] | None = None) -> bytes:
    """Return the secret of a file, or of the environment variable FAKER_NEURAL_SECRET.

    Args:
        path: the file; white space at its end does not count. None for the variable.

    Raises:
        MissingFileError: the file does not exist.
        OptionError: the file cannot be read, nothing is given, or the secret is too short.
    """
    if path is None:
        if not (found := os.environ.get(SECRET_VARIABLE)):
            rule = f"is not given: name its file, or set {SECRET_VARIABLE}"
            raise OptionError("secret", None, rule)
        return checked_secret(found)
    try:
        content = read_bounded(path, _MOST_BYTES)
    except FileNotFoundError:
        hint = "the secret file does not exist; openssl rand -hex 32 > FILE makes one"
        raise MissingFileError(path, hint) from None
    except OSError as error:
        raise OptionError("secret", os.fspath(path), f"cannot be read ({error.strerror})") from None
    return checked_secret(content.rstrip())


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bytes(value: Value) -> bytes:
    if isinstance(value, int) and _is_whole(value):
        if value.bit_length() > _MOST_BITS:
            raise OptionError("value", f"{value:#x}"[:20] + "...", f"has over {_MOST_BITS:,} bits")
        return str(value).encode()
    if not isinstance(value, str):
        kind = type(value).__name__
        raise OptionError("value", value, f"must be text or a whole number, not {kind}")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise OptionError("value", value, "must be Unicode without lone surrogates") from None
