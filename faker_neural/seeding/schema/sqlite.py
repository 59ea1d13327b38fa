"""Reads the declared types that SQLAlchemy does not know in SQLite, and finds virtual tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, Connection, MetaData
from sqlalchemy import types as t

from faker_neural import DatabaseError
from faker_neural._shown import shortened
from faker_neural.seeding.connection import printable_url

from .named_type import NamedType, UuidText

__all__ = ["ROW_NUMBER", "add_declared_types", "check_definitions", "virtual_tables"]

ROW_NUMBER = "row_number"
_LONGEST_DEFINITION = 2**18  # characters
_LONGEST_RUN = 3_000  # characters of words and of the spaces between them
_MOST_MARKS = 3_000
_WORDS = re.compile(r"[\w\s]+")

_Type = t.TypeEngine[Any]
_DECLARED = re.compile(r"\s*([^()]+?)\s*(?:\(([\s\S]*)\)[^()]*)?")
_AFFINITIES = ("int", "char", "clob", "text", "blob", "real", "floa", "doub")


def _bit(*sizes: int) -> _Type:
    return t.Boolean() if sizes in ((), (1,)) else t.Integer()


def _moment(*sizes: int) -> _Type:
    return t.DateTime()


def _time(*sizes: int) -> _Type:
    return t.Time()


def _bytes(*sizes: int) -> _Type:
    return t.LargeBinary(_first(sizes))


def _number(*sizes: int) -> _Type:
    return t.Numeric(_first(sizes), sizes[1] if len(sizes) > 1 else None)


def _first(sizes: Sequence[int]) -> int | None:
    return sizes[0] if sizes else None


# The types by their declared names in lower case; each is made from the sizes in parentheses.
_TYPES: Mapping[str, Callable[..., _Type]] = {
    name: make
    for names, make in (
        ("uuid guid uniqueidentifier", lambda *sizes: UuidText()),
        ("timestamptz datetimetz datetime2 datetimeoffset smalldatetime", _moment),
        ("timetz", _time),
        ("json jsonb", lambda *sizes: t.JSON()),
        ("money smallmoney currency number dec fixed", _number),
        ("bytea binary varbinary image raw tinyblob mediumblob longblob", _bytes),
        ("serial bigserial smallserial year", lambda *sizes: t.Integer()),
        ("bit", _bit),
    )
    for name in names.split()
} | {
    "timestamp with time zone": _moment,
    "timestamp without time zone": _moment,
    "time with time zone": _time,
    "time without time zone": _time,
}
# Types whose values are not text that a person writes.
_NAMED = frozenset(
    [
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "interval",
        "point",
        "line",
        "lseg",
        "box",
        "path",
        "polygon",
        "circle",
        "geometry",
        "geography",
        "tsvector",
        "tsquery",
        "ltree",
        "hstore",
        "xml",
    ]
)

_LIST = "PRAGMA table_list"  # unknown before SQLite 3.37


def virtual_tables(connection: Connection) -> set[str]:
    """Return the names of virtual tables and of their shadow tables, which SQLite fills itself.

    Args:
        connection: a connection to the database.
    """
    master = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
    virtual = set(connection.exec_driver_sql(master).scalars())
    if not virtual:
        return set()
    listed = connection.exec_driver_sql(_LIST)
    if listed.returns_rows:
        return virtual | {name for _, name, type_, *_ in listed if type_ == "shadow"}
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars()
    starts = tuple(f"{name}_" for name in virtual)
    return virtual | {name for name in names if name.startswith(starts)}


def check_definitions(connection: Connection) -> None:
    """Check that SQLAlchemy can read the definitions of the tables in bounded time.

    It searches them with expressions whose time grows with the square of a run of words and of the
    number of quotation marks.

    Args:
        connection: a connection to the database.

    Raises:
        DatabaseError: a definition is too long, or has too long a run of words.
    """
    listed = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND length(sql) > ?"
    for name, text in connection.exec_driver_sql(listed, (_LONGEST_RUN,)):
        runs = max(map(len, _WORDS.findall(text)))
        if len(text) > _LONGEST_DEFINITION or runs > _LONGEST_RUN or text.count('"') > _MOST_MARKS:
            problem = f"its table {shortened(repr(name))} has too long a definition to be read"
            raise DatabaseError(printable_url(connection.engine.url), problem)


def add_declared_types(connection: Connection, metadata: MetaData) -> None:
    """Replace the types of columns whose declared types SQLAlchemy takes for numbers.

    A column that is the number of its row, declared INTEGER PRIMARY KEY, is marked in its `info`.

    Args:
        connection: a connection to the database.
        metadata: the reflected tables.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    known = {name.lower() for name in connection.dialect.ischema_names}  # type: ignore[attr-defined]
    for table in metadata.tables.values():
        indexes = connection.exec_driver_sql(f"PRAGMA index_list({quote(table.name)})")
        numbered = all(origin != "pk" for _, _, _, origin, _ in indexes)  # a row id needs no index
        for _, name, declared, *_ in connection.exec_driver_sql(
            f"PRAGMA table_xinfo({quote(table.name)})"
        ):
            type_, values = _read(declared, known)
            alone = list(table.primary_key.columns) == [table.c[name]]
            table.c[name].info[ROW_NUMBER] = alone and numbered
            if type_ is not None:
                table.c[name].type = type_
            if values is not None:
                table.append_constraint(CheckConstraint(f"{quote(name)} IN ({values})"))


def _read(declared: str, known: set[str]) -> tuple[_Type | None, str | None]:
    """Return the type and the listed values of a declared type, None for what stays as it is."""
    found = _DECLARED.fullmatch(declared)
    if found is None:
        return None, None
    name, inside = found[1].lower(), found[2] or ""
    if name in ("enum", "set") and inside:
        return t.String(), inside
    sizes = [int(size) for size in re.findall(r"\b\d{1,9}\b", inside)]
    if name == "tinyint" and sizes == [1]:
        return t.Boolean(), None
    if name in _NAMED:
        return NamedType(name), None
    if name in _TYPES:
        return _TYPES[name](*sizes), None
    if name.split()[0] in known or any(part in name for part in _AFFINITIES):
        return None, None
    return t.String(_first(sizes)), None
