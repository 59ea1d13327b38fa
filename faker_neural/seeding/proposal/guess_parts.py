"""Guesses which tables hold the parts of a parent's rows, such as the items of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from faker_neural.seeding.names.column_names import words
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.schema.schema import Schema, Table

__all__ = ["with_parts"]

_PARTS = ("item", "line", "line item", "detail", "entry", "position", "row")


def with_parts(schema: Schema, plan: Plan) -> Plan:
    """Return the plan with some rows for each row of the parent in tables such as order_items.

    Args:
        schema: the schema of the database.
        plan: the proposed plan.
    """
    tables = {
        name: _of_each_parent(schema.tables[name], one, plan.tables)
        for name, one in plan.tables.items()
    }
    return replace(plan, tables=tables)


def _of_each_parent(table: Table, plan: TablePlan, tables: Mapping[str, TablePlan]) -> TablePlan:
    said = words(table.sql.name)
    for name, key in table.referring.items():
        parent = words(key.parent.rpartition(".")[2])
        part = said.removeprefix(f"{parent} ")
        one = plan.columns[name]
        whole = len(key.columns) == 1 and not one.options and key.parent in tables
        if part in _PARTS and part != said and whole and one.source == "fk" and not one.null:
            per = ColumnPlan("fk", {"per": key.parent, "count": [1, 5]}, guess=True)
            return replace(plan, columns={**plan.columns, name: per})
    return plan
