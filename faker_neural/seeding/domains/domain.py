"""The values that a column allows."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from faker_neural._constraints.matcher import matcher
from faker_neural._constraints.pattern import NotRegularError
from faker_neural._shown import shortened

__all__ = ["Domain", "can_match", "comparable_time", "union"]

_SHOWN = 12  # values listed in a message
_LONGEST = 1_000  # characters of a pattern
_BOTH = "(?=(?:"  # how a pattern of two begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The values that a column allows; None means no limit.

    Args:
        values: the allowed values; () allows NULL alone.
        low: the lower bound, included.
        high: the upper bound, included.
        above: the lower bound, excluded.
        below: the upper bound, excluded.
        min_length: the smallest number of characters, or of bytes in a column of bytes.
        most_length: the largest number of characters or bytes.
        pattern: a regular expression that the whole text must match.
    """

    values: tuple[Any, ...] | None = None
    low: Any = None
    high: Any = None
    above: Any = None
    below: Any = None
    min_length: int | None = None
    most_length: int | None = None
    pattern: str | None = None

    def within(self, other: Domain) -> Domain:
        """Return the intersection with another domain.

        Args:
            other: the other domain.
        """
        return Domain(
            values=self._common_values(other),
            low=_larger(self.low, other.low),
            high=_lesser(self.high, other.high),
            above=_larger(self.above, other.above),
            below=_lesser(self.below, other.below),
            min_length=_larger(self.min_length, other.min_length),
            most_length=_lesser(self.most_length, other.most_length),
            pattern=_both_patterns(self.pattern, other.pattern),
        )

    def problem(self, value: object) -> str:
        """Return the rule that a value breaks, such as "must be one of 'a', 'b'"; "" for none.

        Args:
            value: the value to check; None (NULL) breaks no rule.
        """
        if value is None:
            return ""
        if self.values is not None and not any(_same(value, one) for one in self.values):
            return f"must be one of {_listed(self.values)}" if self.values else "must be NULL"
        return self._beyond(value) or self._missized(value) or self._misshapen(value)

    def _common_values(self, other: Domain) -> tuple[Any, ...] | None:
        values = other.values if self.values is None else self.values
        if values is None:
            return None
        return tuple(one for one in values if not (self.problem(one) or other.problem(one)))

    def _beyond(self, value: Any) -> str:
        if self.low is not None and _less(value, self.low):
            return f"must be at least {self.low}"
        if self.above is not None and not _less(self.above, value, unknown=True):
            return f"must be above {self.above}"
        if self.high is not None and _less(self.high, value):
            return f"must be at most {self.high}"
        if self.below is not None and not _less(value, self.below, unknown=True):
            return f"must be below {self.below}"
        return ""

    def _missized(self, value: Any) -> str:
        if not isinstance(value, str | bytes):
            return ""
        unit = "characters" if isinstance(value, str) else "bytes"
        if self.min_length is not None and len(value) < self.min_length:
            return f"must have at least {self.min_length} {unit}"
        if self.most_length is not None and len(value) > self.most_length:
            return f"must have at most {self.most_length} {unit}"
        return ""

    def _misshapen(self, value: Any) -> str:
        if not isinstance(value, str) or self.pattern is None:
            return ""
        if matcher(self.pattern).fullmatch(value):
            return ""
        return f"must match {shortened(self.pattern)}"


def union(one: Domain, other: Domain) -> Domain | None:
    """Return the union of two domains; None if a Domain cannot express it.

    Args:
        one: the first domain.
        other: the second domain.
    """
    for this, that in ((one, other), (other, one)):
        if this.values == ():  # IS NULL
            return that
    if one.values is None or other.values is None:
        return None
    return Domain(values=tuple(dict.fromkeys(one.values + other.values)))


def _larger(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return other if _less(one, other) else one


def _lesser(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return other if _less(other, one) else one


def _less(one: Any, other: Any, *, unknown: bool = False) -> bool:
    """Return whether one value is less than another; `unknown` if they cannot be compared."""
    try:
        return bool(one < other)
    except (TypeError, ArithmeticError):
        this, that = comparable_time(one), comparable_time(other)
    if isinstance(this, dt.datetime) and isinstance(that, dt.datetime):
        return this < that
    return this < that if isinstance(this, dt.time) and isinstance(that, dt.time) else unknown


def _same(one: Any, other: Any) -> bool:
    with suppress(ArithmeticError):  # a signalling NaN
        if one == other:
            return True
    if isinstance(one, str) == isinstance(other, str):
        return False
    moment = comparable_time(one)
    return moment is not None and moment == comparable_time(other)


def comparable_time(value: Any) -> dt.datetime | dt.time | None:
    """Convert a date, a time or its ISO text to a form that can be compared.

    Args:
        value: any value.

    Returns:
        A naive datetime (UTC if the value had a time zone) for a date or a datetime, a naive time
        for a time, None for other values.
    """
    if isinstance(value, str):
        for read in (dt.datetime.fromisoformat, dt.time.fromisoformat):
            with suppress(ValueError):
                return comparable_time(read(value))
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return value.replace(tzinfo=None) if isinstance(value, dt.time) else None


def _listed(values: tuple[Any, ...]) -> str:
    shown = [repr(one) if isinstance(one, str) else str(one) for one in values[:_SHOWN]]
    more = ", ..." if len(values) > _SHOWN else ""
    return ", ".join(map(shortened, shown)) + more


def _both_patterns(one: str | None, other: str | None) -> str | None:
    """Return the pattern of what matches both; the first alone if both together are too much."""
    if one is None or other is None or one == other:
        return other if one is None else one
    first, second = (one, other) if one.startswith(_BOTH) else (other, one)
    both = rf"{_BOTH}{second})\Z){first if first.startswith(_BOTH) else f'(?:{first})'}"
    return both if can_match(both) else one


def can_match(pattern: str) -> bool:
    """Return whether texts can be matched with a pattern in bounded time and memory.

    Args:
        pattern: a regular expression.
    """
    if len(pattern) > _LONGEST:
        return False
    try:
        matcher(pattern)
    except NotRegularError:
        return False
    return True
