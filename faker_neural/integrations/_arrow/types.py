"""The Arrow types of a database's columns, and arrays of their values."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from faker_neural import OptionError

from .installed import pa

if TYPE_CHECKING:
    from faker_neural.seeding import Column

__all__ = ["array_of", "type_of"]

_DIGITS, _SCALE = 38, 9  # the most that decimal128 has; the scale of a type that says none


def type_of(column: Column) -> pa.DataType:
    """Return the Arrow type of a column's values.

    A UUID is text, and so are JSON and types that SQLAlchemy does not know.

    Args:
        column: the column.
    """
    if column.kind == "array":
        return pa.list_(_ITEMS.get(_python_type(column), pa.string()))
    make: Callable[[Column], Any] | None = _TYPES.get(column.kind)
    return make(column) if make else pa.string()


def array_of(column: Column, values: Sequence[Any]) -> pa.Array:
    """Return the Arrow array of a column's values.

    Args:
        column: the column.
        values: the values; None for NULL.

    Raises:
        OptionError: Arrow's type cannot hold a value.
    """
    make, type_ = _VALUES.get(column.kind), type_of(column)
    if make is not None:
        values = [None if value is None else make(value) for value in values]
    try:
        return pa.array(values, type_)
    except (pa.ArrowException, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise OptionError("column", str(column), f"has no Arrow {type_}: {reason}") from None


def _python_type(column: Column) -> type:
    item: Any = getattr(column.type, "item_type", column.type)
    found: type = item.python_type
    return found


def _integer(column: Column) -> pa.DataType:
    high = column.domain.high
    return pa.int64() if high is None or high < 2**63 else pa.decimal128(20, 0)


def _decimal(column: Column) -> pa.DataType:
    digits, scale = getattr(column.type, "precision", None) or _DIGITS, column.scale
    if scale is None:  # SQLite and others keep any digits behind the point
        digits, scale = digits + _SCALE, _SCALE
    return pa.decimal128(min(max(digits, scale), _DIGITS), scale)


def _datetime(column: Column) -> pa.DataType:
    return pa.timestamp("us", "UTC" if getattr(column.type, "timezone", False) else None)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


_TYPES: dict[str, Callable[[Column], pa.DataType]] = {
    "integer": _integer,
    "decimal": _decimal,
    "float": lambda column: pa.float64(),
    "boolean": lambda column: pa.bool_(),
    "date": lambda column: pa.date32(),
    "datetime": _datetime,
    "time": lambda column: pa.time64("us"),
    "bytes": lambda column: pa.binary(),
}
_ITEMS = {
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    Decimal: pa.decimal128(_DIGITS, _SCALE),
    dt.date: pa.date32(),
    dt.datetime: pa.timestamp("us"),
}
_VALUES: dict[str, Callable[[Any], Any]] = {
    "uuid": str,
    "json": _json,
    "choice": str,
    "other": str,
    "text": str,
}
