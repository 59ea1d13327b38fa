"""Checks of one setting each."""

from __future__ import annotations

import math
from typing import Any, get_args

from faker_neural import OptionError

__all__ = ["check_choice", "check_number", "check_positive"]


def check_choice(name: str, value: object, choices: Any) -> None:
    """Check that a setting is one of the values of a `Literal`.

    Raises:
        OptionError: it is not.
    """
    if value not in get_args(choices):
        raise OptionError(name, value, f"must be one of {', '.join(get_args(choices))}")


def check_number(
    name: str, value: float, kind: type[int | float], least: float, below: float = math.inf
) -> None:
    """Check that a setting is a number of a kind within a range.

    Raises:
        OptionError: it is not.
    """
    _check_type(name, value, kind)
    if not least <= value < below:
        above = f" and below {below}" if below < math.inf else ""
        raise OptionError(name, value, f"must be at least {least}{above}")


def check_positive(name: str, value: float) -> None:
    """Check that a setting is a finite number above 0.

    Raises:
        OptionError: it is not.
    """
    _check_type(name, value, float)
    if not 0 < value < math.inf:
        raise OptionError(name, value, "must be above 0 and finite")


def _check_type(name: str, value: float, kind: type[int | float]) -> None:
    if isinstance(value, bool) or not isinstance(value, kind | int):
        raise OptionError(name, value, f"must be {kind.__name__}, not {type(value).__name__}")
