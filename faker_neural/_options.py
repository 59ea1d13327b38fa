"""What a caller may ask of a model, checked once where it enters."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, fields
from numbers import Real
from typing import SupportsIndex

from ._errors import OptionError

__all__ = ["MOST_TOKENS", "VERBATIM", "Options"]

MOST_TOKENS = 10_000
"""Tokens in a text; a card from a stranger asks for no more memory than that takes."""

VERBATIM = ("allowed", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How strings are drawn from a model.

    Args:
        temperature: 0 or more, and finite. 1 draws from the learned distribution, less keeps to
            what is likely, more wanders from it; 0 always takes the likeliest token.
        length: how many tokens of running text to draw, 1 to 10,000, past what else would end a
            text; None for a text that ends by itself.
        label: one of the model's labels; None for any.
        verbatim: "rejected" to draw again what equals a line that the model learned from, case
            and white space aside; "allowed" to let it come out.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    temperature: float = 1.0
    length: int | None = None
    label: str | None = None
    verbatim: str = "allowed"

    def __post_init__(self) -> None:
        object.__setattr__(self, "temperature", _number("temperature", self.temperature))
        if self.length is not None:
            length = check_count("length", self.length, least=1, below=MOST_TOKENS + 1)
            object.__setattr__(self, "length", length)
        if not isinstance(self.label, str | None):
            raise OptionError("label", self.label, f"must be text, not {_kind(self.label)}")
        if self.verbatim not in VERBATIM:
            raise OptionError("verbatim", self.verbatim, f"must be {' or '.join(VERBATIM)}")

    @classmethod
    def from_mapping(cls, values: dict[str, object]) -> Options:
        """Check options that arrive by name.

        Raises:
            OptionError: also for a name that is no option.
        """
        known = [field.name for field in fields(cls)]
        for name, value in values.items():
            if name not in known:
                raise OptionError(name, value, f"is no option; there are: {', '.join(known)}")
        return cls(**values)  # type: ignore[arg-type]  # __post_init__ checks each type


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise OptionError(name, value, f"must be a number, not {_kind(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise OptionError(name, value, "must be 0 or more, and finite")
    return number


def _kind(value: object) -> str:
    return type(value).__name__


def check_count(
    name: str, value: SupportsIndex, *, least: int = 0, below: int | None = None
) -> int:
    """Give `value` as an int of at least `least` (and under `below`), or raise OptionError."""
    try:
        count = operator.index(None if isinstance(value, bool) else value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(name, value, f"must be an int, not {_kind(value)}") from None
    if count < least:
        raise OptionError(name, value, f"must be at least {least}")
    if below is not None and count >= below:
        raise OptionError(name, value, f"must be below {below}")
    return count
