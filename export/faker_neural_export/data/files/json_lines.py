"""JSON Lines: an object on each line, with the columns as its keys."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from faker_neural import ColumnError

from .decoding import split_lines
from .notes import Notes
from .table import Table, pick

__all__ = ["read_json_lines"]


def _no_value(constant: str) -> None:
    """Return None for NaN and the infinities, which are no JSON but occur in it."""


# a tab or another control character may stand within a string
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=_no_value)


def read_json_lines(path: os.PathLike[str], text: str, notes: Notes) -> Table:
    """Read JSON Lines; numbers keep the digits that they have in the file.

    Args:
        path: the file, for errors.
        text: its text.
        notes: counts what is changed.

    Raises:
        ColumnError: a line is no object, or there is none. When the columns are read: a cell is a
            list or an object. The message names the line.
    """
    lines = split_lines(text)
    notes.add("read {} as line ends", "CR character", sum(line.endswith("\r") for line in lines))
    objects = [
        (number, _object(path, number, line))
        for number, line in enumerate(lines, start=1)
        if not line.isspace()
    ]
    if not objects:
        raise ColumnError(path, "is empty")
    names = list(dict.fromkeys(name for _, found in objects for name in found))

    def rows(places: Sequence[int]) -> Iterator[list[str]]:
        for number, found in objects:
            yield [_cell(path, number, names[place], found) for place in places]

    return Table(names, lambda places: pick(rows(places), range(len(places))))


def _object(path: os.PathLike[str], number: int, line: str) -> Mapping[str, Any]:
    try:
        found = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        problem = f"line {number:,} is not JSON ({error.msg}: column {error.colno})"
        raise ColumnError(path, problem) from None
    except RecursionError:
        raise ColumnError(path, f"line {number:,} is nested too deep") from None
    if not isinstance(found, dict):
        raise ColumnError(path, f'line {number:,} is not an object, such as {{"name": "Rug"}}')
    return found


def _cell(path: os.PathLike[str], number: int, name: str, found: Mapping[str, Any]) -> str:
    cell = found.get(name)
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if cell is None:
        return ""
    kind = "a list" if isinstance(cell, list) else "an object"
    raise ColumnError(path, f"line {number:,}: column {name!r} holds {kind}, not text")
