"""TOML from strangers, parsed in bounded time and memory."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

__all__ = ["MOST_TOML", "parse_toml"]

MOST_TOML = 16 * 2**20
"""The most bytes of a TOML file."""

_MOST_PARTS = 100  # of a dotted key; tomllib's work grows with their square
_PART = r"""(?>[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_LONG_KEY = re.compile(rf"{_PART}(?>[ \t]*\.[ \t]*{_PART}){{{_MOST_PARTS}}}")


def parse_toml(content: bytes, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Parse a TOML document.

    Args:
        content: the bytes of the document.
        parse_float: converts the text of a number with a point or an exponent.

    Raises:
        ValueError: it is not TOML, is too large, is nested too deeply, or has a key of too many
            parts. The message is what follows "is".
    """
    if len(content) > MOST_TOML:
        raise ValueError(f"larger than {MOST_TOML >> 20} MB")
    try:
        text = content.decode()
        for line in text.split("\n"):
            if line.count(".") >= _MOST_PARTS and _LONG_KEY.search(line):
                raise ValueError(f"a key has more than {_MOST_PARTS} parts")
        return tomllib.loads(text, parse_float=parse_float)
    except ValueError as error:
        reason = "a number has too many digits" if "int_max_str" in str(error) else error
        raise ValueError(f"not valid TOML: {reason}") from None
    except RecursionError:
        raise ValueError("not valid TOML: it is nested too deeply") from None
