"""Limits of what a plan may ask a source for, so that a stranger's plan costs no hours."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

from faker_neural._shown import shortened

__all__ = ["MOST_BYTES", "check_derivation", "check_faker_arguments"]

MOST_BYTES = 2**20
"""The most bytes of a value of the source `bytes`."""

_MOST_ASKED = 10_000  # characters, words, digits, elements: all that one value is made of
_MOST_PIXELS = 2**20
_MOST_DAYS = 100_000
_MOST_RATE = 1_000
# Arguments of Faker's methods whose numbers are values or times, and no amounts.
_VALUES = {"min", "max", "min_value", "max_value", "step", "tzinfo"}
_OF_TIMES = ("date", "datetime", "time", "_now")


def check_faker_arguments(arguments: Mapping[str, Any]) -> None:
    """Check that no argument of a Faker method asks for a value of many parts.

    Args:
        arguments: the arguments by name.

    Raises:
        ValueError: a number that is an amount, or a text or a list, is too large.
    """
    for name, value in arguments.items():
        if name == "size" and isinstance(value, list) and _product(value) > _MOST_PIXELS:
            raise ValueError(f"{_shown(name, value)} must have at most {_MOST_PIXELS:,} pixels")
        if name not in _VALUES and not name.endswith(_OF_TIMES) and _largest(value) > _MOST_ASKED:
            raise ValueError(f"{_shown(name, value)} must be at most {_MOST_ASKED:,}")


def _shown(name: str, value: object) -> str:
    return f"{name}={shortened(repr(value), 60)}"


def _product(values: list[Any]) -> float:
    return math.prod(one for one in values if isinstance(one, int | float))


def _largest(value: object) -> float:
    """Return the largest number or length in a value."""
    if isinstance(value, Mapping):
        return max(len(value), _largest([*value, *value.values()]))
    if isinstance(value, list | tuple):
        return max(len(value), *map(_largest, value)) if value else 0
    if isinstance(value, str):
        return len(value)
    return abs(value) if isinstance(value, int | float) else 0


def check_derivation(options: Mapping[str, Any]) -> None:
    """Check the options of a derivation.

    Args:
        options: the options by name.

    Raises:
        ValueError: an option has a value that is not allowed.
    """
    for name, value in options.items():
        allows, rule = _DERIVED[name]
        if not allows(value):
            raise ValueError(f"{_shown(name, value)} {rule}")


def _is_number(value: object, most: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= most


def _are_days(value: list[object]) -> bool:
    """Return whether these are two numbers of days, the first not above the second."""
    match value:
        case [low, int() | float() as high] if _is_number(high, _MOST_DAYS):
            return _is_number(low, high)
    return False


_DERIVED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "within": (
        lambda value: _are_days(value if isinstance(value, list) else [0, value]),
        f"must be days from 0 to {_MOST_DAYS:,}: the most, 30, or the fewest and the most, [7, 30]",
    ),
    "rate": (lambda value: _is_number(value, _MOST_RATE), f"must be a rate, 0 to {_MOST_RATE:,}"),
    "until": (lambda value: isinstance(value, dt.date), "must be a date, such as 2025-12-31"),
    "per_second": (lambda value: value in (1, 1000), "must be 1 or 1000"),
}
