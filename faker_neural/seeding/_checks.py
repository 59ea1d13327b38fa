"""What CHECK constraints ask of a single column.

What is read of them is what a value must meet; what is not understood, or speaks of two columns, is
left out, so that a domain may allow more than the database does, and never less by a guess.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce
from re import _constants, _parser  # type: ignore[attr-defined]  # as in _pattern.py
from typing import Any

import sqlalchemy
import sqlglot
from sqlalchemy import types as t
from sqlglot import exp
from sqlglot.errors import SqlglotError

__all__ = ["Domain", "domains", "instant"]

_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql"}  # sqlglot's names, where others
_SHOWN = 12  # values in a message
_ANY = r"[\s\S]"  # one character, also a line break


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Which values a column may have; None is no limit.

    Args:
        values: all that are allowed.
        low: the least, itself allowed.
        high: the largest, itself allowed.
        above: all are larger.
        below: all are less.
        least_length: the fewest characters.
        most_length: the most characters.
        pattern: a regular expression that all of a text matches.
    """

    values: tuple[Any, ...] | None = None
    low: Any = None
    high: Any = None
    above: Any = None
    below: Any = None
    least_length: int | None = None
    most_length: int | None = None
    pattern: str | None = None

    def within(self, other: Domain) -> Domain:
        """Give what both allow."""
        return Domain(
            values=self._common_values(other),
            low=_larger(self.low, other.low),
            high=_lesser(self.high, other.high),
            above=_larger(self.above, other.above),
            below=_lesser(self.below, other.below),
            least_length=_larger(self.least_length, other.least_length),
            most_length=_lesser(self.most_length, other.most_length),
            pattern=_both_patterns(self.pattern, other.pattern),
        )

    def problem(self, value: object) -> str:
        """Say which rule a value breaks, "" for none: "must be one of 'a', 'b'"."""
        if value is None:
            return ""
        if self.values is not None and not any(_same(value, one) for one in self.values):
            return f"must be one of {_listed(self.values)}" if self.values else "must be NULL"
        return self._beyond(value) or (self._misshapen(value) if isinstance(value, str) else "")

    def _common_values(self, other: Domain) -> tuple[Any, ...] | None:
        values = other.values if self.values is None else self.values
        if values is None:
            return None
        return tuple(one for one in values if not (self.problem(one) or other.problem(one)))

    def _beyond(self, value: Any) -> str:
        if self.low is not None and _less(value, self.low):
            return f"must be at least {self.low}"
        if self.above is not None and not _less(self.above, value, unknown=True):
            return f"must be above {self.above}"
        if self.high is not None and _less(self.high, value):
            return f"must be at most {self.high}"
        if self.below is not None and not _less(value, self.below, unknown=True):
            return f"must be below {self.below}"
        return ""

    def _misshapen(self, text: str) -> str:
        if self.least_length is not None and len(text) < self.least_length:
            return f"must have at least {self.least_length} characters"
        if self.most_length is not None and len(text) > self.most_length:
            return f"must have at most {self.most_length} characters"
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            return f"must match {self.pattern}"
        return ""


def domains(
    table: sqlalchemy.Table, dialect: str, further: Iterable[str] = ()
) -> Mapping[str, Domain]:
    """Read the CHECK constraints of a table that speak of one column and constants.

    Args:
        table: as SQLAlchemy reflects it, with the domains of PostgreSQL that its columns are of.
        dialect: "sqlite", "postgresql", "mysql" or "mariadb".
        further: the texts of constraints that SQLAlchemy does not reflect, as those that MariaDB
            keeps with a column.

    Returns:
        What each column that they speak of may hold, by name.
    """
    grammar = _DIALECTS.get(dialect, dialect)
    reader = _Reader({column.name: column for column in table.columns}, grammar)
    own = [one.sqltext for one in table.constraints if isinstance(one, sqlalchemy.CheckConstraint)]
    texts = [*(getattr(one, "text", "") for one in own), *further]
    found = [reader.read(text) for text in texts if text]
    found += [
        _Reader({"VALUE": column}, grammar).read(check.text)
        for column in table.columns
        if (check := getattr(column.type, "check", None)) is not None
    ]
    return reduce(_merged, found, _Found())


