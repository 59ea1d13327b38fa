"""Reads the domains of single columns from CHECK constraints.

An expression that is not understood, or that relates two columns, is ignored. So a domain may
allow more values than the database does, but no value is excluded by a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

import sqlalchemy
import sqlglot
from sqlalchemy import types as t
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .domain import Domain, can_match, comparable_time, union
from .numbers import exact_number
from .sql_patterns import (
    glob_regex,
    like_regex,
    negative_search,
    not_glob_regex,
    search_regex,
)

__all__ = ["check_texts", "domains", "domains_of"]

_MOST_VALUES = 1_000  # of an IN
_MOST_LENGTH = 10_000  # characters or bytes that a CHECK may ask for
_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql"}  # sqlglot's names where they differ


def domains(table: sqlalchemy.Table, dialect: str) -> Mapping[str, Domain]:
    """Read the CHECK constraints of a table that compare a column with constants.

    Args:
        table: the reflected table; the CHECKs of PostgreSQL domains of its columns are also read.
        dialect: "sqlite", "postgresql", "mysql" or "mariadb".

    Returns:
        The domain of each constrained column, by column name.
    """
    found = [dict(domains_of(table, dialect, text)) for text in check_texts(table)]
    found += [
        _CheckReader({"VALUE": column}, _grammar(dialect)).read(text)
        for column in table.columns
        for text in _value_checks(column)
    ]
    return reduce(_merged, found, _Found())


def check_texts(table: sqlalchemy.Table) -> list[str]:
    """Return the SQL expressions of a table's CHECK constraints.

    Args:
        table: the reflected table.
    """
    checks = [one for one in table.constraints if isinstance(one, sqlalchemy.CheckConstraint)]
    return sorted(filter(None, (getattr(one.sqltext, "text", "") for one in checks)))


def domains_of(table: sqlalchemy.Table, dialect: str, text: str) -> Mapping[str, Domain]:
    """Read one CHECK constraint of a table.

    Args:
        table: the reflected table.
        dialect: "sqlite", "postgresql", "mysql" or "mariadb".
        text: the SQL expression of the constraint.

    Returns:
        The domain of each column that it constrains by constants; empty if it is not understood.
    """
    columns = {column.name: column for column in table.columns}
    return _CheckReader(columns, _grammar(dialect)).read(text)


def _grammar(dialect: str) -> str:
    return _DIALECTS.get(dialect, dialect)


def _value_checks(column: sqlalchemy.Column[Any]) -> list[str]:
    """Return the CHECKs of a PostgreSQL domain: those that were read from the catalog, or one."""
    check = getattr(column.type, "check", None)
    return column.info.get("value_checks", []) or ([] if check is None else [check.text])


_Found = dict[str, Domain]
"""The domain of each column that an expression constrains, by column name."""

_WITH_SIDES_SWAPPED: dict[type[exp.Binary], type[exp.Binary]] = {
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}
_NEGATED: dict[type[exp.Binary], type[exp.Binary]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
}
# Not SYMMETRIC, flags or a negation.
_KNOWN_ARGUMENTS = {"this", "expression", "expressions", "low", "high"}
_CASELESS = re.compile(r"\[:(?!upper|lower)[a-z]+:\]|\\[dsw]")  # classes that know no case
_BOUNDS: dict[type[exp.Binary], str] = {
    exp.LT: "below",
    exp.LTE: "high",
    exp.GT: "above",
    exp.GTE: "low",
}


@dataclass(frozen=True)
class _CheckReader:
    """Reads CHECK expressions in a dialect of sqlglot; `columns` holds the columns by name."""

    columns: Mapping[str, sqlalchemy.Column[Any]]
    dialect: str

    def read(self, text: str) -> _Found:
        """Return the domains that an expression sets; empty if it is not understood."""
        try:
            # in parentheses, a column may be called lock, which begins a statement
            tree = sqlglot.parse_one(f"({text})", read=self.dialect, into=exp.Condition)
            return self._of(self._with_texts(tree) if self.dialect == "sqlite" else tree)
        except (SqlglotError, RecursionError):
            return {}

    def _with_texts(self, tree: Any) -> Any:
        """Replace double-quoted names that are no columns by string literals, as SQLite does."""
        for node in tree.find_all(exp.Column):
            if node.this.quoted and self._column(node) is None:
                node.replace(exp.Literal.string(node.name))
        return tree

    def _of(self, node: Any) -> _Found:
        node = node.unnest()
        reader = _READERS.get(type(node))
        plain = _KNOWN_ARGUMENTS.issuperset(name for name, value in node.args.items() if value)
        return {} if reader is None or not plain else reader(self, node)

    def both(self, node: exp.And) -> _Found:
        return _merged(self._of(node.left), self._of(node.right))

    def either(self, node: exp.Or) -> _Found:
        one, other = self._of(node.left), self._of(node.right)
        both = {name: union(one[name], other[name]) for name in one if name in other}
        return {name: domain for name, domain in both.items() if domain is not None}

    def opposite(self, node: exp.Not) -> _Found:
        inner = node.this.unnest()
        if isinstance(inner, exp.Not):
            return self._of(inner.this)
        if isinstance(inner, exp.Glob):
            return self._pattern(inner, not_glob_regex)
        if isinstance(inner, exp.RegexpLike | exp.RegexpILike):
            return self._of_regular(inner, negative_search)
        if isinstance(inner, exp.Or):
            return self.both(exp.And(this=exp.not_(inner.left), expression=exp.not_(inner.right)))
        negated = _NEGATED.get(type(inner))
        return {} if negated is None else self._of(negated(this=inner.left, expression=inner.right))

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
        if type(node) is exp.EQ and (folded := self._folded(node.left, node.right)):
            return folded
        operator, subject, other = type(node), _subject(node.left), node.right
        if self._column(subject.node) is None:
            operator, subject, other = _WITH_SIDES_SWAPPED[operator], _subject(other), node.left
        column = self._column(subject.node)
        if column is None:
            return {}
        if operator is exp.EQ and isinstance(_bare(other), exp.Any):
            return self._one_of(column, _bare(_bare(other).this).expressions)
        domain = subject.domain(operator, _constant(other), column)
        return {} if domain is None else {column.name: domain}

    def _folded(self, one: Any, other: Any) -> _Found:
        """Return the pattern of c = lower(c) or c = upper(c): ASCII without the other case."""
        sides = {type(_bare(side)): _bare(side) for side in (one, other)}
        for function, pattern in ((exp.Lower, "[ -@[-~]*"), (exp.Upper, "[ -`{-~]*")):
            if function in sides and exp.Column in sides:
                column, inner = self._column(sides[exp.Column]), sides[function].this
                if column is not None and self._column(inner) is column:
                    return {column.name: Domain(pattern=pattern)}
        return {}

    def like(self, node: Any) -> _Found:
        return self._pattern(node, self._liked)

    def escaped(self, node: exp.Escape) -> _Found:
        escape = _constant(node.expression)
        if not isinstance(escape, str) or not isinstance(node.this, exp.Like | exp.ILike):
            return {}
        return self._pattern(node.this, lambda text, ignore: like_regex(text, escape, ignore))

    def regular(self, node: Any) -> _Found:
        return self._of_regular(node, lambda text: text)

    def _of_regular(self, node: Any, made: Callable[[str], str | None]) -> _Found:
        own = self.dialect == "sqlite"  # REGEXP is a user-defined function there
        if own or node.args.get("flag"):
            return {}
        return self._pattern(node, lambda text, ignore: self._searched(made(text), ignore))

    def glob(self, node: exp.Glob) -> _Found:
        return self._pattern(node, lambda text, _: glob_regex(text))

    def _liked(self, text: str, ignore_case: bool) -> str | None:
        sqlite = self.dialect == "sqlite"
        return like_regex(text, "" if sqlite else "\\", ignore_case or sqlite)

    def _searched(self, text: str | None, ignore_case: bool) -> str | None:
        if text is None:
            return None
        # most collations of MySQL ignore case, so [^a] also excludes A
        if self.dialect == "mysql" and re.search(r"\[\^[^]]*[A-Za-z]", _CASELESS.sub("", text)):
            return None
        return search_regex(text, ignore_case)

    def _pattern(self, node: Any, made: Callable[[str, bool], str | None]) -> _Found:
        column, text = self._column(node.this), _constant(node.expression)
        if column is None or not _is_text(column) or not isinstance(text, str):
            return {}
        pattern = made(text, isinstance(node, exp.ILike | exp.RegexpILike))
        if pattern is None or not can_match(pattern):
            return {}
        return {column.name: Domain(pattern=pattern)}

    def _one_of(self, column: sqlalchemy.Column[Any] | None, nodes: Iterable[Any]) -> _Found:
        nodes = list(nodes)
        if column is None or len(nodes) > _MOST_VALUES:
            return {}
        values = tuple(_typed(column, _constant(node)) for node in nodes)
        return {} if None in values or not values else {column.name: Domain(values=values)}

    def _column(self, node: Any) -> sqlalchemy.Column[Any] | None:
        node = _bare(node)
        if not isinstance(node, exp.Column):
            return None
        folded = {name.casefold(): column for name, column in self.columns.items()}
        return self.columns.get(node.name, folded.get(node.name.casefold()))


_READERS: dict[type[Any], Callable[[_CheckReader, Any], _Found]] = {
    exp.And: _CheckReader.both,
    exp.Or: _CheckReader.either,
    exp.Not: _CheckReader.opposite,
    exp.Between: _CheckReader.between,
    exp.Is: _CheckReader.null,
    exp.In: _CheckReader.one_of,
    exp.Like: _CheckReader.like,
    exp.ILike: _CheckReader.like,
    exp.Escape: _CheckReader.escaped,
    exp.RegexpLike: _CheckReader.regular,
    exp.RegexpILike: _CheckReader.regular,
    exp.Glob: _CheckReader.glob,
    **dict.fromkeys(_WITH_SIDES_SWAPPED, _CheckReader.compared),
}


def _merged(one: _Found, other: _Found) -> _Found:
    both = {name: one[name].within(other[name]) for name in one if name in other}
    return {**one, **other, **both}


def _bare(node: Any) -> Any:
    """Strip parentheses, casts, collations and MySQL's character set introducers."""
    while isinstance(node, exp.Paren | exp.Cast | exp.Collate | exp.Introducer):
        node = node.expression if isinstance(node, exp.Introducer) else node.this
    return node


