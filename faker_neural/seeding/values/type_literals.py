"""Literals of types that only the database knows, such as INET or MONEY."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import types as t

from faker_neural.seeding.schema.schema import Column

__all__ = ["different_literals", "some_arrays", "type_name", "usual_literal"]

_MANY = 50  # literals for a column that is unique

_COUNTED: Mapping[str, Callable[[int], Any]] = {
    "inet": lambda n: f"192.0.2.{n}",
    "inet4": lambda n: f"192.0.2.{n}",
    "inet6": lambda n: f"2001:db8::{n:x}",
    "cidr": lambda n: f"192.0.{n}.0/24",
    "macaddr": lambda n: f"00:00:5e:00:53:{n:02x}",
    "macaddr8": lambda n: f"00:00:5e:00:53:01:00:{n:02x}",
    "interval": lambda n: f"{n} day",
    "money": lambda n: f"{n}.00",
    "oid": lambda n: n,
    "xid8": str,
    "pg_lsn": lambda n: f"0/{n:X}",
    "tsvector": lambda n: f"text{n}",
    "tsquery": lambda n: f"text{n}",
    "ltree": lambda n: f"a{n}",
    "hstore": lambda n: f"a=>{n}",
    "int4range": lambda n: f"[{n},{n + 1})",
    "int8range": lambda n: f"[{n},{n + 1})",
    "numrange": lambda n: f"[{n},{n + 1})",
    "daterange": lambda n: f"[{2000 + n}-01-01,{2000 + n}-01-02)",
    "tsrange": lambda n: f"[{2000 + n}-01-01,{2000 + n}-01-02)",
    "tstzrange": lambda n: f"[{2000 + n}-01-01,{2000 + n}-01-02)",
    "int4multirange": lambda n: f"{{[{n},{n + 1})}}",
    "int8multirange": lambda n: f"{{[{n},{n + 1})}}",
    "nummultirange": lambda n: f"{{[{n},{n + 1})}}",
}

# Most of them cannot be unique.
_CONSTANT: Mapping[str, Any] = {
    "xml": "<a/>",
    "tsvector": "text",
    "tsquery": "text",
    "jsonpath": "$",
    "ltree": "a",
    "hstore": "",
    "regclass": "pg_class",
    "regconfig": "simple",
    "txid_snapshot": "1:1:",
    "int4multirange": "{}",
    "int8multirange": "{}",
    "nummultirange": "{}",
    "datemultirange": "{}",
    "tsmultirange": "{}",
    "tstzmultirange": "{}",
    "point": "(0,0)",
    "box": "(1,1),(0,0)",
    "lseg": "[(0,0),(1,1)]",
    "line": "{1,1,0}",
    "path": "((0,0),(1,1))",
    "polygon": "((0,0),(1,1))",
    "circle": "<(0,0),1>",
    "geometry": "POINT(0 0)",
    "geography": "POINT(0 0)",
    "null": "(0,0)",
}


def _shape_of(kind: int, counts: tuple[int, ...], points: int) -> str:
    """Return MySQL's binary form, all ASCII, of a shape whose points are all (0, 0)."""
    numbers = "".join(f"{chr(number)}\0\0\0" for number in (kind, *counts))
    return f"\0\0\0\0\1{numbers}{chr(0) * 16 * points}"


_POINT = _shape_of(1, (), 1)
_MYSQL: Mapping[str, Any] = {
    "point": _POINT,
    "geometry": _POINT,
    "null": _POINT,
    "linestring": _shape_of(2, (2,), 2),
    "polygon": _shape_of(3, (1, 4), 4),
    "geometrycollection": _shape_of(7, (0,), 0),
    "bit": 1,
}


def type_name(column: Column) -> str:
    """Return the name of a column's type in lower case, without the sizes.

    Args:
        column: the column.
    """
    return str(column.type).partition("(")[0].lower()


def usual_literal(dialect: str, column: Column) -> Any:
    """Return a value of a column whose type only the database knows; None for an unknown type.

    Args:
        dialect: SQLAlchemy's name of the kind of database.
        column: a column of the kind "json", "array" or "other".
    """
    if column.kind == "json":
        return {}
    if column.kind == "array":
        return next(iter(some_arrays(column)), [])
    name, literal = type_name(column), getattr(column.type, "literal", None)
    if literal is not None:
        return literal
    if dialect == "postgresql":
        sized = _of_size(name, column)
        return _COUNTED_OR_CONSTANT.get(name) if sized is None else sized
    return _MYSQL.get(name, _COUNTED_OR_CONSTANT.get(name))


_COUNTED_OR_CONSTANT = {name: make(1) for name, make in _COUNTED.items()} | {**_CONSTANT}


def _of_size(name: str, column: Column) -> str | None:
    """Return a literal of a type of PostgreSQL that depends on the sizes in parentheses."""
    if name.startswith("bit"):
        return "0" * (getattr(column.type, "length", None) or 1)
    sizes = re.search(r"\((.+)\)", str(column.type))
    if sizes and name in ("vector", "halfvec"):  # of pgvector
        return f"[{','.join('1' * int(sizes[1]))}]"
    if sizes and name in ("geometry", "geography"):  # of PostGIS
        shape, _, system = sizes[1].partition(",")
        start = f"SRID={system};" if system else ""
        return f"{start}{'POINT(0 0)' if shape == 'Point' else f'{shape} EMPTY'}"
    return None


def different_literals(dialect: str, column: Column) -> list[Any]:
    """Return different values for a column that is in a unique key; none for an unknown type.

    Args:
        dialect: SQLAlchemy's name of the kind of database.
        column: a column of the kind "json", "array" or "other".
    """
    name = type_name(column)
    if column.kind == "json":
        return [{"id": n} for n in range(1, _MANY + 1)]
    if column.kind == "array":
        return _arrays(column)
    if name.startswith("bit"):
        size = getattr(column.type, "length", None) or 1
        numbers = range(min(_MANY, 2**size))
        return [f"{n:0{size}b}" if dialect == "postgresql" else n for n in numbers]
    make = _COUNTED.get(name)
    return [make(n) for n in range(1, _MANY + 1)] if make else []


def some_arrays(column: Column) -> list[list[Any]]:
    """Return arrays of one and of two elements; none for an unknown type of elements.

    Args:
        column: a column of the kind "array".
    """
    item = getattr(column.type, "item_type", None)
    if isinstance(item, t.Enum):
        return [[one] for one in item.enums]
    found = _arrays(column)
    if isinstance(item, t.String):
        return [["news"], ["howto", "tips"], ["sale"], ["featured", "summer"], ["events"]]
    return [*found[:3], [value for one in found[3:5] for value in one]] if found else []


def _arrays(column: Column) -> list[Any]:
    item = getattr(column.type, "item_type", None)
    if isinstance(item, t.Integer | t.Numeric):
        return [[n] for n in range(1, _MANY + 1)]
    if isinstance(item, t.String) and not isinstance(item, t.Enum):
        return [[str(n)] for n in range(1, _MANY + 1)]
    return []