_Found = dict[str, Domain]
"""What each column of an expression must meet, by name; of other columns nothing is known."""

_TURNED: dict[type[exp.Binary], type[exp.Binary]] = {
    exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
    exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE,
}  # fmt: skip
_OPPOSITE: dict[type[exp.Binary], type[exp.Binary]] = {
    exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
    exp.LT: exp.GTE, exp.LTE: exp.GT, exp.GT: exp.LTE, exp.GTE: exp.LT,
}  # fmt: skip
_PLAIN = {"this", "expression", "expressions", "low", "high"}  # not SYMMETRIC, flags, a negation
_BOUNDS: dict[type[exp.Binary], str] = {
    exp.LT: "below",
    exp.LTE: "high",
    exp.GT: "above",
    exp.GTE: "low",
}


@dataclass(frozen=True)
class _Reader:
    """Reads expressions about columns, by their names, in a dialect of sqlglot's."""

    columns: Mapping[str, sqlalchemy.Column[Any]]
    dialect: str

    def read(self, text: str) -> _Found:
        """Give what a CHECK's expression asks for, as far as it is understood."""
        try:
            tree = sqlglot.parse_one(text, read=self.dialect, into=exp.Condition)
            return self._of(self._with_texts(tree) if self.dialect == "sqlite" else tree)
        except (SqlglotError, RecursionError):
            return {}

    def _with_texts(self, tree: Any) -> Any:
        """Make texts of names in double quotes that are no column's, as SQLite does."""
        for node in tree.find_all(exp.Column):
            if node.this.quoted and self._column(node) is None:
                node.replace(exp.Literal.string(node.name))
        return tree

    def _of(self, node: Any) -> _Found:
        node = node.unnest()
        reader = _READERS.get(type(node))
        plain = _PLAIN.issuperset(name for name, value in node.args.items() if value)
        return {} if reader is None or not plain else reader(self, node)

    def both(self, node: exp.And) -> _Found:
        return _merged(self._of(node.left), self._of(node.right))

    def either(self, node: exp.Or) -> _Found:
        one, other = self._of(node.left), self._of(node.right)
        joined = {name: _joined(one[name], other[name]) for name in one if name in other}
        return {name: domain for name, domain in joined.items() if domain is not None}

    def opposite(self, node: exp.Not) -> _Found:
        inner = node.this.unnest()
        if isinstance(inner, exp.Not):
            return self._of(inner.this)
        if isinstance(inner, exp.Glob):
            return self._pattern(inner, _unglobbed)
        if isinstance(inner, exp.Or):
            return self.both(exp.And(this=exp.not_(inner.left), expression=exp.not_(inner.right)))
        turned = _OPPOSITE.get(type(inner))
        return {} if turned is None else self._of(turned(this=inner.left, expression=inner.right))

    def between(self, node: exp.Between) -> _Found:
        low = exp.GTE(this=node.this.copy(), expression=node.args["low"])
        return _merged(
            self._of(low), self._of(exp.LTE(this=node.this, expression=node.args["high"]))
        )

    def null(self, node: exp.Is) -> _Found:
        column = self._column(node.this)
        if column is None or not isinstance(node.expression, exp.Null):
            return {}
        return {column.name: Domain(values=())}

    def one_of(self, node: exp.In) -> _Found:
        return self._one_of(self._column(node.this), node.expressions)

    def compared(self, node: Any) -> _Found:
        operator, subject, other = type(node), _subject(node.left), node.right
        if self._column(subject.node) is None:
            operator, subject, other = _TURNED[operator], _subject(other), node.left
        column = self._column(subject.node)
        if column is None:
            return {}
        if operator is exp.EQ and isinstance(_bare(other), exp.Any):
            return self._one_of(column, _bare(_bare(other).this).expressions)
        domain = subject.domain(operator, _constant(other), column)
        return {} if domain is None else {column.name: domain}

    def like(self, node: Any) -> _Found:
        return self._pattern(node, self._liked)

    def escaped(self, node: exp.Escape) -> _Found:
        escape = _constant(node.expression)
        if not isinstance(escape, str) or not isinstance(node.this, exp.Like | exp.ILike):
            return {}
        return self._pattern(node.this, lambda text, ignore: _liked(text, escape, ignore))

    def searched(self, node: Any) -> _Found:
        own = self.dialect == "sqlite"  # a function that somebody wrote
        return {} if own else self._pattern(node, self._searched)

    def globbed(self, node: exp.Glob) -> _Found:
        return self._pattern(node, lambda text, _: _globbed(text))

    def _liked(self, text: str, ignore_case: bool) -> str | None:
        sqlite = self.dialect == "sqlite"
        return _liked(text, "" if sqlite else "\\", ignore_case or sqlite)

    def _searched(self, text: str, ignore_case: bool) -> str | None:
        # without regard to case under most collations of MySQL, where [^a] leaves out A, too
        if self.dialect == "mysql" and re.search(r"\[\^[^]]*[A-Za-z]", text):
            return None
        return _searched(text, ignore_case)

    def _pattern(self, node: Any, made: Callable[[str, bool], str | None]) -> _Found:
        column, text = self._column(node.this), _constant(node.expression)
        if column is None or not _is_text(column) or not isinstance(text, str):
            return {}
        pattern = made(text, isinstance(node, exp.ILike | exp.RegexpILike))
        return {} if pattern is None else {column.name: Domain(pattern=pattern)}

    def _one_of(self, column: sqlalchemy.Column[Any] | None, nodes: Iterable[Any]) -> _Found:
        if column is None:
            return {}
        values = tuple(_typed(column, _constant(node)) for node in nodes)
        return {} if None in values or not values else {column.name: Domain(values=values)}

    def _column(self, node: Any) -> sqlalchemy.Column[Any] | None:
        node = _bare(node)
        if not isinstance(node, exp.Column):
            return None
        folded = {name.casefold(): column for name, column in self.columns.items()}
        return self.columns.get(node.name, folded.get(node.name.casefold()))