@dataclass(frozen=True)
class _Subject:
    """The subject of a comparison: a node or its length, either possibly after TRIM."""

    node: Any
    length: bool
    trimmed: bool

    def domain(
        self, operator: type[exp.Binary], value: Any, column: sqlalchemy.Column[Any]
    ) -> Domain | None:
        if self.length:
            sized = _is_text(column) or isinstance(_type(column), t.LargeBinary | t._Binary)
            domain = _of_length(operator, value) if sized else None
        else:
            domain = _of_value(operator, _typed(column, value), _is_text(column))
        if domain is None or not self.trimmed:
            return domain
        return Domain(min_length=domain.min_length)


def _subject(node: Any) -> _Subject:
    node = _bare(node)
    # for ASCII text, the length in bytes is the length in characters
    in_bytes = isinstance(node, exp.Anonymous) and node.name.lower() == "octet_length"
    length = in_bytes or isinstance(node, exp.Length)
    if length:
        node = _bare(node.expressions[0] if in_bytes else node.this)
    trimmed = isinstance(node, exp.Trim)
    return _Subject(_bare(node.this) if trimmed else node, length, trimmed)


def _constant(node: Any) -> Any:
    """Return the value of a constant; None if the node is not a constant."""
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
        number = exact_number(text)
        return int(text) if text.isdecimal() else number
    return None


