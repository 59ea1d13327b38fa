"""Values that are made from other values of the same row, such as an e-mail address from a name."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar

from faker_neural._keys import Keys
from faker_neural.seeding.domains.numbers import EXACT, exact_number
from faker_neural.seeding.schema.schema import Column

from .coerce import coerce
from .counted import EnumeratedSource
from .drawn import RandomSource

__all__ = ["DERIVATIONS", "DerivedSource", "Source"]

_DOMAINS = ("example.com", "example.org", "example.net")  # reserved for examples by RFC 2606
_DAY = dt.timedelta(days=1)
_ISO_DAY = len("2026-01-31")
_EPOCH = dt.datetime(1970, 1, 1)
_WITHIN = 30  # days
_PARTS = 2**32


@dataclass(frozen=True)
class DerivedSource:
    """Makes a value from other values of the row.

    Args:
        column: the column.
        inputs: the names of the columns that the value is made from.
        how: the name of the derivation, one of `DERIVATIONS`.
        options: the options of the derivation: `within` (at most so many days, or the fewest and
            the most), `until` (a date) and `per_second` (the units of a second, where times are
            whole numbers, 1 or 1000) for "after", `rate` for "with_tax".
    """

    word: ClassVar[str] = "from"

    column: Column
    inputs: tuple[str, ...]
    how: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def values(self, rows: Sequence[Sequence[Any]], keys: Keys) -> list[Any]:
        """Make the value of each row.

        Args:
            rows: the values of the inputs in each row; None for NULL.
            keys: uint64 [rows], for what the inputs leave open.

        Returns:
            One value for each row; None if an input is NULL and the column may be NULL.

        Raises:
            ValueError: the column does not accept a value.
        """
        return [self._value(row, key) for row, key in zip(rows, keys.tolist(), strict=True)]

    def _value(self, row: Sequence[Any], key: int) -> Any:
        known = [value for value in row if value is not None]
        if len(known) < len(row) and self.column.nullable:
            return None
        if not known and self.column.kind == "text":
            known = [""]
        if not known:
            raise ValueError("all columns that it is made from are NULL")
        try:
            return self._fitted(DERIVATIONS[self.how].make(known, key, self.options))
        except ArithmeticError:
            rule = "gives a number or a time that is too large"
            raise ValueError(f"as={self.how!r} {rule}") from None

    def _fitted(self, value: Any) -> Any:
        if self.column.kind != "text":
            return coerce(self.column, _rounded(self.column, value))
        text, holds = str(value), self.column.fit.holds
        before, at, after = text.partition("@")
        while at and before and not holds(f"{before}@{after}"):
            before = before[:-1]
        text = f"{before.rstrip('._-')}{at}{after}"
        if not holds(text):
            text = self.column.fit.cut(text)
            if self.how == "slug":  # whole words, if more than one fits
                text = text.rpartition("-")[0] or text
        return coerce(self.column, text)


Source = RandomSource | EnumeratedSource | DerivedSource
"""Any source of a column's values."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A way to make a value from others.

    Args:
        make: makes the value from the inputs, which are not NULL, a 64-bit key and the options.
        kinds: the kinds of columns that the value is for.
        options: the names of its options.
    """

    make: Callable[[Sequence[Any], int, Mapping[str, Any]], Any]
    kinds: tuple[str, ...]
    options: tuple[str, ...] = ()


def _rounded(column: Column, value: Any) -> Any:
    if column.kind == "decimal":
        scale = 2 if column.scale is None else column.scale
        return Decimal(value).quantize(Decimal(1).scaleb(-scale), context=EXACT)
    if column.kind == "integer" and isinstance(value, Decimal | float):
        return round(value)
    if column.kind == "date" and isinstance(value, dt.datetime):
        return value.date()
    return float(round(value, 2)) if column.kind == "float" else value


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _words(values: Sequence[Any]) -> list[str]:
    """Return the words of texts in ASCII and lower case; Mc'Coy-Lee is mccoy, lee."""
    text = _ascii(" ".join(map(str, values))).replace("'", "")
    return re.findall(r"[a-z0-9]+", text)


def _join(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    return " ".join(map(str, values))


def _user_name(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    words = _words(values) or [f"user{key % 10_000}"]
    first, last = words[0], words[-1]
    if len(words) == 1:
        return first
    forms = (f"{first}.{last}", f"{first[0]}{last}", f"{first}{last}", f"{first}_{last}")
    return forms[key % len(forms)]


def _email(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    return f"{_user_name(values, key // 16, {})}@{_DOMAINS[key % len(_DOMAINS)]}"


def _slug(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    return "-".join(_words(values)) or f"item-{key % 10_000}"


def _initials(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    return "".join(word[0] for word in " ".join(map(str, values)).split()).upper()


def _lower(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> str:
    return " ".join(map(str, values)).lower()


def _product(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> Decimal:
    return reduce(EXACT.multiply, map(exact_number, values), Decimal(1))


def _sum(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> Decimal:
    return reduce(EXACT.add, map(exact_number, values), Decimal(0))


def _with_tax(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> Decimal:
    rate = exact_number(options.get("rate", 0.2))
    return EXACT.multiply(_sum(values, key, {}), EXACT.add(Decimal(1), rate))


def _after(values: Sequence[Any], key: int, options: Mapping[str, Any]) -> Any:
    """Return a time after the latest input: if only the most days are given, not the same.

    A time in a column of text is ISO text, and so is what comes after it. A time that is a whole
    number counts from 1970. Where `until` leaves no room, it is the time of the input.
    """
    if all(isinstance(value, int) for value in values):
        scale = int(options.get("per_second", 1))
        moments = [_EPOCH + dt.timedelta(seconds=value / scale) for value in values]
        found = _after(moments, key, options) - max(moments)
        return max(values) + int(found / dt.timedelta(seconds=1)) * scale
    latest = max(values, key=_moment)
    is_day = len(latest) <= _ISO_DAY if isinstance(latest, str) else type(latest) is dt.date
    unit = _DAY if is_day else dt.timedelta(seconds=1)
    within = options.get("within", _WITHIN)
    low, high = within if isinstance(within, list) else (None, within)
    least = 1 if low is None else dt.timedelta(days=low) // unit
    most = dt.timedelta(days=high) // unit
    if until := options.get("until"):
        most = min(most, (dt.datetime.combine(until, dt.time.max) - _moment(latest)) // unit)
    least = max(0, min(least, most))
    later = unit * (least + (max(most, least) - least + 1) * (key % _PARTS) // _PARTS)
    if not isinstance(latest, str):
        return latest + later
    return str(_moment(latest) + later)[: len(latest)]


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return dt.datetime.combine(value, dt.time())


_NUMBERS = ("integer", "decimal", "float")

DERIVATIONS: Mapping[str, Derivation] = {
    "join": Derivation(_join, ("text",)),
    "email": Derivation(_email, ("text",)),
    "user_name": Derivation(_user_name, ("text",)),
    "slug": Derivation(_slug, ("text",)),
    "initials": Derivation(_initials, ("text",)),
    "lower": Derivation(_lower, ("text",)),
    "product": Derivation(_product, _NUMBERS),
    "sum": Derivation(_sum, _NUMBERS),
    "with_tax": Derivation(_with_tax, _NUMBERS, ("rate",)),
    "after": Derivation(
        _after, ("date", "datetime", "text", "integer"), ("within", "until", "per_second")
    ),
}
"""The derivations by name: "join" puts a space between texts."""
