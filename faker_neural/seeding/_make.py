"""From a column's plan to its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from faker import Faker

from faker_neural import FakerNeuralError, load

from ._plan import ColumnPlan, nearest
from ._schema import Column
from ._sources import Choice, Counted, Drawn, Faked, Neural, Random, Range, Sequence_

__all__ = ["make_source"]

_TRIED = np.arange(3, dtype=np.uint64)  # keys
_OPTIONS = {
    "choice": ("values", "weights"),
    "range": ("low", "high", "step"),
    "sequence": ("start", "step"),
    "uuid": (),
    "bytes": ("length",),
    "fk": ("skew",),
    "skip": (),
}


def make_source(column: Column, plan: ColumnPlan) -> Drawn | Counted | None:
    """Make the source of a column's values, and try it; None for "fk" and "skip".

    Raises:
        ValueError: the plan asks for what is not there, or what the column does not take.
    """
    kind, _, name = plan.source.partition(":")
    if unknown := [key for key in plan.options if key not in _OPTIONS.get(kind, plan.options)]:
        known = _OPTIONS[kind]
        raise ValueError(f"{kind} has no {unknown[0]!r}{nearest(unknown[0], known)}")
    exact = kind in ("choice", "range")
    options = {key: value if exact else _number(value) for key, value in plan.options.items()}
    if kind == "neural":
        return _neural(column, name, options)
    if kind == "faker":
        return _faked(column, name, options)
    make = _MAKERS.get(kind)
    return make(column, options) if make else None


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _neural(column: Column, model: str, options: Mapping[str, Any]) -> Neural:
    if column.kind not in ("text", "choice", "other"):
        raise ValueError(f"neural:{model} gives text, and the column is of kind {column.kind}")
    source = Neural(column, model, options)
    try:
        load(model).options(**source.fitting)
        _check_all(column, source.values(_TRIED))
    except FakerNeuralError as error:
        raise ValueError(str(error)) from None
    return source


def _faked(column: Column, method: str, options: dict[str, Any]) -> Faked:
    locale = options.pop("locale", None)
    try:
        fake = Faker(locale)
    except (AttributeError, ValueError, TypeError):
        raise ValueError(f"Faker has no locale {locale!r}") from None
    known = tuple(name for name in dir(fake.factories[0]) if not name.startswith("_"))
    if method not in known or not callable(getattr(fake, method, None)):
        raise ValueError(f"Faker has no {method!r}{_near(method, known)}")
    source = Faked(column, method, options, locale)
    try:
        values = source.values(_TRIED)
    except Exception as error:  # whatever a provider raises of its arguments
        raise ValueError(f"faker:{method}: {str(error).splitlines()[0]}") from None
    _check_all(column, values)
    return source


def _near(name: str, known: tuple[str, ...]) -> str:
    hint = nearest(name, known)
    return hint if hint.startswith(",") else ""


def _range(column: Column, options: Mapping[str, Any]) -> Range:
    return Range(column, options["low"], options["high"], options.get("step"))


def _check_skew(column: Column, options: Mapping[str, Any]) -> None:
    skew = options.get("skew", 0)
    if not isinstance(skew, int | float) or skew < 0:
        raise ValueError(f"skew={skew!r} must be a number, 0 or more")


def _choice(column: Column, options: Mapping[str, Any]) -> Choice:
    values, weights = options["values"], options.get("weights")
    if weights is not None and (
        len(weights) != len(values) or min(weights) < 0 or not sum(weights) > 0
    ):
        raise ValueError(f"weights must be {len(values)} numbers, 0 or more, one for each value")
    try:
        return Choice(column, values, weights)
    except ValueError as error:
        raise ValueError(f"choice {error}") from None


def _sequence(column: Column, options: Mapping[str, Any]) -> Sequence_:
    if column.kind not in ("integer", "text", "decimal", "float"):
        raise ValueError(f"a sequence gives numbers, and the column is of kind {column.kind}")
    start, step = options.get("start", 1), options.get("step", 1)
    if not isinstance(start, int) or not isinstance(step, int) or step < 1:
        raise ValueError("a sequence starts at a whole number, with a step of 1 or more")
    return Sequence_(column, start, step)


def _uuid(column: Column, options: Mapping[str, Any]) -> Random:
    if column.kind not in ("uuid", "text"):
        raise ValueError(f"a UUID does not go into a column of kind {column.kind}")
    source = Random(column)
    _check_all(column, source.values(_TRIED))
    return source


def _bytes(column: Column, options: Mapping[str, Any]) -> Random:
    length = options.get("length", 16)
    if column.kind != "bytes" or not isinstance(length, int) or length < 1:
        raise ValueError("bytes are for a column of bytes, with a length of 1 or more")
    return Random(column, length)


def _check_all(column: Column, values: list[Any]) -> None:
    for value in values:
        problem = column.domain.problem(value)
        if not problem and isinstance(value, str) and not column.fit.holds(value):
            problem = f"must fit {column.fit}"
        if problem:
            raise ValueError(f"gives such as {value!r}, which {problem}")


_MAKERS: dict[str, Callable[[Column, Mapping[str, Any]], Counted | Drawn | None]] = {
    "choice": _choice,
    "range": _range,
    "sequence": _sequence,
    "uuid": _uuid,
    "bytes": _bytes,
    "fk": _check_skew,
}
