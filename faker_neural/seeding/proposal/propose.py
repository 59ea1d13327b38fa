"""Proposes a plan for a database from its types, keys, constraints and names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from faker_neural.seeding.domains.domain import comparable_time
from faker_neural.seeding.domains.numbers import EXACT
from faker_neural.seeding.names.column_names import text, words
from faker_neural.seeding.names.column_numbers import (
    Numbers,
    date_kind,
    empty_share,
    flag_weights,
    number_choice,
    numbers,
    period,
)
from faker_neural.seeding.names.column_sources import shape
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.plan.source_factory import make_source
from faker_neural.seeding.schema.schema import Column, Schema, Table
from faker_neural.seeding.values.type_literals import (
    different_literals,
    some_arrays,
    type_name,
    usual_literal,
)

__all__ = ["propose"]

_SKIP = ColumnPlan("skip")
_FEW = 10_000  # widest bounds of a column that are proposed unchanged
_ENDLESS, _SENTENCE, _PHRASE = 10**9, 256, 13  # characters

Periods = Mapping[str, tuple[dt.date, dt.date]]
"""The first and the last day of each period that a name may suggest."""

_HOURS = {
    "": (dt.time(0), dt.time(23, 59, 59)),
    "early": (dt.time(8), dt.time(11, 59, 59)),
    "late": (dt.time(16), dt.time(21, 59, 59)),
}


def propose(schema: Schema, as_of: dt.date = dt.date(2025, 12, 31)) -> Plan:
    """Return a proposed plan for a database.

    A source is marked as a guess if only a name or a comment suggests it. The fallback for text
    whose name suggests nothing is also a guess.

    Args:
        schema: the schema of the database.
        as_of: the last day of times in the past.
    """
    periods = _periods(as_of)
    return Plan(
        tables={
            name: TablePlan(
                columns={key: _column(schema, table, key, periods) for key in table.columns}
            )
            for name, table in schema.fillable.items()
        }
    )


def _periods(as_of: dt.date) -> Periods:
    year, tomorrow = as_of.year, as_of + dt.timedelta(days=1)
    return {
        "birth": (dt.date(year - 75, 1, 1), dt.date(year - 20, 12, 31)),
        "past": (dt.date(1970, 1, 1), as_of),
        "future": (tomorrow, dt.date(year + 5, 12, 31)),
        "": (dt.date(year - 5, 1, 1), as_of),
        "early": (dt.date(year - 5, 1, 1), dt.date(year - 3, 12, 31)),
        "late": (dt.date(year - 2, 1, 1), as_of),
    }


def _column(schema: Schema, table: Table, name: str, periods: Periods) -> ColumnPlan:
    column = table.columns[name]
    by_name = _by_key(table, column) or _by_constraint(column)
    plan = by_name or _by_type(schema, table, column, periods)
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
    return _sequence(column) if counted and column.domain.values is None else None


def _is_counted(table: Table, columns: tuple[str, ...]) -> bool:
    kind = table.columns[columns[0]].kind
    return columns == table.primary_key and len(columns) == 1 and kind in ("integer", "uuid")


def _by_constraint(column: Column) -> ColumnPlan | None:
    values = column.domain.values
    if values is None and type_name(column) == "set":
        values = tuple(getattr(column.type, "values", ()))
    if values is None:
        return None
    return _choice(*values) if values else _SKIP


def _by_type(schema: Schema, table: Table, column: Column, periods: Periods) -> ColumnPlan:
    maker = _number if type_name(column) == "year" else _PLAN_BY_KIND.get(column.kind)
    if maker is not None:
        return maker(table, column, periods)
    keyed = _is_keyed(table, column)
    if (column.default and not keyed) or (column.nullable and not column.default):
        return _SKIP
    return _of_other_type(schema.dialect, column, keyed=keyed)


def _is_keyed(table: Table, column: Column) -> bool:
    """Return whether a column is in a key: a value that repeats in all rows may be refused."""
    return any(column.name in key for key in table.unique)


def _of_other_type(dialect: str, column: Column, *, keyed: bool) -> ColumnPlan:
    if column.kind == "bytes":
        return ColumnPlan("bytes", {"length": _byte_count(column)})
    if keyed and (values := different_literals(dialect, column)):
        return _choice(*values)
    if column.default:
        return _SKIP
    if column.kind == "array" and (arrays := some_arrays(column)):
        return _choice(*arrays)
    value = usual_literal(dialect, column)
    guess = value is None or type_name(column) == "null"
    return replace(_choice("a" if value is None else value), guess=guess)


def _byte_count(column: Column) -> int:
    """Return the length of random bytes: 16, or the nearest that the column allows."""
    size, domain = getattr(column.type, "length", None), column.domain
    if type_name(column) == "binary" and size:  # always has this length
        return int(size)
    most = min(filter(None, (16, size, domain.most_length)))
    return max(int(most), domain.min_length or 1)


def _boolean(table: Table, column: Column, periods: Periods) -> ColumnPlan:
    weights = flag_weights(words(column.name))
    if weights is None:
        return _choice(True, False)
    return ColumnPlan("choice", {"values": [True, False], "weights": list(weights)}, guess=True)


def _uuid(table: Table, column: Column, periods: Periods) -> ColumnPlan:
    return ColumnPlan("uuid")


def _choice(*values: Any) -> ColumnPlan:
    return ColumnPlan("choice", {"values": list(values)})


def _sequence(column: Column) -> ColumnPlan:
    lowest, _ = _bounds(column, _line(column))
    return ColumnPlan("sequence", {"start": int(lowest)} if lowest and lowest > 1 else {})


def _number(table: Table, column: Column, periods: Periods) -> ColumnPlan:
    line, counted = _line(column), column.kind in ("integer", "decimal")
    if counted and (column.name,) in table.unique:
        return _sequence(column)
    bounds = _stated(column, line, 100)
    if bounds is not None and 0 <= bounds[0] <= 1:  # no type alone has these bounds
        return _range(line, *bounds)
    if (listed := _listed_numbers(column)) is not None:
        return listed
    if (found := _named_numbers(table, column, line, periods)) is not None:
        return replace(_range_of_numbers(column, line, found), guess=True)
    if (bounds := _stated(column, line, _FEW)) is not None:
        return _range(line, *bounds)
    if counted and any(column.name in key for key in table.unique):
        return _sequence(column)
    year = periods["past"][1].year
    usual = Numbers(1970, year) if type_name(column) == "year" else Numbers(1, 1000)
    return _range_of_numbers(column, line, usual)


def _stated(column: Column, line: _Line, most: int) -> tuple[Decimal, Decimal] | None:
    """Return the bounds of a column, if at most `most` apart and not those of a signed type."""
    lowest, highest = _bounds(column, line)
    if lowest is None or highest is None or not 0 <= highest - lowest <= most:
        return None
    # bounds of the type, such as -128 to 127, or -9.99 to 9.99 of NUMERIC(3, 2)
    precise = getattr(column.type, "precision", None) is not None and column.kind == "decimal"
    of_type = abs(lowest + highest) <= 1 and (lowest < -100 or (precise and lowest < 0))
    return None if of_type else (lowest, highest)


def _listed_numbers(column: Column) -> ColumnPlan | None:
    options = number_choice(words(column.name)) if column.kind == "integer" else None
    plan = options and ColumnPlan("choice", options, guess=True)
    return plan if plan and _accepted(column, plan) else None


def _named_numbers(table: Table, column: Column, line: _Line, periods: Periods) -> Numbers | None:
    whole = column.kind not in ("float", "decimal") or column.scale == 0
    _, largest = _bounds(column, line)
    said = ((words(table.name), words(column.name)), ("", words(column.comment)))
    seconds = _seconds_of(periods[_period(table, column)])
    named = (
        numbers(one, whole=whole, table=of, largest=largest, seconds=seconds) for of, one in said
    )
    return next(filter(None, named), None)


def _seconds_of(period: tuple[dt.date, dt.date]) -> tuple[int, int]:
    """Return the first and the last second of a period since 1970."""
    ends = zip(period, (dt.time(), dt.time(23, 59, 59)), strict=True)
    first, last = (dt.datetime.combine(day, time, dt.UTC).timestamp() for day, time in ends)
    return int(first), int(last)


def _range_of_numbers(column: Column, line: _Line, found: Numbers) -> ColumnPlan:
    plan = _range(line, *_within(column, line, found.low, found.high))
    if found.step is None or (found.step <= line.step and column.kind != "float"):
        return plan
    return replace(plan, options={**plan.options, "step": line.back(found.step)})


def _moment(table: Table, column: Column, periods: Periods) -> ColumnPlan:
    line, name = _line(column), _period(table, column)
    low, high = periods["past" if (column.name,) in table.unique else name]
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


def _text(table: Table, column: Column, periods: Periods) -> ColumnPlan:
    real = column.default and not column.empty_default
    if real and not _is_keyed(table, column):  # such as a state: the default is the usual value
        return _SKIP
    if type_name(column) == "longtext" and getattr(column.type, "collation", "") == "utf8mb4_bin":
        return _SKIP if column.nullable else _choice("{}")  # MariaDB stores JSON in this type
    plans = list(_texts(table, column, periods))
    if column.domain.pattern is None and column.domain.min_length is None:
        return plans[0]
    return next((plan for plan in plans if _accepted(column, plan)), plans[0])


def _accepted(column: Column, plan: ColumnPlan) -> bool:
    try:
        make_source(column, plan)
    except ValueError:
        return False
    return True


def _texts(table: Table, column: Column, periods: Periods) -> Iterator[ColumnPlan]:
    """Yield plans for a text column, the likeliest first."""
    name, room = words(column.name), _room(column)
    unique = (column.name,) in table.unique
    if room == 36 and name.endswith("id"):
        yield ColumnPlan("uuid", guess=True)
    yield from _texts_of_dates(name, room, periods)
    beside = ", ".join(words(one) for one in table.columns if one != column.name)
    for of_table, said in ((words(table.name), name), ("", words(column.comment))):
        source = text(of_table, said, room, beside=beside, unique=unique)
        if source is not None:
            yield ColumnPlan(source.name, source.options, guess=True)
        seconds = _seconds_of(periods[_period(table, column)])
        found = numbers(said, whole=True, table=of_table, seconds=seconds)
        if found is not None and not unique and len(str(found.high)) <= room:
            yield ColumnPlan("range", {"low": found.low, "high": found.high}, guess=True)
    yield from _texts_of_any_kind(room)


def _texts_of_dates(name: str, room: int, periods: Periods) -> Iterator[ColumnPlan]:
    low, high = periods[period(name) if period(name) in ("birth", "past", "future") else ""]
    if date_kind(name) == "date" and room >= len(str(low)):
        yield ColumnPlan("range", {"low": low, "high": high}, guess=True)
    first, last = (dt.datetime.combine(day, dt.time()) for day in (low, high))
    if date_kind(name) == "datetime" and room >= len(str(first)):
        yield ColumnPlan("range", {"low": first, "high": last}, guess=True)


def _texts_of_any_kind(room: int) -> Iterator[ColumnPlan]:
    if room >= _SENTENCE:
        yield ColumnPlan("faker:sentence", guess=True)
    if room >= _PHRASE:
        yield ColumnPlan("faker:word", guess=True)
    source = shape("?" * room if room < 4 else "??".ljust(min(room, _PHRASE), "#"))
    yield ColumnPlan(source.name, source.options, guess=True)
    for name in ("neural:product_name", "faker:email", "faker:url"):  # if a CHECK refuses the rest
        yield ColumnPlan(name, guess=True)


def _room(column: Column) -> int:
    """Return how many ASCII characters fit."""
    return min(column.fit.characters or _ENDLESS, column.fit.max_bytes or _ENDLESS)


_PLAN_BY_KIND: Mapping[str, Callable[[Table, Column, Periods], ColumnPlan]] = {
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
        steps = EXACT.divide(self.to(value), self.step).to_integral_value(rounding)
        return EXACT.multiply(steps, self.step)


def _line(column: Column) -> _Line:
    if column.kind in _LINES:
        return _LINES[column.kind]
    if column.kind != "decimal":
        return _Line(_decimal, int)
    step = Decimal(1).scaleb(-(2 if column.scale is None else column.scale))
    return _Line(_decimal, lambda place: place.quantize(step, context=EXACT), step)


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
