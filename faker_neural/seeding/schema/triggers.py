"""Finds the tables that triggers of insertion fill, or whose rows they may refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy
from sqlalchemy import Connection

from .postgresql import VISIBLE_NAME

__all__ = ["reasons_to_leave_out"]

_QUERIES = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
    " AND upper(sql) LIKE '% INSERT ON %'",
    # tgtype has the bit 4 for INSERT
    "postgresql": f"SELECT {VISIBLE_NAME}, tgname, prosrc FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND tgtype & 4 = 4",
}
_MYSQL = (
    "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE() AND event_manipulation = 'INSERT'"
)
_REFUSES = re.compile(r"\bRAISE\s*\(|\bRAISE\s+(EXCEPTION|'|SQLSTATE)|\bSIGNAL\b", re.IGNORECASE)
_FILLS = re.compile(
    r"\b(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+(?:public\.)?[`\"]?(\w+)", re.IGNORECASE
)


def reasons_to_leave_out(connection: Connection) -> dict[str, str]:
    """Return why tables should not be filled, by table name.

    A trigger that may raise an error may refuse any row. A table that a trigger of another table
    fills would get rows twice.

    Args:
        connection: a connection to the database.
    """
    return dict(_reasons(connection))


def _reasons(connection: Connection) -> Iterator[tuple[str, str]]:
    sql = _QUERIES.get(connection.dialect.name, _MYSQL)
    for table, name, body in connection.execute(sqlalchemy.text(sql)):
        for filled in _FILLS.findall(body):
            if filled != table:
                yield filled, f"the trigger {name} of {table} fills it"
        if _REFUSES.search(body):
            yield table, f"its trigger {name} may refuse rows"
