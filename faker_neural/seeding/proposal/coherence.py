"""Changes a proposed plan so that the columns of a row fit together: one person, one place."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.names.column_names import words
from faker_neural.seeding.names.column_numbers import per_second, period
from faker_neural.seeding.plan.plan import ColumnPlan
from faker_neural.seeding.plan.source_factory import make_source
from faker_neural.seeding.schema.schema import Column, Table

__all__ = ["coherent"]

Columns = Mapping[str, ColumnPlan]
Changes = Iterator[tuple[str, ColumnPlan]]

_FULL_NAMES = ("full name", "display name", "real name", "name", "complete name")
_TITLES = ("title", "name", "headline", "heading", "subject", "label")
_LONG_NAME = 14  # characters of a country's or state's name
# what begins, and what comes after it; any other time comes after what `_FIRST` begins
_SPANS = (
    ("start", "end"),
    ("begin", "end"),
    ("check in", "check out"),
    ("checkin", "checkout"),
    ("arrival", "departure"),
    ("first seen", "last seen"),
    ("first", "last"),
    ("valid from", "valid to"),
    ("valid from", "valid until"),
    ("from", "to"),
    ("open", "close"),
    ("opened", "closed"),
    ("hire", "termination"),
    ("order", "ship"),
    ("ordered", "shipped"),
    ("sent", "read"),
    ("uploaded", "processed"),
    ("queued", "started"),
    ("started", "finished"),
    ("started", "completed"),
    ("issued", "paid"),
    ("issued", "due"),
    ("issue", "due"),
    ("invoice", "due"),
    ("borrowed", "due"),
    ("borrowed", "returned"),
    ("borrow", "due"),
    ("borrow", "return"),
    ("lent", "returned"),
    ("loan", "due"),
    ("loan", "return"),
    ("loaned", "returned"),
    ("rented", "returned"),
    ("rental", "return"),
    ("checked out", "due"),
    ("checked out", "returned"),
    ("checkout", "due"),
    ("checkout", "return"),
)
# the words of a lower bound, and those of the upper one
_LEAST = (("min", "max"), ("minimum", "maximum"), ("lower", "upper"), ("low", "high"))
# the words of an amount without tax, and those of the amount with it
_TAXES = (
    ("excl tax", "incl tax"),
    ("ex tax", "inc tax"),
    ("excluding tax", "including tax"),
    ("net", "gross"),
)
_PLACE = frozenset(
    ("city", "town", "state", "province", "region", "county", "zip", "post", "postal", "postcode")
) | {"code", "country", "name", "street", "address", "line", "1", "4", "iso", "abbr"}
_FIRST = (
    "created",
    "create",
    "creation",
    "inserted",
    "added",
    "registered",
    "joined",
    "placed",
    "submitted",
    "opened",
)


def coherent(table: Table, columns: Columns, as_of: dt.date) -> dict[str, ColumnPlan]:
    """Return the plans of a table's columns, with some made from others of the row.

    Full name, user name and e-mail address are made from the first and last name; city, state and
    zip code are columns of one row of `us_place`, or of `world_place` beside a country; a slug is
    made from the title; what ends or is updated comes after what begins or is created; a total is
    price times quantity, and a price with tax is above that without. A proposal that its column
    does not accept is left as it was.

    Args:
        table: the table.
        columns: the proposed plans of its columns.
        as_of: the last day of the times.
    """
    found = dict(columns)
    for rule in _RULES:
        for name, plan in rule(table, found, as_of):
            column = table.columns[name]
            inputs = plan.options.get("columns", ())
            empty = not column.nullable and any(found[one].null for one in inputs)
            if not empty and _is_free(column, found[name]) and _accepts(column, plan):
                found[name] = ColumnPlan(plan.source, plan.options, found[name].null, guess=True)
    return found


def _is_free(column: Column, plan: ColumnPlan) -> bool:
    """Return whether nothing but a name decided the plan of a column."""
    kind = plan.source.partition(":")[0]
    unlimited = column.kind in ("decimal", "integer") or column.domain == Domain()
    return kind in ("neural", "faker", "range", "from", "row") and unlimited


def _accepts(column: Column, plan: ColumnPlan) -> bool:
    try:
        make_source(column, plan)
    except ValueError:
        return False
    return True


def _from(how: str, *names: str, **options: Any) -> ColumnPlan:
    return ColumnPlan("from", {"columns": list(names), "as": how, **options})


def _with_source(columns: Columns, *sources: str) -> Iterator[str]:
    return (name for name, plan in columns.items() if plan.source in sources)


def _named(table: Table, columns: Columns, *names: str) -> Iterator[str]:
    """Yield the columns whose words are one of some names, in the order of the names."""
    by_words = {words(name): name for name in columns}
    return (by_words[name] for name in names if name in by_words)


def _person(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    first = next(_with_source(columns, "faker:first_name"), None)
    last = next(_with_source(columns, "faker:last_name"), None)
    whole = next(_with_source(columns, "neural:person_name", "faker:name"), None)
    names = [first, last] if first and last else [whole or first or last]
    of_person = [name for name in names if name]
    if first and last:
        full = next(_named(table, columns, *_FULL_NAMES), None)
        if full is not None:
            yield full, _from("join", first, last)
        for name in _named(table, columns, "initial"):
            yield name, _from("initials", first, last)
    user = next(_with_source(columns, "faker:user_name"), None)
    if user and of_person:
        yield user, _from("user_name", *of_person)
    email = next(_with_source(columns, "faker:email"), None)
    if email and (user or of_person):
        yield email, _from("email", *([user] if user else of_person))


def _place(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    for city in _with_source(columns, "neural:world_city"):
        near = {name: one for name, one in columns.items() if _prefix(name) == _prefix(city)}
        state = next(_with_source(near, "faker:state", "faker:state_abbr"), None)
        code = next(_with_source(near, "faker:postcode"), None)
        country = next(_with_source(near, "faker:country", "faker:country_code"), None)
        if state or code:
            street = next(_with_source(near, "neural:street_address"), None)
            parts = {"city": city, "state": state, "zip": code, "street": street}
            yield from _rows("us_place", parts)
            if country:
                yield country, _constant(table.columns[country], "United States", "USA", "US")
        elif country and _room(table.columns[country]) >= _LONG_NAME:
            yield from _rows("world_place", {"city": city, "country": country})


def _prefix(name: str) -> list[str]:
    """Return the words of a name that say which place it is: billing, in billing_zip_code."""
    return [word for word in words(name).split() if word not in _PLACE]


def _rows(model: str, parts: Mapping[str, str | None]) -> Changes:
    for column, name in parts.items():
        if name is not None:
            yield name, ColumnPlan(f"row:{model}", {"column": column})


def _constant(column: Column, *values: str) -> ColumnPlan:
    fitting = (value for value in values if len(value) <= _room(column))
    return ColumnPlan("choice", {"values": [next(fitting, values[-1])]})


def _room(column: Column) -> int:
    return column.fit.guaranteed_characters("a") or 10**9


def _tree(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    """Make every row a root, where a path, a depth and a number of children describe a tree."""
    if {"path", "depth", "numchild"} <= set(columns):
        yield "path", ColumnPlan("faker:numerify", {"text": "####"})
        yield "depth", ColumnPlan("range", {"low": 1, "high": 1})
        yield "numchild", ColumnPlan("range", {"low": 0, "high": 0})


def _slug(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    title = next(_named(table, columns, *_TITLES), None)
    if title is not None and table.columns[title].kind == "text":
        for name in _with_source(columns, "faker:slug"):
            yield name, _from("slug", title)


def _times(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    ranges = [
        name
        for name, plan in columns.items()
        if plan.source == "range" and (name,) not in table.unique
        if table.columns[name].kind != "time"
    ]
    by_unit: dict[int, list[str]] = {}
    for name in ranges:
        if isinstance(columns[name].options["low"], dt.date):
            by_unit.setdefault(0, []).append(name)
        elif table.columns[name].kind == "integer" and (scale := per_second(words(name))):
            by_unit.setdefault(scale, []).append(name)
    for scale, moments in by_unit.items():
        yield from _later(columns, as_of, moments, {"per_second": scale} if scale > 1 else {})


def _later(
    columns: Columns, as_of: dt.date, moments: Sequence[str], unit: Mapping[str, int]
) -> Changes:
    """Yield what comes after the first of some times, or after what it ends."""
    first = next(filter(_is_first, moments), None)
    for late in moments:
        early = next(_begun(late, moments), None) or first
        own = period(words(late))
        if early is None or early == late or own == "birth" or _is_first(late):
            continue
        ahead = own == "future" or "due" in words(late).split()
        until = {} if ahead else {"until": as_of}
        yield late, _from("after", early, **until, **unit)
        begun = columns[early]
        timed = isinstance(begun.options.get("low"), dt.date)
        if period(words(early)) == "early" and begun.source == "range" and timed:
            yield early, _until(begun, as_of)


def _is_first(name: str) -> bool:
    return words(name).removeprefix("date ").startswith(_FIRST)


def _until(plan: ColumnPlan, as_of: dt.date) -> ColumnPlan:
    """Return a range of times that ends with a day: what comes after them is made from them."""
    last = dt.datetime.combine(as_of, dt.time(23, 59, 59))
    timed = isinstance(plan.options["high"], dt.datetime)
    return ColumnPlan("range", {**plan.options, "high": last if timed else as_of})


def _begun(late: str, moments: Sequence[str]) -> Iterator[str]:
    """Yield the columns that begin what a column ends: start_date for end_date."""
    said = words(late)
    for begin, end in _SPANS:
        if f" {end} " in f" {said} ":
            wanted = f" {said} ".replace(f" {end} ", f" {begin} ").strip()
            yield from (one for one in moments if words(one) == wanted)


def _amounts(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    by_words = {f" {words(name)} ": name for name in columns}
    for said, name in by_words.items():
        for without, including in _TAXES:
            with_tax = by_words.get(said.replace(f" {without} ", f" {including} "), name)
            if with_tax != name and _holds(table, columns, with_tax, [name], 1.2):
                yield with_tax, _from("with_tax", name)
    price = next(_named(table, columns, "unit price", "price", "unit cost"), None)
    quantity = next(_named(table, columns, "quantity", "qty"), None)
    total = next(_named(table, columns, "line total", "total", "subtotal", "total price"), None)
    if price and quantity and total and _holds(table, columns, total, [price, quantity]):
        yield total, _from("product", price, quantity)


def _holds(
    table: Table, columns: Columns, name: str, factors: Sequence[str], more: float = 1
) -> bool:
    """Return whether a column holds the largest product of others, which are ranges."""
    if any(columns[one].source != "range" for one in factors):
        return False
    largest = math.prod(float(columns[one].options["high"]) for one in factors) * more
    return not table.columns[name].domain.problem(math.ceil(largest))


def _bounds(table: Table, columns: Columns, as_of: dt.date) -> Changes:
    """Yield the lower half of a range for what is least, and the upper half for what is most."""
    by_words = {f" {words(name)} ": name for name in columns}
    for said, low in by_words.items():
        for least, most in _LEAST:
            high = by_words.get(said.replace(f" {least} ", f" {most} "), low)
            plan = columns[low]
            if high == low or not _are_equal_ranges(columns, low, high):
                continue
            begin, end = plan.options["low"], plan.options["high"]
            middle = begin + (end - begin) / 2
            middle = int(middle) if isinstance(begin, int) and isinstance(end, int) else middle
            yield low, ColumnPlan("range", {**plan.options, "high": middle})
            yield high, ColumnPlan("range", {**plan.options, "low": middle})


def _are_equal_ranges(columns: Columns, one: str, other: str) -> bool:
    plans = columns[one], columns[other]
    numbers = all(
        plan.source == "range" and isinstance(plan.options["low"], int | float | Decimal)
        for plan in plans
    )
    return numbers and plans[0].options == plans[1].options


_RULES: tuple[Callable[[Table, Columns, dt.date], Changes], ...] = (
    _person,
    _place,
    _tree,
    _slug,
    _times,
    _bounds,
    _amounts,
)
