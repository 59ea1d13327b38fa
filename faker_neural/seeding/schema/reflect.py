"""Reads the schema of a database: through SQLAlchemy, and by own queries for the rest."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import CheckConstraint, Connection, MetaData
from sqlalchemy import types as t
from sqlalchemy.exc import SAWarning

from .checks import domains
from .domain import Domain
from .journal_table import JOURNAL
from .schema import Column, ForeignKey, Schema, Table
from .text_fits import TextLimits, codec

__all__ = ["reflect"]

_INTEGERS = {"SMALLINT": 2**15, "TINYINT": 2**7, "MEDIUMINT": 2**23, "BIGINT": 2**63}
_MYSQL_TEXTS = {"TINYTEXT": 2**8 - 1, "TEXT": 2**16 - 1, "MEDIUMTEXT": 2**24 - 1}
_KINDS: tuple[tuple[type[t.TypeEngine[Any]], str], ...] = (
    (t.Enum, "choice"),
    (t.Boolean, "boolean"),
    (t.Integer, "integer"),
    (t.Float, "float"),
    (t.Numeric, "decimal"),
    (t.DateTime, "datetime"),
    (t.Date, "date"),
    (t.Time, "time"),
    (t.Uuid, "uuid"),
    (t.JSON, "json"),
    (t.ARRAY, "array"),
    (t.LargeBinary, "bytes"),
    (t._Binary, "bytes"),
    (t.String, "text"),
)


def reflect(connection: Connection) -> Schema:
    """Return the schema of a database, without views and partitions of PostgreSQL.

    Args:
        connection: a connection to the database.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # unknown types and cycles are handled here
        return _reflect(connection)


def _reflect(connection: Connection) -> Schema:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name != JOURNAL.name)
    _complete(connection, metadata)
    partitions, encodings = _partitions(connection), _encodings(connection)
    tables = {
        name: _table(connection, table, encodings)
        for name, table in metadata.tables.items()
        if name not in partitions
    }
    if connection.dialect.name == "sqlite":
        _give_floats(metadata)
    return Schema(connection.dialect.name, tables)


def _give_floats(metadata: MetaData) -> None:
    """Make decimals floats: SQLite stores floats anyway, and SQLAlchemy would warn."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, t.Numeric):
                column.type = t.Float()


class _Named(t.UserDefinedType[Any]):
    """A type that SQLAlchemy has no class for."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **kw: Any) -> str:
        return self.name


def _complete(connection: Connection, metadata: MetaData) -> None:
    """Add unknown types, lengths of domains and MariaDB's column CHECKs to the metadata."""
    for name, column, type_ in _types(connection):
        table = metadata.tables.get(name)
        if table is not None and isinstance(table.c[column].type, t.NullType):
            table.c[column].type = _Named(type_)
    for name, column, length in _domain_lengths(connection):
        if name in metadata.tables:
            domain: Any = metadata.tables[name].c[column].type
            domain.data_type = t.String(length)
    for name, column, clause in _column_checks(connection):
        table = metadata.tables.get(name)
        if table is not None and clause == f"json_valid(`{column}`)":
            table.c[column].type = t.JSON()
        elif table is not None:
            table.append_constraint(CheckConstraint(clause))


def _types(connection: Connection) -> list[tuple[str, str, str]]:
    match connection.dialect.name:
        case "sqlite":
            return []
        case "postgresql":
            sql = (
                "SELECT relname, attname, format_type(atttypid, NULL) FROM pg_attribute "
                "JOIN pg_class ON pg_class.oid = attrelid WHERE attnum > 0 AND NOT attisdropped "
                "AND relnamespace = current_schema()::regnamespace"
            )
        case _:
            sql = (
                "SELECT table_name, column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = DATABASE()"
            )
    return [tuple(row) for row in connection.execute(sqlalchemy.text(sql))]


def _domain_lengths(connection: Connection) -> list[tuple[str, str, int]]:
    """Return (table, column, length) for columns whose PostgreSQL domain limits the length."""
    if connection.dialect.name != "postgresql":
        return []
    sql = (
        "SELECT relname, attname, own.typtypmod - 4 FROM pg_attribute "
        "JOIN pg_class ON pg_class.oid = attrelid JOIN pg_type own ON own.oid = atttypid "
        "JOIN pg_type base ON base.oid = own.typbasetype WHERE own.typtype = 'd' "
        "AND base.typname IN ('varchar', 'bpchar') AND own.typtypmod > 4 "
        "AND relnamespace = current_schema()::regnamespace"
    )
    return [tuple(row) for row in connection.execute(sqlalchemy.text(sql))]


def _column_checks(connection: Connection) -> list[tuple[str, str, str]]:
    if not getattr(connection.dialect, "is_mariadb", False):
        return []
    sql = (
        "SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints"
        " WHERE constraint_schema = DATABASE() AND level = 'Column'"
    )
    return [tuple(row) for row in connection.execute(sqlalchemy.text(sql))]


def _table(
    connection: Connection, table: sqlalchemy.Table, encodings: Mapping[tuple[str, str], str]
) -> Table:
    dialect = connection.dialect.name
    allowed = domains(table, dialect)
    columns = {
        column.name: _column(
            column,
            allowed.get(column.name, Domain()),
            encodings.get((table.name, column.name), encodings.get(("", ""), "utf-8")),
            dialect,
        )
        for column in table.columns
    }
    primary = tuple(column.name for column in table.primary_key)
    keys = dict.fromkeys([primary] if primary else [])
    order = list(columns)
    found = sorted(_unique(connection, table), key=lambda key: [order.index(one) for one in key])
    keys.update(dict.fromkeys(found))
    return Table(table, columns, primary, tuple(keys), _foreign_keys(table))