_READERS: dict[type[Any], Callable[[_Reader, Any], _Found]] = {
    exp.And: _Reader.both,
    exp.Or: _Reader.either,
    exp.Not: _Reader.opposite,
    exp.Between: _Reader.between,
    exp.Is: _Reader.null,
    exp.In: _Reader.one_of,
    exp.Like: _Reader.like,
    exp.ILike: _Reader.like,
    exp.Escape: _Reader.escaped,
    exp.RegexpLike: _Reader.searched,
    exp.RegexpILike: _Reader.searched,
    exp.Glob: _Reader.globbed,
    **dict.fromkeys(_TURNED, _Reader.compared),
}


def _merged(one: _Found, other: _Found) -> _Found:
    both = {name: one[name].within(other[name]) for name in one if name in other}
    return {**one, **other, **both}


def _joined(one: Domain, other: Domain) -> Domain | None:
    """Give what at least one of two allows, where that can be said."""
    for this, that in ((one, other), (other, one)):
        if this.values == ():  # IS NULL
            return that
    if one.values is None or other.values is None:
        return None
    return Domain(values=tuple(dict.fromkeys(one.values + other.values)))


def _bare(node: Any) -> Any:
    """Leave out parentheses, casts, collations and MySQL's introducers of a character set."""
    while isinstance(node, exp.Paren | exp.Cast | exp.Collate | exp.Introducer):
        node = node.expression if isinstance(node, exp.Introducer) else node.this
    return node


@dataclass(frozen=True)
class _Subject:
    """What is compared: a node, or its length, or that of it without white space at its ends."""

    node: Any
    length: bool
    trimmed: bool

    def domain(
        self, operator: type[exp.Binary], value: Any, column: sqlalchemy.Column[Any]
    ) -> Domain | None:
        if self.length:
            domain = _of_length(operator, value) if _is_text(column) else None
        else:
            domain = _of_value(operator, _typed(column, value), _is_text(column))
        if domain is None or not self.trimmed:
            return domain
        return Domain(least_length=domain.least_length)


