"""Sources whose values can be counted: choices, ranges and sequences."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faker_neural._keys import Keys
from faker_neural._shown import shortened
from faker_neural.seeding.domains.numbers import EXACT, exact_number
from faker_neural.seeding.schema.schema import Column

from .coerce import coerce
from .row_random import below

_MOST_VALUES = 2**62

__all__ = ["Choice", "EnumeratedSource", "Range", "SequenceSource"]


class EnumeratedSource(ABC):
    """A finite series of values, numbered from 0."""

    count: int
    """The number of values."""

    @abstractmethod
    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Return the values with these numbers.

        Args:
            numbers: int64 [rows], each below `count`.
        """

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        """Draw the number of a value for each random key.

        Args:
            keys: uint64 [rows].

        Returns:
            int64 [rows], each below `count`.
        """
        return below(keys, self.count)

    def has(self, value: Any) -> bool:
        """Return whether a value of the column is one of these; False if that is not known.

        Args:
            value: the value, not None.
        """
        return False


class Choice(EnumeratedSource):
    """Given values, drawn in proportion to their weights; equal values count as a single value.

    Args:
        column: the column.
        values: the values.
        weights: a weight for each value, 0 or more; None for equal weights.

    Raises:
        ValueError: the column does not allow a value.
    """

    def __init__(
        self, column: Column, values: Sequence[Any], weights: Sequence[float] | None = None
    ) -> None:
        shares: dict[Any, list[Any]] = {}
        for value, weight in zip(values, weights or [1] * len(values), strict=True):
            made = _coerced(column, value)
            if weight:
                shares.setdefault(repr(made), [made, 0])[1] += weight
        self.values = [made for made, _ in shares.values()]
        self.count = len(self.values)
        self._cumulated = None
        given = [float(weight) for _, weight in shares.values()]
        if len(set(given)) > 1:
            whole = [max(1, round(weight / sum(given) * 2**40)) for weight in given]
            self._cumulated = np.cumsum(np.array(whole, dtype=np.int64))

    @property
    def weighted(self) -> bool:
        """Whether the weights of the values differ."""
        return self._cumulated is not None

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Return the values with these numbers."""
        return [self.values[number] for number in numbers.tolist()]

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        """Draw the number of a value for each random key, by the weights."""
        if self._cumulated is None:
            return super().numbers(keys)
        drawn = below(keys, int(self._cumulated[-1]))
        return np.searchsorted(self._cumulated, drawn, side="right").astype(np.int64)

    def has(self, value: Any) -> bool:
        """Return whether a value of the column is one of these."""
        return value in self.values


def _coerced(column: Column, value: Any) -> Any:
    if value is None and not column.nullable:
        raise ValueError("choice None: the column may not be NULL")
    try:
        return coerce(column, value)
    except ValueError as error:
        raise ValueError(f"choice {shortened(repr(value))} {error}") from None


class Range(EnumeratedSource):
    """The values from `low` to `high`, `step` apart, all equally likely.

    Args:
        column: the column.
        low: the first value: a number, date, datetime or time.
        high: the upper bound, of the same type, included.
        step: a number above 0 and below 10**9: a difference of numbers, days between dates, or
            seconds between datetimes or times. None for the smallest step of the column.

    Raises:
        ValueError: the bounds or the step are invalid, or the column does not allow the values.
    """

    def __init__(self, column: Column, low: Any, high: Any, step: Any = None) -> None:
        self._column = column
        self._time = column.kind == "time"
        low, high = _line(column, low), _line(column, high)
        if type(low) is not type(high):
            raise ValueError("must be a range of two numbers, dates or times")
        self._step = _step(column, low, step)
        if high < low:
            raise ValueError("must be a range of [LOW, HIGH] with LOW not above HIGH")
        self._low, self.count = low, _whole(_difference(high, low), self._step) + 1
        if self.count > _MOST_VALUES:
            raise ValueError("must be a range of at most 2**62 values; give a larger step")
        for number in (0, self.count - 1):
            coerce(column, self._value(number))

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Return the values with these numbers."""
        return [self._value(number) for number in numbers.tolist()]

    def has(self, value: Any) -> bool:
        """Return whether a value of the column is one of these."""
        if isinstance(value, str) and isinstance(self._low, dt.date):
            value = type(self._low).fromisoformat(value)
        line = _line(self._column, value)
        number = _whole(_difference(line, self._low), self._step)
        return 0 <= number < self.count and bool(self._line_at(number) == line)

    def _line_at(self, number: int) -> Any:
        if isinstance(self._low, Decimal):
            return EXACT.add(self._low, EXACT.multiply(Decimal(self._step), number))
        return self._low + self._step * number

    def _value(self, number: int) -> Any:
        value = self._line_at(number)
        if self._time:
            return value.time()
        if self._column.kind == "float":
            return float(value)
        return str(value) if self._column.kind == "text" else value


