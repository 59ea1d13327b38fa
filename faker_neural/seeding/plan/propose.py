"""Proposes a plan for a database from its types, keys, constraints and names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from faker_neural.seeding.schema.domain import comparable_time
from faker_neural.seeding.schema.schema import Column, Schema, Table

from .column_names import (
    PROPOSED_OPTIONS,
    Numbers,
    date_kind,
    empty_share,
    numbers,
    period,
    shape,
    text,
    words,
)
from .plan import ColumnPlan, Plan, TablePlan
from .source_factory import make_source

__all__ = ["propose"]

_SKIP = ColumnPlan("skip")
_FEW = 10_000  # widest bounds of a column that are proposed unchanged
_ENDLESS, _SENTENCE, _PHRASE = 10**9, 80, 13  # characters

_PERIODS = {
    "birth": (dt.date(1950, 1, 1), dt.date(2005, 12, 31)),
    "past": (dt.date(1970, 1, 1), dt.date(2025, 12, 31)),
    "future": (dt.date(2026, 1, 1), dt.date(2030, 12, 31)),
    "": (dt.date(2020, 1, 1), dt.date(2025, 12, 31)),
    "early": (dt.date(2020, 1, 1), dt.date(2022, 12, 31)),
    "late": (dt.date(2023, 1, 1), dt.date(2025, 12, 31)),
}
_HOURS = {
    "": (dt.time(0), dt.time(23, 59, 59)),
    "early": (dt.time(8), dt.time(11, 59, 59)),
    "late": (dt.time(16), dt.time(21, 59, 59)),
}

# A literal for each type that only the database knows, such as MONEY.
_LITERALS: Mapping[str, Any] = {
    "inet": "192.0.2.1",
    "inet4": "192.0.2.1",
    "inet6": "2001:db8::1",
    "cidr": "192.0.2.0/24",
    "macaddr": "00:00:5e:00:53:01",
    "macaddr8": "00:00:5e:00:53:01:00:00",
    "interval": "1 day",
    "money": "1.00",
    "xml": "<a/>",
    "oid": 1,
    "xid8": "1",
    "pg_lsn": "0/0",
    "tsvector": "text",
    "tsquery": "text",
    "jsonpath": "$",
    "ltree": "a",
    "hstore": "",
    "regclass": "pg_class",
    "regconfig": "simple",
    "txid_snapshot": "1:1:",
    "int4range": "[1,2)",
    "int8range": "[1,2)",
    "numrange": "[1,2)",
    "daterange": "[2020-01-01,2020-01-02)",
    "tsrange": "[2020-01-01,2020-01-02)",
    "tstzrange": "[2020-01-01,2020-01-02)",
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
_MYSQL_LITERALS = {
    "point": _POINT,
    "geometry": _POINT,
    "null": _POINT,
    "linestring": _shape_of(2, (2,), 2),
    "polygon": _shape_of(3, (1, 4), 4),
    "geometrycollection": _shape_of(7, (0,), 0),
    "bit": 1,
}


_EMPTY: Mapping[str, Any] = {"json": {}, "array": []}


def propose(schema: Schema) -> Plan:
    """Return a proposed plan for a database.

    A source is marked as a guess if only a name or a comment suggests it. The fallback for text
    whose name suggests nothing is also a guess.

    Args:
        schema: the schema of the database.
    """
    return Plan(
        tables={
            name: TablePlan(columns={key: _column(schema, table, key) for key in table.columns})
            for name, table in schema.tables.items()
        }
    )


def _column(schema: Schema, table: Table, name: str) -> ColumnPlan:
    column = table.columns[name]
    plan = _by_key(table, column) or _by_constraint(column) or _by_type(schema, table, column)
    if not column.nullable or plan.source == "skip" or name in table.primary_key:
        return plan
    itself = name in table.referring and table.referring[name].parent == table.name
    return replace(plan, null=max(empty_share(words(name)), 0.1 if itself else 0.0))


def _by_key(table: Table, column: Column) -> ColumnPlan | None:
    if column.generated:
        return _SKIP
    if key := table.referring.get(column.name):
        # a row refers to its own table by a key that is known before the rows are written
        own = key.parent == table.name and not _is_counted(table, key.parent_columns)
        return _SKIP if own and column.nullable else ColumnPlan("fk")
    counted = column.kind in ("integer", "decimal") and table.primary_key == (column.name,)
    return _sequence(column) if counted else None


def _is_counted(table: Table, columns: tuple[str, ...]) -> bool:
    kind = table.columns[columns[0]].kind
    return columns == table.primary_key and len(columns) == 1 and kind in ("integer", "uuid")


def _by_constraint(column: Column) -> ColumnPlan | None:
    values = column.domain.values
    if values is None and _type_name(column) == "set":
        values = tuple(getattr(column.type, "values", ()))
    if values is None:
        return None
    return _choice(*values) if values else _SKIP


def _by_type(schema: Schema, table: Table, column: Column) -> ColumnPlan:
    maker = _number if _type_name(column) == "year" else _PLAN_BY_KIND.get(column.kind)
    if maker is not None:
        return maker(table, column)
    if column.nullable or column.default:
        return _SKIP
    return _of_other_type(schema.dialect, column)


def _of_other_type(dialect: str, column: Column) -> ColumnPlan:
    length = getattr(column.type, "length", None)
    if column.kind in _EMPTY:
        return _choice(_EMPTY[column.kind])
    if column.kind == "bytes":
        uuid = length == 16 and words(column.name).endswith("id")
        options = {"length": min(16, length or 16)}
        return ColumnPlan("uuid", guess=True) if uuid else ColumnPlan("bytes", options)
    name = _type_name(column)
    if name == "bit" and dialect == "postgresql":
        return _choice("0" * (length or 1))
    literals = _LITERALS if dialect == "postgresql" else {**_LITERALS, **_MYSQL_LITERALS}
    return replace(_choice(literals.get(name, "a")), guess=name not in literals or name == "null")


def _type_name(column: Column) -> str:
    return str(column.type).partition("(")[0].lower()


def _boolean(table: Table, column: Column) -> ColumnPlan:
    return _choice(True, False)


def _uuid(table: Table, column: Column) -> ColumnPlan:
    return ColumnPlan("uuid")


def _choice(*values: Any) -> ColumnPlan:
    return ColumnPlan("choice", {"values": list(values)})


def _sequence(column: Column) -> ColumnPlan:
    lowest, _ = _bounds(column, _line(column))
    return ColumnPlan("sequence", {"start": int(lowest)} if lowest and lowest > 1 else {})


def _number(table: Table, column: Column) -> ColumnPlan:
    line, counted = _line(column), column.kind in ("integer", "decimal")
    if counted and (column.name,) in table.unique:
        return _sequence(column)
    bounds = _stated(column, line, 100)
    if bounds is not None and 0 <= bounds[0] <= 1:  # no type alone has these bounds
        return _range(line, *bounds)
    if (found := _named_numbers(column)) is not None:
        return replace(_range_of_numbers(column, line, found), guess=True)
    if (bounds := _stated(column, line, _FEW)) is not None:
        return _range(line, *bounds)
    if counted and any(column.name in key for key in table.unique):
        return _sequence(column)
    usual = Numbers(1970, 2025) if _type_name(column) == "year" else Numbers(1, 1000)
    return _range_of_numbers(column, line, usual)


def _stated(column: Column, line: _Line, most: int) -> tuple[Decimal, Decimal] | None:
    """Return the bounds of a column, if at most `most` apart and not those of a signed type."""
    lowest, highest = _bounds(column, line)
    if lowest is None or highest is None or not 0 <= highest - lowest <= most:
        return None
    of_type = lowest < 0 and abs(lowest + highest) <= 1  # bounds of the type, such as -128 to 127
    return None if of_type else (lowest, highest)


def _named_numbers(column: Column) -> Numbers | None:
    whole = column.kind not in ("float", "decimal") or column.scale == 0
    named = (numbers(words(said), whole=whole) for said in (column.name, column.comment))
    return next(filter(None, named), None)


def _range_of_numbers(column: Column, line: _Line, found: Numbers) -> ColumnPlan:
    plan = _range(line, *_within(column, line, found.low, found.high))
    if found.step is None or (found.step <= line.step and column.kind != "float"):
        return plan
    return replace(plan, options={**plan.options, "step": line.back(found.step)})


def _moment(table: Table, column: Column) -> ColumnPlan:
    line, name = _line(column), _period(table, column)
    low, high = _PERIODS["past" if (column.name,) in table.unique else name]
    ends: tuple[Any, Any] = low, dt.datetime.combine(high, dt.time(23, 59, 59))
    if column.kind == "time":
        ends = _HOURS.get(name, _HOURS[""])
    return replace(_range(line, *_within(column, line, *ends)), guess=bool(name))


def _period(table: Table, column: Column) -> str:
    """Return the period of a column's name; "early" or "late" only if the table has both."""
    moments = [one for one in table.columns.values() if one.kind in ("date", "datetime", "time")]
    others = {period(words(one.name)) for one in moments}
    own = period(words(column.name))
    return "" if own in ("early", "late") and not {"early", "late"} <= others else own