def _subject(node: Any) -> _Subject:
    node = _bare(node)
    # a length in bytes is one in characters as long as they are ASCII
    in_bytes = isinstance(node, exp.Anonymous) and node.name.lower() == "octet_length"
    length = in_bytes or isinstance(node, exp.Length)
    if length:
        node = _bare(node.expressions[0] if in_bytes else node.this)
    trimmed = isinstance(node, exp.Trim)
    return _Subject(_bare(node.this) if trimmed else node, length, trimmed)


def _constant(node: Any) -> Any:
    """Give the value of a constant, None where it is none."""
    node = _bare(node)
    if isinstance(node, exp.Neg):
        value = _constant(node.this)
        return -value if isinstance(value, int | Decimal) else None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Date) and not node.expressions:
        return _constant(node.this)
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else _number(node.name)
    return None


def _number(text: str) -> int | Decimal | None:
    with suppress(ValueError):
        return int(text)
    with suppress(InvalidOperation):
        number = Decimal(text)
        return number if number.is_finite() else None
    return None


def _type(column: sqlalchemy.Column[Any]) -> Any:
    return getattr(column.type, "data_type", column.type)  # of a PostgreSQL domain


def _is_text(column: sqlalchemy.Column[Any]) -> bool:
    return isinstance(_type(column), t.String)


def _typed(column: sqlalchemy.Column[Any], value: Any) -> Any:
    """Give a constant as the column's kind, None where it is of another one."""
    type_ = _type(column)
    if isinstance(type_, t.Boolean):
        return bool(value) if value in (0, 1) else None
    if isinstance(type_, t.Integer | t.Numeric | t.Float) or type(type_).__name__ == "YEAR":
        value = _number(value) if isinstance(value, str) else value
        return int(value) if isinstance(value, bool) else value
    if isinstance(type_, t.Date | t.DateTime | t.Time):
        return value if isinstance(value, str) and instant(value) is not None else None
    return value if isinstance(value, str) and isinstance(type_, t.String | t.Uuid) else None


def _of_value(operator: type[exp.Binary], value: Any, is_text: bool) -> Domain | None:
    if value is None:
        return None
    if operator is exp.EQ:
        return Domain(values=(value,))
    if operator is exp.NEQ:
        return Domain(least_length=1) if value == "" else None
    # which text comes first is a matter of its collation
    return None if is_text else Domain(**{_BOUNDS[operator]: value})


def _of_length(operator: type[exp.Binary], length: Any) -> Domain | None:
    if not isinstance(length, int):
        return None
    if operator is exp.NEQ:
        return Domain(least_length=1) if length == 0 else None
    bounds = _BOUNDS.get(operator)
    least = {"low": length, "above": length + 1, None: length}.get(bounds)
    most = {"high": length, "below": length - 1, None: length}.get(bounds)
    return Domain(least_length=least, most_length=most)


