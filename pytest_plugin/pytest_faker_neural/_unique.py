"""Draws values that differ from all values drawn before in a test: `unique=True`."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ._sources import Source

if TYPE_CHECKING:
    from faker_neural import TextModel

__all__ = ["checked_flag", "unique_rows", "unique_texts"]

_T = TypeVar("_T")
_BATCH, _BATCHES = 64, 32  # a search ends after about 2,000 values without a new one


def unique_texts(
    source: Source, model: str | os.PathLike[str], nb: int | None, options: Any
) -> list[str]:
    """Draw strings that differ from all that this function drew with the same options.

    Args:
        source: draws the strings.
        model: the name or path of a model.
        nb: the number of strings; None for one.
        options: options of the strings.

    Raises:
        OptionError: an argument is out of range.
        ExhaustedError: no new string was drawn.
    """
    from faker_neural import load
    from faker_neural._call_options import text_options

    opened = load(model)
    wanted = opened.text_options(**text_options(options))

    def draw(count: int) -> list[str]:
        texts: list[str] = source.fake.neural_texts(model, count, **options)
        return texts

    return _unique(opened, draw, nb, source.seen.setdefault((opened, wanted), set()), str)


def unique_rows(
    source: Source, model: str | os.PathLike[str], nb: int | None, request: dict[str, Any]
) -> list[dict[str, str]]:
    """Draw rows that differ from all that this function drew for the same request.

    Args:
        source: draws the rows.
        model: the name or path of a model of rows.
        nb: the number of rows; None for one.
        request: the other arguments of `neural_rows`.

    Raises:
        ContractError: the model draws texts, not rows.
        OptionError: an argument is out of range.
        ExhaustedError: no new row was drawn.
    """
    from faker_neural import load
    from faker_neural._call_options import row_options

    opened, given, columns = load(model), request.get("given"), request.get("columns")
    options = {name: value for name, value in request.items() if name not in ("given", "columns")}
    _, wanted = opened.row_request(given, columns, **row_options(options))  # type: ignore[arg-type]

    def draw(count: int) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = source.fake.neural_rows(model, count, **request)
        return rows

    seen = source.seen.setdefault((opened, wanted), set())
    return _unique(opened, draw, nb, seen, lambda row: tuple(row.values()))


def checked_flag(unique: bool) -> bool:
    """Return the argument `unique`.

    Args:
        unique: the argument.

    Raises:
        OptionError: it is no bool.
    """
    if not isinstance(unique, bool):
        from faker_neural import OptionError

        raise OptionError("unique", unique, f"must be a bool, not {type(unique).__name__}")
    return unique


def _unique(
    opened: TextModel,
    draw: Callable[[int], Sequence[_T]],
    nb: int | None,
    seen: set[Hashable],
    key: Callable[[_T], Hashable],
) -> list[_T]:
    from faker_neural import ExhaustedError
    from faker_neural._call_options import count_of

    count = 1 if nb is None else count_of(nb)
    found: list[_T] = []
    fruitless = 0
    while (missing := count - len(found)) and fruitless < _BATCHES:
        for value in draw(max(missing, _BATCH) if fruitless else missing):
            if len(found) < count and key(value) not in seen:
                seen.add(key(value))
                found.append(value)
        fruitless = fruitless + 1 if count - len(found) == missing else 0
    if missing:
        raise ExhaustedError(
            opened.path,
            f"gave {len(seen):,} different values in this test, and then nothing new; fewer "
            "values, a higher temperature or longer ones may do",
        )
    return found
