"""The table in which a run in chunks records its progress; no plan fills it."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import BigInteger, Column, MetaData, String, Text

__all__ = ["JOURNAL"]

JOURNAL = sqlalchemy.Table(
    "faker_neural_journal",
    MetaData(),
    Column("table_name", String(255), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("starts", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("filled", BigInteger, nullable=False),
)
