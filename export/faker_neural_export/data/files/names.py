"""The names of columns, tables and sheets, and what may have been meant by a name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from faker_neural import ColumnError

__all__ = ["find_column", "hint"]

_MOST_SHOWN = 20


def hint(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like a name, or else all known names.

    Args:
        name: the name that is not known; case does not count.
        known: the known names.
    """
    known = list(known)
    folded = {each.casefold(): each for each in reversed(known)}
    if near := get_close_matches(name.casefold(), folded, 1):
        return f"did you mean {folded[near[0]]!r}?"
    more = f" and {len(known) - _MOST_SHOWN:,} more" if len(known) > _MOST_SHOWN else ""
    return f"there are: {', '.join(known[:_MOST_SHOWN])}{more}"


def find_column(path: os.PathLike[str], names: Sequence[str], name: str | None) -> int:
    """Return the position of a column.

    White space around a name does not count. A column without a name is called by its number,
    counted from 1.

    Args:
        path: the file, for errors.
        names: the names of all columns.
        name: the column; None for the only one.

    Raises:
        ColumnError: there is no such column, or there are several.
    """
    known = [_one_line(each) or str(i) for i, each in enumerate(names, start=1)]
    if name is None and len(known) == 1:
        return 0
    if name is None:
        raise ColumnError(path, f"has several columns, name one; {hint('', known)}")
    wanted = _one_line(name)
    if wanted not in known:
        raise ColumnError(path, f"has no column {name!r}; {hint(wanted, known)}")
    places = [i for i, each in enumerate(known) if each == wanted]
    if len(places) > 1:
        shown = ", ".join(str(i + 1) for i in places)
        raise ColumnError(path, f"has {len(places)} columns {wanted!r} ({shown}); rename them")
    return places[0]


def _one_line(name: str) -> str:
    return " ".join(name.split())
