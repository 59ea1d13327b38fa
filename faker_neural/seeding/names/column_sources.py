"""Sources of text that a name may suggest, and how tables of them are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "SuggestedSource",
    "Topics",
    "by_word",
    "choice",
    "faker",
    "listed",
    "neural",
    "shape",
]


@dataclass(frozen=True, slots=True)
class SuggestedSource:
    """A source suggested for text.

    Args:
        name: the name of the source, such as "faker:email".
        room: minimum number of characters that must fit into the column.
        options: the options of the source.
    """

    name: str
    room: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)


Topics = Mapping[str, tuple[SuggestedSource, ...]]
"""The sources of each word; the first that fits is taken."""


def shape(shape: str) -> SuggestedSource:
    """Return a source that replaces each ? by a capital letter and each # by a digit.

    Args:
        shape: the text with placeholders, such as "??-####".
    """
    if "?" in shape:
        return faker("bothify", len(shape), text=shape, letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return faker("numerify", len(shape), text=shape)


def neural(model: str, room: int = 10) -> SuggestedSource:
    """Return a source of learned text.

    Args:
        model: the name of a bundled model.
        room: minimum number of characters that must fit into the column.
    """
    return SuggestedSource(f"neural:{model}", room)


def faker(method: str, room: int, **options: Any) -> SuggestedSource:
    """Return a source of values of a method of Faker.

    Args:
        method: the name of the method.
        room: minimum number of characters that must fit into the column.
        options: the arguments of the method.
    """
    return SuggestedSource(f"faker:{method}", room, options)


def choice(*values: str) -> SuggestedSource:
    """Return a source of given values; all of them must fit into the column."""
    return SuggestedSource("choice", max(map(len, values)), {"values": list(values)})


def listed(values: str | SuggestedSource) -> SuggestedSource:
    """Return a choice of values that are separated by ", ", or the source that is given."""
    if isinstance(values, SuggestedSource):
        return values
    return choice(*values.split(", "))


def by_word(*rows: tuple[Any, ...]) -> Topics:
    """Return the sources of each word.

    Args:
        rows: words, then sources or lists of values; a later row replaces an earlier row.
    """
    return {word: tuple(map(listed, sources)) for names, *sources in rows for word in names.split()}
