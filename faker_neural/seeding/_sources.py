"""Where a column's values come from: drawn text, and what can be counted."""

from __future__ import annotations

import datetime as dt
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any
from uuid import UUID

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from faker_neural import load
from faker_neural._keys import Keys, attempt_keys, split_mix

from ._coerce import coerce
from ._rows import below
from ._schema import Column

__all__ = ["Choice", "Counted", "Drawn", "Faked", "Neural", "Random", "Range", "Sequence_"]

_ATTEMPTS = 20  # until a text that does not fit is cut


class Drawn(ABC):
    """Values drawn under keys, of which two may be equal."""

    @abstractmethod
    def values(self, keys: Keys) -> list[Any]:
        """Give the value of each key, uint64 [rows]."""


@dataclass(frozen=True)
class Neural(Drawn):
    """Text of a learned field, drawn so that the column holds it."""

    column: Column
    model: str
    options: Mapping[str, Any]

    def values(self, keys: Keys) -> list[Any]:
        """Give the text of each key."""
        texts = load(self.model).texts(keys.tolist(), **self.fitting)
        return _fitted(self.column, texts, keys, self._again)

    def _again(self, key: Keys) -> str:
        return load(self.model).texts(key.tolist(), **self.fitting)[0]

    @cached_property
    def fitting(self) -> dict[str, Any]:
        """The options, and over them what the column's length and character set ask for."""
        fit, domain = self.column.fit, self.column.domain
        alphabet = {letter for token in load(self.model).card.tokens for letter in token}
        options = dict(self.options)
        given, room = options.get("max_length"), fit.least_characters(alphabet)
        if room is not None:
            options["max_length"] = min(room, given or room)
        if domain.least_length and not options.get("min_length"):
            options["min_length"] = domain.least_length
        if "alphabet" not in options and (allowed := fit.allowed(alphabet)) is not None:
            options["alphabet"] = allowed
        if "pattern" not in options and domain.pattern:
            options["pattern"] = domain.pattern
        return options


@dataclass(frozen=True)
class Faked(Drawn):
    """What a method of Faker gives, each value under a seed of its own."""

    column: Column
    method: str
    arguments: Mapping[str, Any]
    locale: str | None = None

    def values(self, keys: Keys) -> list[Any]:
        """Give the value of each key."""
        values = [self._draw(key) for key in keys.tolist()]
        if self.column.kind != "text":
            return [coerce(self.column, value) for value in values]
        texts = [str(value) for value in values]
        return _fitted(self.column, texts, keys, lambda key: str(self._draw(int(key[0]))))

    def _draw(self, key: int) -> Any:
        fake, generator = _faker(self.locale)
        generator.seed(key)
        return getattr(fake, self.method)(**self.arguments)


@cache
def _faker(locale: str | None) -> tuple[Faker, random.Random]:
    fake = Faker(locale)
    fake.seed_instance(0)  # gives it a generator of its own
    return fake, fake.random


def _fitted(column: Column, texts: list[str], keys: Keys, again: Any) -> list[Any]:
    """Draw again what the column does not hold; cut what still does not fit."""
    for place, text in enumerate(texts):
        if _refused(column, text):
            key = keys[place : place + 1]
            tried = (again(attempt_keys(key, [n])[0]) for n in range(1, _ATTEMPTS + 1))
            texts[place] = next(
                (text for text in tried if not _refused(column, text)), column.fit.cut(text)
            )
    return texts


def _refused(column: Column, text: str) -> bool:
    return not column.fit.holds(text) or bool(column.domain.problem(text))


