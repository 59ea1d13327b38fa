"""The treatment of characters and cells that no value should have."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from html.entities import html5

from .notes import Notes

__all__ = ["drop_characters", "tidy_cells"]

_DROPPED = {
    "NUL character": re.compile("\0"),
    "control character": re.compile("[\x01-\x08\x0e-\x1b\x7f]"),  # none of them is white space
    "byte order mark": re.compile("\ufeff"),
    "lone surrogate": re.compile("[\ud800-\udfff]"),
}
_ANY_DROPPED = re.compile("[\0-\x08\x0e-\x1b\x7f\ufeff\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKED_SPACE = re.compile(" *\0[ \0]*")
_EMPTY = {
    *("NULL", "null", "(null)", "<null>", "\\N", "N/A", "n/a", "<NA>", "NaN", "nan"),
    *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"),  # of Excel
}


def drop_characters(text: str, notes: Notes) -> str:
    """Drop control characters that are no white space, byte order marks and lone surrogates.

    Two surrogates that form a pair become the character that they stand for.

    Args:
        text: the text.
        notes: counts what is dropped.
    """
    if not _ANY_DROPPED.search(text):
        return text
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    for noun, pattern in _DROPPED.items():
        text, count = pattern.subn("", text)
        notes.add("dropped {}", noun, count)
    return text


def tidy_cells(cells: Iterable[str], notes: Notes, *, as_is: bool) -> list[str]:
    """Return cells without characters that no value should have.

    HTML entities are unescaped; an entity that is white space becomes a space. Cells that stand for
    a missing value, such as "NULL", become empty.

    Args:
        cells: the cells of one column.
        notes: counts what is changed.
        as_is: whether HTML entities and missing values are left as they are.
    """
    steps: list[Callable[[str, Notes], str]] = [drop_characters]
    if not as_is:
        steps += [_unescape, _without_missing]
    tidied = []
    for cell in cells:
        for step in steps:
            cell = step(cell, notes)
        tidied.append(cell)
    return tidied


def _unescape(text: str, notes: Notes) -> str:
    if "&" not in text:
        return text
    before = text
    while (plain := _ENTITY.sub(_character, text)) != text:  # "&amp;eacute;" is escaped twice
        text = plain
    if text != before:
        text = _MARKED_SPACE.sub(" ", text)
        notes.add("unescaped HTML entities in {}", "cell")
    return text


def _character(entity: re.Match[str]) -> str:
    """Return the character of an entity, NUL for white space, and an unknown entity as it is."""
    text = entity[0]
    if text[1] != "#" and text[1:] not in html5:
        return text
    character = html.unescape(text)
    return "\0" if character.isspace() else character


def _without_missing(text: str, notes: Notes) -> str:
    if (stripped := text.strip()) not in _EMPTY:
        return text
    notes.add("read {} as empty", "missing value", first=repr(stripped))
    return ""
