"""What is proposed for a table in SQLite."""

from __future__ import annotations

from sqlalchemy import NullPool, create_engine

from faker_neural.seeding.plan.plan import ColumnPlan
from faker_neural.seeding.plan.source_factory import make_source
from faker_neural.seeding.proposal.propose import propose
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import Schema


def schema_of(sql: str) -> Schema:
    engine = create_engine("sqlite://", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in filter(str.strip, sql.split(";")):
            connection.exec_driver_sql(statement)
        return reflect(connection)


def proposed(columns: str, table: str = "t") -> dict[str, ColumnPlan]:
    """What is proposed for the columns of a table, each of which the plan's reader takes."""
    schema = schema_of(f"CREATE TABLE {table} ({columns})")
    plans = propose(schema).tables[table].columns
    for name, plan in plans.items():
        make_source(schema.tables[table].columns[name], plan)
    return dict(plans)


def one(column: str, table: str = "t") -> ColumnPlan:
    (plan,) = proposed(column, table).values()
    return plan