@dataclass(frozen=True)
class Random(Drawn):
    """Random UUIDs of version 4, or bytes."""

    column: Column
    length: int = 16

    def values(self, keys: Keys) -> list[Any]:
        """Give the value of each key."""
        words = -(-self.length // 8)
        drawn = split_mix(keys[:, None], np.arange(words, dtype=np.uint64)).astype(">u8")
        found = [row.tobytes()[: self.length] for row in drawn]
        if self.column.kind == "bytes":
            return found
        return [coerce(self.column, UUID(bytes=one, version=4)) for one in found]


class Counted(ABC):
    """Values that can be counted and told by their number."""

    count: int

    @abstractmethod
    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Give the values of these numbers, int64 [rows], each below `count`."""

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        """Draw a number for each key."""
        return below(keys, self.count)


class Choice(Counted):
    """Some values, each as often as its weight says."""

    def __init__(
        self, column: Column, values: Sequence[Any], weights: Sequence[float] | None = None
    ) -> None:
        self._values = [coerce(column, value) for value in values]
        self.count = len(values)
        self._cumulated = None
        if weights is not None:
            whole = [round(float(weight) / float(sum(weights)) * 2**40) for weight in weights]
            self._cumulated = np.cumsum(np.array(whole, dtype=np.int64))

    @property
    def weighted(self) -> bool:
        """Whether some come more often than others."""
        return self._cumulated is not None

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Give the values of these numbers."""
        return [self._values[number] for number in numbers.tolist()]

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        """Draw a number for each key."""
        if self._cumulated is None:
            return super().numbers(keys)
        drawn = below(keys, int(self._cumulated[-1]))
        return np.searchsorted(self._cumulated, drawn, side="right").astype(np.int64)


class Range(Counted):
    """The values from `low` to `high`, `step` apart, each as likely."""

    def __init__(self, column: Column, low: Any, high: Any, step: Any = None) -> None:
        self._column = column
        self._time = column.kind == "time"
        low, high = (_line(column, value) for value in (low, high))
        if isinstance(low, dt.date):
            self._step: Any = _duration(step, low)
        elif step is None:
            self._step = _STEPS.get(column.kind, lambda column: 1)(column)
        else:
            self._step = type(low)(step)
        if not self._step > type(self._step)():
            raise ValueError("must have a step above 0")
        if high < low:
            raise ValueError("must be [LOW, HIGH], the lower one first")
        self._low, self.count = low, int((high - low) // self._step) + 1
        for number in (0, self.count - 1):
            coerce(column, self._value(number))

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Give the values of these numbers."""
        return [self._value(number) for number in numbers.tolist()]

    def _value(self, number: int) -> Any:
        value = self._low + self._step * number
        if self._time:
            return value.time()
        if self._column.kind == "float":
            return float(value)
        return str(value) if self._column.kind == "text" else value


def _line(column: Column, value: Any) -> Any:
    """Give a bound as something that can be added to without rounding."""
    if column.kind == "text":
        value = value if isinstance(value, int | dt.date) else Decimal(str(value))
    elif column.kind == "float":
        value = Decimal(str(value))
    else:
        value = coerce(column, value)
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date.min, value)
    if not isinstance(value, int | Decimal | dt.date):
        raise ValueError("must be of numbers, dates or times")
    return value


def _duration(step: Any, low: dt.date) -> dt.timedelta:
    seconds = isinstance(low, dt.datetime)
    number = float(1 if step is None else step)
    return dt.timedelta(seconds=number) if seconds else dt.timedelta(days=int(number))


_STEPS = {
    "decimal": lambda column: Decimal(1).scaleb(-(2 if column.scale is None else column.scale)),
    "float": lambda column: Decimal("0.01"),
}


class Sequence_(Counted):  # noqa: N801  # Sequence is taken
    """Whole numbers, one after the other, from `start` for row `first` on."""

    def __init__(self, column: Column, start: int, step: int = 1, first: int = 0) -> None:
        self._column = column
        self.start, self.step, self.first = start, step, first
        self.count = 2**62

    def starting(self, start: int, first: int) -> Sequence_:
        """Give the same sequence from another number and row on."""
        return Sequence_(self._column, start, self.step, first)

    def of_rows(self, rows: NDArray[np.int64]) -> list[Any]:
        """Give the values of these rows."""
        return self.at(rows - self.first)

    def at(self, numbers: NDArray[np.int64]) -> list[Any]:
        """Give the values of these numbers."""
        values: list[Any] = (self.start + numbers * self.step).tolist()
        if self._column.kind == "integer":
            return values
        return [coerce(self._column, value) for value in values]