def _difference(high: Any, low: Any) -> Any:
    return EXACT.subtract(high, low) if isinstance(low, Decimal) else high - low


def _whole(distance: Any, step: Any) -> int:
    if isinstance(distance, Decimal):
        return int(EXACT.divide_int(distance, Decimal(step)))
    return int(distance // step)


def _line(column: Column, value: Any) -> Any:
    """Convert a bound to a type that is added without rounding: int, Decimal, date, datetime."""
    if column.kind == "text" and isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if column.kind in ("text", "float") and not isinstance(value, dt.date | dt.time):
        value = exact_number(value)
    elif column.kind != "text":
        value = coerce(column, value)
    if isinstance(value, dt.time) and column.kind == "time":
        return dt.datetime.combine(dt.date.min, value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | dt.date):
        raise ValueError("must be a range of two numbers, dates or times")
    return value


def _step(column: Column, low: Any, step: Any) -> Any:
    if step is not None and (
        isinstance(step, bool)
        or not isinstance(step, int | float | Decimal)
        or not 0 < step < 10**9
    ):
        shown = shortened(repr(step))
        raise ValueError(f"step={shown} must be a number above 0, and below a billion")
    smallest = _STEPS.get(column.kind, lambda column: 1)(column)
    if column.kind not in ("float", "text") and step is not None and _rest(step, smallest):
        raise ValueError(f"step={shortened(repr(step))} must be a multiple of {smallest}")
    if isinstance(low, dt.datetime):
        return dt.timedelta(seconds=int(1 if step is None else step))
    if isinstance(low, dt.date):
        return dt.timedelta(days=int(1 if step is None else step))
    if step is None:
        return smallest
    return int(step) if isinstance(low, int) else Decimal(str(step))


def _rest(step: Any, smallest: Any) -> Decimal:
    return EXACT.remainder(exact_number(step), Decimal(smallest))


_STEPS = {
    "decimal": lambda column: Decimal(1).scaleb(-(2 if column.scale is None else column.scale)),
    "float": lambda column: Decimal("0.01"),
}


class SequenceSource(EnumeratedSource):  # Sequence is taken
    """Ascending whole numbers: row `first` has `start`, and each further row has `step` more.

    Args:
        column: the column.
        start: the number of row `first`.
        step: the distance between the numbers, 1 or more.
        first: the row of the first number.
    """

    def __init__(self, column: Column, start: int, step: int = 1, first: int = 0) -> None:
        self._column = column
        self.start, self.step, self.first = start, step, first
        self.count = _MOST_VALUES

    def starting(self, start: int, first: int) -> SequenceSource:
        """Return the same sequence with another start.

        Args:
            start: the first number.
            first: the row of the first number.
        """
        return SequenceSource(self._column, start, self.step, first)

    def _at(self, number: int) -> int:
        return self.start + int(number) * self.step

    def of_rows(self, rows: NDArray[np.int64]) -> list[Any]:
        """Return the values of rows.

        Args:
            rows: int64 [rows], each at least `first`.
        """
        return self.at(rows - self.first)

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Return the values with these numbers.

        Args:
            numbers: int64 [rows]; of integers, only the ends are checked.

        Raises:
            ValueError: the column does not allow a value.
        """
        ends = (
            [self._at(number) for number in (numbers.min(), numbers.max())] if len(numbers) else []
        )
        if not all(-(2**63) <= end < 2**63 for end in ends):
            raise ValueError("must be at least -2**63 and below 2**63")
        values: list[Any] = (self.start + numbers * self.step).tolist()
        if self._column.kind != "integer":
            return [coerce(self._column, value) for value in values]
        for end in ends:
            coerce(self._column, end)
        return values
