"""Reads the schema of a database: through SQLAlchemy, and by own queries for the rest."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import CheckConstraint, Connection, MetaData, bindparam
from sqlalchemy import types as t
from sqlalchemy.exc import SAWarning

from faker_neural import DatabaseError
from faker_neural.seeding.connection import printable_url
from faker_neural.seeding.domains.checks import domains
from faker_neural.seeding.domains.defaults import Default, default_of
from faker_neural.seeding.domains.domain import Domain
from faker_neural.seeding.domains.numbers import EXACT
from faker_neural.seeding.domains.row_checks import row_checks
from faker_neural.seeding.domains.text_fits import TextLimits, codec
from faker_neural.seeding.journal_table import JOURNAL

from .bookkeeping import is_bookkeeping
from .named_type import NamedType, UuidText
from .postgresql import add_catalog, user_schemas
from .schema import Column, ForeignKey, Schema, Table
from .sqlite import ROW_NUMBER, add_declared_types, check_definitions, virtual_tables
from .unique_keys import unique_keys

__all__ = ["reflect"]

_MOST_DIGITS = 100  # of a decimal column; MariaDB takes 65
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
    (UuidText, "uuid"),
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
    dialect = connection.dialect.name
    metadata = _metadata(connection)
    left_out: set[str] = set()
    if dialect == "postgresql":
        left_out = add_catalog(connection, metadata)
    elif dialect == "sqlite":
        add_declared_types(connection, metadata)
    else:
        _complete(connection, metadata)
    encodings = _encodings(connection, metadata)
    tables = {
        name: _table(connection, table, encodings)
        for name, table in metadata.tables.items()
        if name not in left_out
    }
    if dialect == "sqlite":
        _give_floats(metadata)
    return Schema(dialect, tables)


def _metadata(connection: Connection) -> MetaData:
    """Return the tables of the current schema; of all schemas of PostgreSQL if it has none."""
    metadata = MetaData()
    hidden = {JOURNAL.name}
    if connection.dialect.name == "sqlite":
        check_definitions(connection)
        hidden |= virtual_tables(connection)
    try:
        metadata.reflect(connection, only=lambda name, _: name not in hidden)
    except ValueError:  # Python reads no number of more than 4,300 digits
        url = printable_url(connection.engine.url)
        raise DatabaseError(url, "has a column type with a number that is too long") from None
    tables = metadata.tables.values()
    if connection.dialect.name == "postgresql" and all(map(_is_kept_by_tools, tables)):
        for schema in user_schemas(connection):
            if schema != connection.dialect.default_schema_name:
                metadata.reflect(connection, schema)
    return metadata


def _is_kept_by_tools(table: sqlalchemy.Table) -> bool:
    return is_bookkeeping(table.name, table.columns.keys())


def _give_floats(metadata: MetaData) -> None:
    """Make decimals floats: SQLite stores floats anyway, and SQLAlchemy would warn."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, t.Numeric):
                column.type = t.Float()


def _complete(connection: Connection, metadata: MetaData) -> None:
    """Add MariaDB's unknown types and column CHECKs to the metadata."""
    for name, column, type_ in _of_schemas(connection, metadata, _DATA_TYPES):
        table = metadata.tables.get(name)
        if table is not None and isinstance(table.c[column].type, t.NullType):
            table.c[column].type = NamedType(type_)
    for name, column, clause in _column_checks(connection):
        table = metadata.tables.get(name)
        if table is not None and clause == f"json_valid(`{column}`)":
            table.c[column].type = t.JSON()
        elif table is not None:
            table.append_constraint(CheckConstraint(clause))


_COLUMNS = (
    "SELECT IF(table_schema = DATABASE(), table_name, CONCAT(table_schema, '.', table_name)), "
    "column_name, {} FROM information_schema.columns WHERE table_schema IN :schemas AND {} <> ''"
)
_DATA_TYPES = _COLUMNS.format("data_type", "data_type")
_CHARACTER_SETS = _COLUMNS.format("character_set_name", "character_set_name")