def _text(table: Table, column: Column) -> ColumnPlan:
    if column.default:  # such as a state or a flag: the default is the usual value
        return _SKIP
    if _type_name(column) == "longtext" and getattr(column.type, "collation", "") == "utf8mb4_bin":
        return _SKIP if column.nullable else _choice("{}")  # MariaDB stores JSON in this type
    plans = list(_texts(table, column))
    if column.domain.pattern is None and column.domain.min_length is None:
        return plans[0]
    return next((plan for plan in plans if _accepted(column, plan)), plans[0])


def _accepted(column: Column, plan: ColumnPlan) -> bool:
    try:
        make_source(column, plan)
    except ValueError:
        return False
    return True


def _texts(table: Table, column: Column) -> Iterator[ColumnPlan]:
    """Yield plans for a text column, the likeliest first."""
    name, room = words(column.name), _room(column)
    unique = (column.name,) in table.unique
    if room == 36 and name.endswith("id"):
        yield ColumnPlan("uuid", guess=True)
    yield from _texts_of_dates(name, room)
    for of_table, said in ((words(table.name), name), ("", words(column.comment))):
        source = text(of_table, said, room)
        if source is not None and not (unique and source.name == "choice"):
            yield ColumnPlan(source.name, source.options, guess=True)
        found = numbers(said, whole=True)
        if found is not None and not unique and len(str(found.high)) <= room:
            yield ColumnPlan("range", {"low": found.low, "high": found.high}, guess=True)
    yield from _texts_of_any_kind(room)