def _column(column: sqlalchemy.Column[Any], domain: Domain, encoding: str, dialect: str) -> Column:
    type_ = getattr(column.type, "data_type", column.type)  # the base type of a PostgreSQL domain
    kind = next((kind for base, kind in _KINDS if isinstance(type_, base)), "other")
    if isinstance(type_, t.NullType) and dialect == "sqlite":
        kind = "text"  # a column without a type accepts any value
    if (
        kind == "integer"
        and str(type_).upper() == "TINYINT"
        and getattr(type_, "display_width", None) == 1
    ):
        kind = "boolean"  # MariaDB reads BOOLEAN as TINYINT(1)
    identity = column.identity
    always = bool(identity and identity.always and dialect != "postgresql")
    return Column(
        table=column.table.name,
        name=column.name,
        type=type_,
        kind=kind,
        nullable=bool(column.nullable) and not column.primary_key,
        generated=column.computed is not None or always,
        default=column.server_default is not None or column.identity is not None,
        comment=column.comment or "",
        fit=_fit(type_, domain, encoding, dialect),
        domain=_bounded(domain, type_, kind, dialect),
        scale=getattr(type_, "scale", None) if kind == "decimal" else None,
    )


def _fit(type_: t.TypeEngine[Any], domain: Domain, encoding: str, dialect: str) -> TextLimits:
    most = getattr(type_, "length", None) if isinstance(type_, t.String) else None
    if type(type_).__name__ == "SET":  # its length is that of the longest element
        most = None
    if domain.most_length is not None:
        most = min(most or domain.most_length, domain.most_length)
    most_bytes = _MYSQL_TEXTS.get(type(type_).__name__) if dialect in ("mysql", "mariadb") else None
    if most_bytes and most and isinstance(type_, t.Text):
        most_bytes, most = min(most, most_bytes), domain.most_length
    return TextLimits(most, most_bytes, encoding)


def _bounded(domain: Domain, type_: t.TypeEngine[Any], kind: str, dialect: str) -> Domain:
    """Restrict the domain of the CHECK constraints to the values of the type."""
    if isinstance(type_, t.Enum):
        return domain.within(Domain(values=tuple(type_.enums)))
    if kind == "integer":
        size = _INTEGERS.get(type(type_).__name__.upper(), 2**63 if dialect == "sqlite" else 2**31)
        unsigned = getattr(type_, "unsigned", False)
        low, high = (0, 2 * size - 1) if unsigned else (-size, size - 1)
        return domain.within(Domain(low=low, high=high))
    precision = getattr(type_, "precision", None)
    if kind == "decimal" and precision is not None:
        scale = getattr(type_, "scale", None) or 0
        largest = Decimal(10) ** (precision - scale) - Decimal(1).scaleb(-scale)
        return domain.within(Domain(low=-largest, high=largest))
    return domain


def _unique(connection: Connection, table: sqlalchemy.Table) -> list[tuple[str, ...]]:
    """Return the columns of unique constraints and of indexes without WHERE or expressions."""
    inspector = sqlalchemy.inspect(connection)
    sqlite = connection.dialect.name == "sqlite"  # SQLAlchemy may miss an inline UNIQUE
    automatic: dict[str, Any] = {"include_auto_indexes": True} if sqlite else {}
    found = [
        tuple(constraint["column_names"])
        for constraint in inspector.get_unique_constraints(table.name)
    ]
    for index in inspector.get_indexes(table.name, **automatic):
        where = index.get("dialect_options", {})
        partial = any(name.endswith("_where") for name in where)
        names = index["column_names"]
        if index["unique"] and not partial and None not in names:
            found.append(tuple(name for name in names if name is not None))
    return found


def _foreign_keys(table: sqlalchemy.Table) -> tuple[ForeignKey, ...]:
    keys = [
        ForeignKey(
            table.name,
            tuple(element.parent.name for element in key.elements),
            key.referred_table.name,
            tuple(element.column.name for element in key.elements),
        )
        for key in table.foreign_key_constraints
    ]
    order = {column.name: place for place, column in enumerate(table.columns)}
    return tuple(sorted(keys, key=lambda key: [order[name] for name in key.columns]))


def _partitions(connection: Connection) -> set[str]:
    if connection.dialect.name != "postgresql":
        return set()
    sql = "SELECT relname FROM pg_class WHERE relispartition"
    return set(connection.execute(sqlalchemy.text(sql)).scalars())


def _encodings(connection: Connection) -> dict[tuple[str, str], str]:
    """Return each column's character codec, by table and column; ("", "") holds the default."""
    match connection.dialect.name:
        case "sqlite":
            return {}
        case "postgresql":
            name = connection.execute(sqlalchemy.text("SHOW server_encoding")).scalar_one()
            return {("", ""): codec(name)}
    rows = connection.execute(
        sqlalchemy.text(
            "SELECT table_name, column_name, character_set_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND character_set_name IS NOT NULL"
        )
    )
    return {(table, column): codec(name) for table, column, name in rows}
