"""Converts values of plans and sources to the kinds of values that columns take."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from faker_neural.seeding.domains.numbers import EXACT, exact_number
from faker_neural.seeding.schema.schema import Column

__all__ = ["coerce"]


def coerce(column: Column, value: Any) -> Any:
    """Convert a value to the column's kind without changing its meaning.

    Args:
        column: the column.
        value: any value; None (NULL) is returned unchanged.

    Returns:
        The value in the Python type of the column's kind.

    Raises:
        ValueError: the value cannot be converted, or the column does not allow it. The message is
            a rule such as "must be a date".
    """
    if value is None:
        return None
    made = _COERCE_BY_KIND.get(column.kind, _as_it_is)(column, value)
    if problem := column.domain.problem(made):
        raise ValueError(problem)
    if isinstance(made, str) and column.kind == "text" and not column.fit.holds(made):
        raise ValueError(f"must fit {column.fit}")
    return made


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool | list | dict | bytes):
        raise ValueError("must be text")
    return str(value)


def _integer(column: Column, value: Any) -> int:
    try:
        number = exact_number(int(value) if isinstance(value, bool) else value)
    except ValueError:
        raise ValueError("must be a whole number") from None
    whole = int(number)
    if whole != number:
        raise ValueError("must be a whole number")
    return whole


def _decimal(column: Column, value: Any) -> Decimal:
    number = exact_number(value)
    if column.scale is None or column.domain.problem(number):
        return number
    return number.quantize(Decimal(1).scaleb(-column.scale), context=EXACT)


def _float(column: Column, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("must be a number") from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError("must be a number")
    return number


def _boolean(column: Column, value: Any) -> bool:
    if value not in (True, False):
        raise ValueError("must be true or false")
    return bool(value)


def _datetime(column: Column, value: Any) -> dt.datetime:
    if isinstance(value, str):
        value = _from_iso(dt.datetime.fromisoformat, value, "must be a date and time")
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if not isinstance(value, dt.datetime):
        raise ValueError("must be a date and time")
    if getattr(column.type, "timezone", False):  # independent of the session's time zone
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value


def _date(column: Column, value: Any) -> dt.date:
    if isinstance(value, str):
        value = _from_iso(dt.date.fromisoformat, value, "must be a date")
    if isinstance(value, dt.datetime):
        return value.date()
    if not isinstance(value, dt.date):
        raise ValueError("must be a date")
    return value


def _time(column: Column, value: Any) -> dt.time:
    if isinstance(value, str):
        value = _from_iso(dt.time.fromisoformat, value, "must be a time of day")
    if not isinstance(value, dt.time):
        raise ValueError("must be a time of day")
    return value


def _uuid(column: Column, value: Any) -> UUID | str:
    try:
        made = value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise ValueError("must be a UUID") from None
    return made if getattr(column.type, "as_uuid", True) else str(made)


def _bytes(column: Column, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes):
        raise ValueError("must be bytes or text")
    return value


def _array(column: Column, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return list(value)


def _json(column: Column, value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError("must be of text, numbers, true, false, lists and tables") from None
    return value


def _as_it_is(column: Column, value: Any) -> Any:
    return value


def _from_iso(read: Callable[[str], Any], text: str, rule: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise ValueError(rule) from None


_COERCE_BY_KIND: dict[str, Callable[[Column, Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "boolean": _boolean,
    "datetime": _datetime,
    "date": _date,
    "time": _time,
    "uuid": _uuid,
    "bytes": _bytes,
    "array": _array,
    "json": _json,
}
