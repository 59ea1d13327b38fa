"""Exact numbers of a size that arithmetic can bear."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import Any

__all__ = ["EXACT", "exact_number"]

_MOST_EXPONENT = 400  # beyond that of any float
_MOST_DIGITS = 1_000  # a NUMERIC of PostgreSQL declares no more

EXACT = Context(prec=3 * _MOST_DIGITS)
"""A context in which no number of a database is rounded."""


def exact_number(value: Any) -> Decimal:
    """Convert a number or its text to an exact number.

    Args:
        value: a number, or a text such as "1.50".

    Raises:
        ValueError: it is no finite number, or is too large, too small or too long. The message is
            a rule such as "must be a number".
    """
    try:
        text = str(value)
        number = Decimal(text)
    except (InvalidOperation, ValueError):  # Python writes no int of more than 4,300 digits
        raise ValueError("must be a number") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError("must be a number")
    if number and abs(number.adjusted()) > _MOST_EXPONENT:
        raise ValueError(
            f"must be 0, or a number of a size from 1e-{_MOST_EXPONENT} to 1e{_MOST_EXPONENT}"
        )
    if len(text) > _MOST_DIGITS and len(number.as_tuple().digits) > _MOST_DIGITS:
        raise ValueError(f"must be a number of at most {_MOST_DIGITS:,} digits")
    return number
