"""Suggests the texts of a column from its name and the name of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .column_numbers import flag_weights
from .column_sources import SuggestedSource, Topics, faker
from .column_texts import NAME_IN_LIST, PERSON, PLACE, TEXT_SOURCES
from .column_topics import KINDS_OF_TEXT, NAMES

__all__ = ["text", "words"]

_SMALL, _LARGE = "a-zß-öø-ÿ", "A-ZÀ-ÖØ-Þ"
_WORD = re.compile(rf"[{_LARGE}]+(?![{_SMALL}])|[{_LARGE}]?[{_SMALL}]+|\d+|[^\W\d_]+")
# names whose two words are written as a single one
_JOINED = re.compile(
    "^(?:(last|first|start|end|due|full|short|display|final|time|order|create|update|stop|error"
    "|trigger|checked|plugin|bundle)"
    "(date|time|access|login|modified|created|updated|name|ip|grade|limit|seen|visit|by|price|msg)"
    "|(is|has)(active|admin|answered|cached|closed|current|default|deleted|enabled|hidden|locked|new"
    "|open|overdue|private|public|published|required|system|valid|visible)"
    "|([a-z]{3,})(address|uri|msg)|(enable|disable|email|mail|notify)(mail|email|on|error|owner)"
    "|(store|file|source|src|target|base|root|home|drv|expr|default|class|image|icon)(path))$"
)
_TRANSLATION = re.compile(" (description|translation|lang|i18n|i 18 n)$")
_SINGULAR = {
    "movies": "movie",
    "cookies": "cookie",
    "people": "person",
    "persons": "person",
    "children": "child",
    "series": "series",
    "news": "news",
    "sales": "sale",
    "statuses": "status",
    "aliases": "alias",
    "caches": "cache",
    "menus": "menu",
    "alias": "alias",
    "canvas": "canvas",
    "lens": "lens",
    "https": "https",
}


def words(name: str) -> str:
    """Return the words of a name in lower case and singular: "OrderItems" is "order item".

    Args:
        name: the name of a table or column, or a comment.
    """
    parted = (_parted(word.lower()) for word in _WORD.findall(name))
    return " ".join(_singular(word) for part in parted for word in part)


def text(
    table: str, column: str, room: int, *, beside: str = "", unique: bool = False
) -> SuggestedSource | None:
    """Suggest a source for a text column.

    Args:
        table: the words of the table's name.
        column: the words of the column's name or comment.
        room: the number of characters that fit.
        beside: the words of the names of the table's other columns.
        unique: whether the values must differ. If so, no choice is suggested.

    Returns:
        The first suggestion that fits; None if the names suggest none that fits.
    """
    fitting = (
        one
        for one in _suggestions(table, column, room, beside)
        if one.room <= room and not (unique and one.name == "choice")
    )
    return next(fitting, None)


def _suggestions(table: str, column: str, room: int, beside: str) -> Iterator[SuggestedSource]:
    table = _TRANSLATION.sub("", table)
    if NAME_IN_LIST.search(f"{table}/{column}"):  # colors.name has the values of a color
        yield from _suggestions("", table, room, "")
    if (weights := flag_weights(column)) and room <= 5:
        yield SuggestedSource("choice", 1, {"values": ["Y", "N"], "weights": list(weights)})
    place = " address" if PLACE.search(beside) else ""
    person = " of person" if PERSON.search(beside) else ""
    both = f"{table}{place}{person}/{column}"
    yield from (source for pattern, source in TEXT_SOURCES if pattern.search(both))
    yield from _topical(table, column)
    if weights:
        yield SuggestedSource("choice", 3, {"values": ["yes", "no"], "weights": list(weights)})


def _parted(word: str) -> list[str]:
    joined = _JOINED.match(word)
    return [part for part in joined.groups() if part] if joined else [word]


def _singular(word: str) -> str:
    if word in _SINGULAR or len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return _SINGULAR.get(word, word)
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word.removesuffix("s")


def _topical(table: str, column: str) -> Iterator[SuggestedSource]:
    """Yield sources for the kind of the column and the topic of the column or its table."""
    before, _, last = column.rpartition(" ")
    for pattern, topics, usual in KINDS_OF_TEXT:
        if pattern.search(column):
            yield from _of_topic(topics, before) or _of_topic(topics, table) or topics.get(last, ())
            yield from usual
            if topics is NAMES and (before or table):  # names that must differ
                noun = (before or table).split()[-1].capitalize()
                yield faker("numerify", len(noun) + 4, text=f"{noun} ###")
            return
    yield from NAMES.get(last, ())


def _of_topic(topics: Topics, name: str) -> tuple[SuggestedSource, ...]:
    """Return the sources of the last word that is a topic, or that ends with a long topic."""
    for word in reversed(name.split()):
        ends = (topic for topic in topics if len(topic) >= 6 and word.endswith(topic))
        if topic := word if word in topics else next(ends, ""):
            return topics[topic]
    return ()