def _texts_of_dates(name: str, room: int) -> Iterator[ColumnPlan]:
    low, high = _PERIODS[period(name) if period(name) in ("birth", "past", "future") else ""]
    if date_kind(name) == "date" and room >= len(str(low)):
        yield ColumnPlan("range", {"low": low, "high": high}, guess=True)
    first, last = (dt.datetime.combine(day, dt.time()) for day in (low, high))
    if date_kind(name) == "datetime" and room >= len(str(first)):
        yield ColumnPlan("range", {"low": first, "high": last}, guess=True)


def _texts_of_any_kind(room: int) -> Iterator[ColumnPlan]:
    if room >= _SENTENCE:
        yield ColumnPlan("neural:task", PROPOSED_OPTIONS, guess=True)
    if room >= _PHRASE:
        yield ColumnPlan("neural:product_name", PROPOSED_OPTIONS, guess=True)
    source = shape("?" * room if room < 4 else "??".ljust(min(room, _PHRASE), "#"))
    yield ColumnPlan(source.name, source.options, guess=True)
    for name in ("neural:product_name", "faker:email", "faker:url"):  # if a CHECK refuses the rest
        yield ColumnPlan(name, guess=True)


def _room(column: Column) -> int:
    """Return how many ASCII characters fit."""
    return min(column.fit.characters or _ENDLESS, column.fit.max_bytes or _ENDLESS)


