"""Sources that draw a value for each random key."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from faker import Faker

from faker_neural import ExhaustedError, load
from faker_neural._keys import Keys, attempt_keys, split_mix
from faker_neural.seeding.schema.schema import Column

from .coerce import coerce

__all__ = ["FakerSource", "NeuralSource", "RandomBytes", "RandomSource", "RowSource"]

_ATTEMPTS = 20  # draws before a text that does not fit is cut


class RandomSource(ABC):
    """Draws a value for each random key; values may repeat."""

    @abstractmethod
    def values(self, keys: Keys) -> list[Any]:
        """Draw a value for each random key.

        Args:
            keys: uint64 [rows].

        Returns:
            One value for each key.

        Raises:
            ExhaustedError: no drawn value fits the column.
        """


@dataclass(frozen=True)
class NeuralSource(RandomSource):
    """Draws text from a model so that it fits the column.

    Args:
        column: the column.
        model: the name or the path of the model.
        options: the options of the draw, see `faker_neural.Options`.
    """

    column: Column
    model: str
    options: Mapping[str, Any]

    def values(self, keys: Keys) -> list[Any]:
        """Draw a text for each random key."""
        texts = load(self.model).texts(keys.tolist(), **self.fitting)
        return _fitted(self.column, texts, keys, self._again)

    def _again(self, key: int) -> str:
        return load(self.model).texts([key], **self.fitting)[0]

    @cached_property
    def fitting(self) -> dict[str, Any]:
        """The options, adapted to the column's length, character set and pattern."""
        fit, domain = self.column.fit, self.column.domain
        alphabet = {letter for token in load(self.model).card.tokens for letter in token}
        options = dict(self.options)
        given, room = options.get("max_length"), fit.guaranteed_characters(alphabet)
        if room is not None:
            options["max_length"] = min(room, given or room)
        if domain.min_length and not options.get("min_length"):
            options["min_length"] = domain.min_length
        if "alphabet" not in options and (allowed := fit.allowed(alphabet)) is not None:
            options["alphabet"] = allowed
        if "pattern" not in options and domain.pattern:
            options["pattern"] = domain.pattern
        return options


@dataclass(frozen=True)
class RowSource(RandomSource):
    """Draws a column of a model's rows.

    Columns of a table with the same model and the same given values get the same random keys, so
    their values belong to the same rows. A text that is too long for its column is cut.

    Args:
        column: the column.
        model: the name or the path of the model of rows.
        name: the column of the model.
        given: the name and the value of each column of the model that every row has.
        options: the options of whole rows, see `faker_neural.Options`.
    """

    column: Column
    model: str
    name: str
    given: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, Any], ...]

    @property
    def shared_key(self) -> tuple[str, ...]:
        """The names from which the seed of this source and of its fellows comes."""
        return "row", self.model, *map(repr, self.given), *map(repr, self.options)

    def values(self, keys: Keys) -> list[Any]:
        """Draw a value for each random key.

        Raises:
            ExhaustedError: no row of the model fits the column or the given values.
        """
        rows = _rows(self.model, self.given, self.options, keys.tobytes())
        values: list[Any] = [row[self.name] for row in rows]
        if not self.column.nullable:
            return _fitted(self.column, values, keys, None)
        filled = [i for i, value in enumerate(values) if value]  # an empty cell becomes NULL
        fitted = _fitted(self.column, [values[i] for i in filled], keys, None)
        placed = dict(zip(filled, fitted, strict=True))
        return [placed.get(i) for i in range(len(values))]


@lru_cache(maxsize=2)  # the columns of a table ask for the same rows one after another
def _rows(
    model: str,
    given: tuple[tuple[str, str], ...],
    options: tuple[tuple[str, Any], ...],
    keys: bytes,
) -> list[dict[str, str]]:
    drawn = np.frombuffer(keys, dtype=np.uint64).tolist()
    return load(model).rows_of(drawn, given=dict(given), **dict(options))


@dataclass(frozen=True)
class FakerSource(RandomSource):
    """Draws values from a method of Faker, seeded anew for each value.

    Args:
        column: the column.
        method: the name of the method.
        arguments: the arguments of the method.
        locale: the locale of Faker; None for its default.
    """

    column: Column
    method: str
    arguments: Mapping[str, Any]
    locale: str | None = None

    def values(self, keys: Keys) -> list[Any]:
        """Draw a value for each random key."""
        return _fitted(self.column, list(map(self._draw, keys.tolist())), keys, self._draw)

    def _draw(self, key: int) -> Any:
        fake, generator = _faker(self.locale)
        generator.seed(key)
        return getattr(fake, self.method)(**self.arguments)


@cache
def _faker(locale: str | None) -> tuple[Faker, random.Random]:
    fake = Faker(locale)
    fake.seed_instance(0)  # makes a generator of its own, not shared with other Fakers
    return fake, fake.random


def _fitted(
    column: Column, values: list[Any], keys: Keys, draw: Callable[[int], Any] | None
) -> list[Any]:
    """Convert values to the column's kind; draw again, then cut, those that do not fit.

    Without `draw` they are only cut.

    Raises:
        ExhaustedError: no drawn value fits the column.
    """
    for place, value in enumerate(values):
        made, rule = _made(column, value)
        if rule and draw is not None:
            key = keys[place : place + 1]
            again = attempt_keys(key, range(1, _ATTEMPTS + 1))[0].tolist()
            tried = (_made(column, draw(one)) for one in again)
            made, rule = next((one for one in tried if not one[1]), (made, rule))
        if rule and column.kind == "text":
            made, rule = _made(column, column.fit.cut(str(value)))
        if rule:
            raise ExhaustedError(str(column), f"draws values such as {value!r}, which {rule}")
        values[place] = made
    return values


def _made(column: Column, value: Any) -> tuple[Any, str]:
    """Return the converted value and "", or the value itself and the rule that it breaks."""
    text = str(value) if column.kind == "text" and not isinstance(value, str) else value
    try:
        return coerce(column, text), ""
    except ValueError as error:
        return value, str(error)


@dataclass(frozen=True)
class RandomBytes(RandomSource):
    """Draws random bytes, or UUIDs of version 4 if the column is not of bytes.

    Args:
        column: the column.
        length: the number of bytes, 1 or more; 16 for UUIDs.
    """

    column: Column
    length: int = 16

    def values(self, keys: Keys) -> list[Any]:
        """Draw a value for each random key."""
        words = -(-self.length // 8)
        drawn = split_mix(keys[:, None], np.arange(words, dtype=np.uint64)).astype(">u8")
        found = [row.tobytes()[: self.length] for row in drawn]
        if self.column.kind == "bytes":
            return found
        return [coerce(self.column, UUID(bytes=one, version=4)) for one in found]
