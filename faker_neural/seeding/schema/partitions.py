"""Converts the bounds of PostgreSQL's partitions to conditions that rows of the parent must meet.

Only bounds that compare a single column are read. A partition that takes the rest (DEFAULT) and
partitions by hash set no condition.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import reduce

from faker_neural.seeding.domains.domain import comparable_time

__all__ = ["Limit", "Partition", "limits"]

_KEY = re.compile(r'(RANGE|LIST) \(("(?:[^"]|"")*"|\w+)\)')
_LITERAL = r"'(?:[^']|'')*'|[^\s,()']+"
_RANGE = re.compile(rf"FOR VALUES FROM \(({_LITERAL})\) TO \(({_LITERAL})\)")
_LIST = re.compile(rf"FOR VALUES IN \(((?:{_LITERAL}|, )+)\)")
_ENDLESS = 10.0**300  # wider than any range with two bounds


@dataclass(frozen=True, slots=True)
class Partition:
    """A partitioned table or a partition; a partition may be partitioned in turn.

    Args:
        name: the name of the table.
        parent: the object identifier of the partitioned table that it belongs to; None for none.
        oid: the object identifier of the table.
        key: the key by which it is partitioned, such as "RANGE (taken)"; None if it is not.
        bound: the bound of a partition, such as "FOR VALUES IN ('a')"; None for no partition.
    """

    name: str
    parent: int | None
    oid: int
    key: str | None
    bound: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A condition that lets a row of a partitioned table into its partitions.

    Args:
        table: the name of the partitioned table.
        column: the name of the column that the condition compares.
        condition: the condition in SQL, like that of a CHECK constraint; "" for none.
        nullable: whether a partition takes NULL.
    """

    table: str
    column: str
    condition: str
    nullable: bool


def limits(partitions: Iterable[Partition]) -> Iterator[Limit]:
    """Yield the conditions that together let a row into a partition, at each level.

    Args:
        partitions: the partitioned tables and the partitions of a database.
    """
    partitions = list(partitions)
    for table in partitions:
        if table.bound is None:
            for limit in _limits(table, partitions):
                yield replace(limit, table=table.name)


def _limits(table: Partition, partitions: Sequence[Partition]) -> Iterator[Limit]:
    parts = [part for part in partitions if part.parent == table.oid]
    found = _KEY.fullmatch(table.key or "")
    if found and not any(part.bound == "DEFAULT" for part in parts):
        kind, column = found.groups()
        parts, condition = (_of_range if kind == "RANGE" else _of_list)(column, parts)
        takes_null = any(re.search(r"[( ]NULL[,)]", part.bound or "") for part in parts)
        name = column.removeprefix('"').removesuffix('"').replace('""', '"')
        yield Limit(table.name, name, condition, takes_null)
    for part in parts:
        if part.bound != "DEFAULT":
            yield from _limits(part, partitions)


def _of_list(column: str, parts: list[Partition]) -> tuple[list[Partition], str]:
    bounds = [_LIST.fullmatch(part.bound or "") for part in parts]
    literals = [one for bound in bounds if bound for one in re.findall(_LITERAL, bound[1])]
    values = ", ".join(one for one in literals if one != "NULL")
    return parts, f"{column} IN ({values})" if values else ""


@dataclass(frozen=True, slots=True)
class _Span:
    """The values from `low` to below `high`, as literals of SQL, and their partitions."""

    low: str
    high: str
    parts: tuple[Partition, ...]

    @property
    def width(self) -> float:
        low, high = _place(self.low), _place(self.high)
        return _ENDLESS if low is None or high is None else high - low

    @property
    def start(self) -> tuple[bool, float]:
        return self.low != "MINVALUE", _place(self.low) or 0.0


def _of_range(column: str, parts: list[Partition]) -> tuple[list[Partition], str]:
    """Return the longest run of adjacent ranges and its condition."""
    bounds = [(part, _RANGE.fullmatch(part.bound or "")) for part in parts]
    spans = [_Span(bound[1], bound[2], (part,)) for part, bound in bounds if bound]
    runs: list[_Span] = reduce(_with, sorted(spans, key=lambda span: span.start), [])
    if not runs:
        return parts, ""
    longest = max(runs, key=lambda run: run.width)
    low = f"{column} >= {longest.low}" if longest.low != "MINVALUE" else ""
    high = f"{column} < {longest.high}" if longest.high != "MAXVALUE" else ""
    return list(longest.parts), " AND ".join(filter(None, [low, high]))


def _with(runs: list[_Span], span: _Span) -> list[_Span]:
    """Add a span to the runs: to the last run if it begins where that run ends."""
    if runs and runs[-1].high == span.low:
        last = runs[-1]
        return [*runs[:-1], _Span(last.low, span.high, (*last.parts, *span.parts))]
    return [*runs, span]


def _place(literal: str) -> float | None:
    """Return the place of a literal on a line of numbers; None for texts and for no bound."""
    text = literal.strip("'")
    with suppress(InvalidOperation):
        return float(Decimal(text))
    moment = comparable_time(text)
    if isinstance(moment, dt.datetime):
        return (moment - dt.datetime(2000, 1, 1)).total_seconds()
    return None