def _larger(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return other if _less(one, other) else one


def _lesser(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return other if _less(other, one) else one


def _less(one: Any, other: Any, *, unknown: bool = False) -> bool:
    """Say whether one value is less than another; `unknown` where they do not compare."""
    try:
        return bool(one < other)
    except (TypeError, ArithmeticError):
        this, that = instant(one), instant(other)
    if isinstance(this, dt.datetime) and isinstance(that, dt.datetime):
        return this < that
    return this < that if isinstance(this, dt.time) and isinstance(that, dt.time) else unknown


def _same(one: Any, other: Any) -> bool:
    with suppress(ArithmeticError):  # a signalling NaN
        if one == other:
            return True
    if isinstance(one, str) == isinstance(other, str):
        return False
    moment = instant(one)
    return moment is not None and moment == instant(other)


def instant(value: Any) -> dt.datetime | dt.time | None:
    """Give a date, a time or the ISO text of one as what compares with others of its kind."""
    if isinstance(value, str):
        for read in (dt.datetime.fromisoformat, dt.time.fromisoformat):
            with suppress(ValueError):
                return instant(read(value))
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return value.replace(tzinfo=None) if isinstance(value, dt.time) else None


def _listed(values: tuple[Any, ...]) -> str:
    shown = ", ".join(repr(one) if isinstance(one, str) else str(one) for one in values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown}, ..."


def _both_patterns(one: str | None, other: str | None) -> str | None:
    if one is None or other is None or one == other:
        return other if one is None else one
    return rf"(?=(?:{one})\Z)(?:{other})"


_REGULAR = {
    _constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN,
    _constants.BRANCH, _constants.SUBPATTERN, _constants.MAX_REPEAT, _constants.MIN_REPEAT,
}  # fmt: skip
_BEGIN = (_constants.AT, _constants.AT_BEGINNING)
_END = (_constants.AT, _constants.AT_END)


def _searched(text: str, ignore_case: bool) -> str | None:
    """Turn an expression that is searched for into one that matches from end to end."""
    if (nodes := _parsed(text)) is None:
        return None
    begins, ends = nodes[:1] == [_BEGIN], nodes[-1:] == [_END]
    inner = text[begins : len(text) - ends]
    if (nodes := _parsed(inner)) is None or not _REGULAR.issuperset(_kinds(nodes)):
        return None
    if ignore_case or "|" in inner:
        inner = f"(?{'i' * ignore_case}:{inner})"
    return f"{'' if begins else _ANY + '*'}{inner}{'' if ends else _ANY + '*'}"


def _parsed(text: str) -> list[Any] | None:
    """Parse what means the same to Python as to the database; None for what may not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of [[:alpha:]] and the like
            tree = _parser.parse(text)
    except (re.error, Warning, RecursionError, OverflowError):
        return None
    return list(tree) if tree.state.flags == re.UNICODE else None


def _kinds(nodes: Iterable[Any]) -> Iterator[Any]:
    for kind, value in nodes:
        yield kind
        if kind is _constants.BRANCH:
            for branch in value[1]:
                yield from _kinds(branch)
        elif isinstance(value, tuple):  # the last of a group's or repetition's is what is in it
            yield from _kinds(value[-1])


def _liked(text: str, escape: str, ignore_case: bool) -> str | None:
    """Turn a pattern of LIKE into a regular expression."""
    made, letters = [], iter(text)
    for letter in letters:
        if letter == escape:
            made.append(_letter(next(letters, ""), ignore_case))
        else:
            wild = {"%": f"{_ANY}*", "_": _ANY}.get(letter)
            made.append(wild or _letter(letter, ignore_case))
    return "".join(made)


def _letter(letter: str, ignore_case: bool) -> str:
    if ignore_case and letter.isascii() and letter.isalpha():
        return f"[{letter.upper()}{letter.lower()}]"
    return re.escape(letter)


def _globbed(text: str) -> str | None:
    """Turn a pattern of SQLite's GLOB into a regular expression."""
    made = []
    for piece in re.findall(r"\[\^?\]?[^]]*\]|[\s\S]", text):
        if piece == "[":
            return None  # without an end it matches nothing
        made.append({"*": f"{_ANY}*", "?": _ANY}.get(piece) or _globbed_class(piece))
    pattern = "".join(made)
    return None if _parsed(pattern) is None else pattern


def _globbed_class(piece: str) -> str:
    if len(piece) == 1:
        return re.escape(piece)
    negated = piece[1] == "^"
    inner = re.sub(r"([\\\[\]])", r"\\\1", piece[1 + negated : -1])
    return f"[{'^' * negated}{inner}]"


def _unglobbed(text: str, ignore_case: bool) -> str | None:
    """Turn what GLOB must not match, of the form *[^0-9]*, into a regular expression."""
    inner = text.removeprefix("*[^").removesuffix("]*")
    if len(text) != len(inner) + 5 or "]" in inner:
        return None
    pattern = _globbed(f"[{inner}]")
    return None if pattern is None else f"{pattern}*"