_PLAN_BY_KIND: Mapping[str, Callable[[Table, Column], ColumnPlan]] = {
    "boolean": _boolean,
    "uuid": _uuid,
    "integer": _number,
    "decimal": _number,
    "float": _number,
    "date": _moment,
    "datetime": _moment,
    "time": _moment,
    "text": _text,
}


@dataclass(frozen=True)
class _Line:
    """Converts the values of a column to Decimals and back; valid Decimals are `step` apart."""

    to: Callable[[Any], Decimal]
    back: Callable[[Decimal], Any]
    step: Decimal = Decimal(1)

    def up(self, value: Any) -> Decimal:
        """Return the smallest multiple of `step` that is not below a value."""
        return self._place(value, ROUND_CEILING)

    def down(self, value: Any) -> Decimal:
        """Return the largest multiple of `step` that is not above a value."""
        return self._place(value, ROUND_FLOOR)

    def _place(self, value: Any, rounding: str) -> Decimal:
        return (self.to(value) / self.step).to_integral_value(rounding) * self.step


def _line(column: Column) -> _Line:
    if column.kind in _LINES:
        return _LINES[column.kind]
    if column.kind != "decimal":
        return _Line(_decimal, int)
    step = Decimal(1).scaleb(-(2 if column.scale is None else column.scale))
    return _Line(_decimal, lambda place: place.quantize(step), step)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _seconds(value: Any) -> Decimal:
    found = comparable_time(value)
    if isinstance(found, dt.time):
        found = dt.datetime.combine(_START, found)
    return Decimal(0 if found is None else int((found - _START).total_seconds()))


def _at(place: Decimal) -> dt.datetime:
    return _START + dt.timedelta(seconds=int(place))


_START = dt.datetime(2000, 1, 1)
_LINES = {
    "float": _Line(_decimal, float, Decimal("0.01")),
    "date": _Line(_seconds, lambda place: _at(place).date(), Decimal(86_400)),
    "datetime": _Line(_seconds, _at),
    "time": _Line(_seconds, lambda place: _at(place).time()),
}


def _range(line: _Line, low: Decimal, high: Decimal) -> ColumnPlan:
    return ColumnPlan("range", {"low": line.back(low), "high": line.back(high)})


def _bounds(column: Column, line: _Line) -> tuple[Decimal | None, Decimal | None]:
    """Return the smallest and the largest value that a column allows; None for no bound."""
    domain = column.domain
    low = [] if domain.low is None else [line.up(domain.low)]
    low += [] if domain.above is None else [line.down(domain.above) + line.step]
    high = [] if domain.high is None else [line.down(domain.high)]
    high += [] if domain.below is None else [line.up(domain.below) - line.step]
    return max(low, default=None), min(high, default=None)


def _within(column: Column, line: _Line, low: Any, high: Any) -> tuple[Decimal, Decimal]:
    """Shift and cut a range to the values that the column allows."""
    lowest, highest = _bounds(column, line)
    first, last = line.up(low), line.down(high)
    span = max(last - first, line.step)
    if lowest is not None and last < lowest:
        first, last = lowest, lowest + span
    if highest is not None and first > highest:
        first, last = highest - span, highest
    first = first if lowest is None else max(first, lowest)
    last = last if highest is None else min(last, highest)
    return first, max(first, last)