def _type(column: sqlalchemy.Column[Any]) -> Any:
    type_: Any = column.type
    while (base := getattr(type_, "data_type", None)) is not None:  # PostgreSQL domains
        type_ = base
    return type_


def _is_text(column: sqlalchemy.Column[Any]) -> bool:
    return isinstance(_type(column), t.String)


def _typed(column: sqlalchemy.Column[Any], value: Any) -> Any:
    """Convert a constant to the column's kind; None if it has another kind."""
    type_ = _type(column)
    if isinstance(type_, t.Boolean):
        return bool(value) if value in (0, 1) else None
    if isinstance(type_, t.Integer | t.Numeric | t.Float) or type(type_).__name__ == "YEAR":
        value = _number(value) if isinstance(value, str) else value
        return int(value) if isinstance(value, bool) else value
    if isinstance(type_, t.Date | t.DateTime | t.Time):
        return value if isinstance(value, str) and comparable_time(value) is not None else None
    return value if isinstance(value, str) and isinstance(type_, t.String | t.Uuid) else None


def _of_value(operator: type[exp.Binary], value: Any, is_text: bool) -> Domain | None:
    if value is None:
        return None
    if operator is exp.EQ:
        return Domain(values=(value,))
    if operator is exp.NEQ:
        return Domain(min_length=1) if value == "" else None
    # the order of texts depends on the collation
    return None if is_text else Domain(**{_BOUNDS[operator]: value})


def _of_length(operator: type[exp.Binary], length: Any) -> Domain | None:
    if not isinstance(length, int):
        return None
    if operator is exp.NEQ:
        return Domain(min_length=1) if length == 0 else None
    bounds = _BOUNDS.get(operator)
    least = {"low": length, "above": length + 1, None: length}.get(bounds)
    most = {"high": length, "below": length - 1, None: length}.get(bounds)
    if (least is not None and least > _MOST_LENGTH) or (most is not None and most < 0):
        return None
    return Domain(min_length=least, most_length=most)
