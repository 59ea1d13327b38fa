"""Cleaning of the columns that the bundled fields are trained on, as recipes.toml says."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars
from offensive import offensive_words
from wordfreq import zipf_frequency

__all__ = ["clean", "clean_rows"]

_WORD = re.compile(r"[^\W\d_]+")
_OTHERS = ("sv", "nl", "de", "fr", "pt", "es", "it")  # languages to compare with English
_FOREIGN = 1.0  # a foreign word is 10**1.0 times more frequent in its language


def clean(recipe: Mapping[str, Any], name: str, data: Path) -> list[str]:
    """Return the lines to train a field on, without duplicates.

    HTML entities become characters, and white space becomes single spaces. Lines with an offensive
    word are left out of every column.

    Args:
        recipe: the recipe of the field. `drop` is a regular expression of lines to leave out;
            `english` leaves out lines in another language; `shouting` leaves out lines in capitals.
        name: the name of the field, and of its column unless `columns` in the recipe has other
            names.
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


def clean_rows(recipe: Mapping[str, Any], table: Path) -> dict[str, list[str]]:
    """Return the columns of a table to train rows on, without rows that have an offensive word.

    Args:
        recipe: the recipe of the rows; `columns` names the columns.
        table: the CSV file of the table.
    """
    offensive = offensive_words()
    found = polars.read_csv(table, infer_schema=False).select(recipe["columns"]).fill_null("")
    rows = [tuple(map(_plain, row)) for row in found.rows()]
    kept = [row for row in rows if offensive.isdisjoint(_WORD.findall(" ".join(row).casefold()))]
    return dict(zip(recipe["columns"], map(list, zip(*kept, strict=True)), strict=True))


def _lines(data: Path, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        yield from (data / f"{column}.txt").read_text(encoding="utf-8").split("\n")


def _plain(line: str) -> str:
    """Unescape HTML entities, also if escaped twice; turn white space into single spaces."""
    text = html.unescape(html.unescape(line))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zs") else c for c in text)
    return " ".join(text.split())


def _is_foreign(line: str) -> bool:
    """Return whether most words of a line are more frequent in another language than in English."""
    words = [word.casefold() for word in _WORD.findall(line) if len(word) > 2]
    foreign = [
        word
        for word in words
        if max(zipf_frequency(word, language) for language in _OTHERS)
        > zipf_frequency(word, "en") + _FOREIGN
    ]
    return 2 * len(foreign) > len(words)


def _shouts(line: str) -> bool:
    """Return whether more than half of the words longer than three letters are in capitals."""
    words = [word for word in _WORD.findall(line) if len(word) > 3]
    return 2 * sum(word.isupper() for word in words) > len(words)
