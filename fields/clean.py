"""Cleans the columns that the fields are learned from, as recipes.toml says."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from offensive import offensive_words
from wordfreq import zipf_frequency

__all__ = ["clean"]

_WORD = re.compile(r"[^\W\d_]+")
_OTHERS = ("sv", "nl", "de", "fr", "pt", "es", "it")  # languages, beside English
_FOREIGN = 1.0  # as much more frequent is a foreign word in its language, by powers of ten


def clean(recipe: Mapping[str, Any], name: str, data: Path) -> list[str]:
    """Return the lines that a field learns from.

    HTML entities become characters, white space becomes single spaces, and lines with an
    offensive word are left out of every column. A recipe's `drop` is a regular expression of
    lines to leave out; `english` leaves out what is in another language; `shouting` leaves out
    what is in capitals.

    Args:
        recipe: of the field.
        name: of the field, and of its column unless the recipe's `columns` name others.
        data: the folder of the columns.
    """
    drop = re.compile(recipe.get("drop", r"\A\Z"))
    offensive = offensive_words()
    kept = dict.fromkeys(
        line
        for line in map(_plain, _lines(data, recipe.get("columns", [name])))
        if line
        and not drop.search(line)
        and offensive.isdisjoint(_WORD.findall(line.casefold()))
        and not (recipe.get("english") and _is_foreign(line))
        and not (recipe.get("shouting") and _shouts(line))
    )
    return list(kept)


def _lines(data: Path, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        yield from (data / f"{column}.txt").read_text(encoding="utf-8").split("\n")


def _plain(line: str) -> str:
    """Turn HTML entities, even those escaped twice, and white space into plain text."""
    text = html.unescape(html.unescape(line))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zs") else c for c in text)
    return " ".join(text.split())


def _is_foreign(line: str) -> bool:
    """Tell whether most words of a line are rather those of another language than English."""
    words = [word.casefold() for word in _WORD.findall(line) if len(word) > 2]
    foreign = [
        word
        for word in words
        if max(zipf_frequency(word, language) for language in _OTHERS)
        > zipf_frequency(word, "en") + _FOREIGN
    ]
    return 2 * len(foreign) > len(words)


def _shouts(line: str) -> bool:
    """Tell whether more than half of the longer words are in capitals."""
    words = [word for word in _WORD.findall(line) if len(word) > 3]
    return 2 * sum(word.isupper() for word in words) > len(words)