def _of_schemas(connection: Connection, metadata: MetaData, sql: str) -> list[tuple[str, str, str]]:
    """Return (table, column, fact) for the columns of all databases that were reflected."""
    current = connection.dialect.default_schema_name
    schemas = {table.schema or current for table in metadata.tables.values()}
    query = sqlalchemy.text(sql).bindparams(bindparam("schemas", expanding=True))
    return [tuple(row) for row in connection.execute(query, {"schemas": list(schemas)})]


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
            encodings.get((table.fullname, column.name), encodings.get(("", ""), "utf-8")),
            dialect,
        )
        for column in table.columns
    }
    primary = tuple(column.name for column in table.primary_key)
    keys = dict.fromkeys([primary] if primary else [])
    order = list(columns)
    whole, partial = unique_keys(connection, table)
    found = sorted([*whole, *partial], key=lambda key: [order.index(one) for one in key])
    keys.update(dict.fromkeys(found))
    kept = _is_kept_by_tools(table)
    return Table(
        table,
        columns,
        primary,
        tuple(keys),
        _foreign_keys(table, dialect),
        kept,
        frozenset(partial),
        table.info.get("refusal", ""),
        row_checks(table, dialect),
    )


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
    identity, default = column.identity, default_of(column)
    always = bool(identity and identity.always and dialect != "postgresql")
    return Column(
        table=column.table.fullname,
        name=column.name,
        type=type_,
        kind=kind,
        nullable=bool(column.nullable) and not column.primary_key,
        generated=column.computed is not None or always,
        default=default is not Default.NONE or identity is not None or _is_counted(column, dialect),
        empty_default=default is Default.EMPTY,
        comment=column.comment or "",
        fit=_fit(type_, domain, encoding, dialect),
        domain=_bounded(domain, type_, kind, dialect),
        scale=_digits(type_)[1] if kind == "decimal" else None,
    )


def _is_counted(column: sqlalchemy.Column[Any], dialect: str) -> bool:
    """Return whether the database numbers a column without a default: AUTO_INCREMENT, a row id."""
    if dialect == "sqlite":
        return bool(column.info[ROW_NUMBER])
    return dialect != "postgresql" and column.table.autoincrement_column is column


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
    precision, scale = _digits(type_)
    if kind == "decimal" and precision is not None:
        above, last = Decimal(1).scaleb(precision - (scale or 0)), Decimal(1).scaleb(-(scale or 0))
        largest = EXACT.subtract(above, last)
        return domain.within(Domain(low=-largest, high=largest))
    return domain


def _digits(type_: t.TypeEngine[Any]) -> tuple[int | None, int | None]:
    """Return the digits of a type, in all and after the point; None for not declared.

    SQLite takes any numbers there and does not heed them; what no other database takes is none.
    """
    precision, scale = getattr(type_, "precision", None), getattr(type_, "scale", None)
    if any(one is not None and abs(one) > _MOST_DIGITS for one in (precision, scale)):
        return None, None
    return precision, scale


def _foreign_keys(table: sqlalchemy.Table, dialect: str) -> tuple[ForeignKey, ...]:
    keys = [
        ForeignKey(
            table.fullname,
            tuple(element.parent.name for element in key.elements),
            key.referred_table.fullname,
            tuple(element.column.name for element in key.elements),
            deferrable=bool(key.deferrable) or dialect == "sqlite",  # which can defer all
        )
        for key in table.foreign_key_constraints
    ]
    order = {column.name: place for place, column in enumerate(table.columns)}
    return tuple(sorted(keys, key=lambda key: [order[name] for name in key.columns]))


def _encodings(connection: Connection, metadata: MetaData) -> dict[tuple[str, str], str]:
    """Return each column's character codec, by table and column; ("", "") holds the default."""
    match connection.dialect.name:
        case "sqlite":
            return {}
        case "postgresql":
            name = connection.execute(sqlalchemy.text("SHOW server_encoding")).scalar_one()
            return {("", ""): codec(name)}
    rows = _of_schemas(connection, metadata, _CHARACTER_SETS)
    return {(table, column): codec(name) for table, column, name in rows}
