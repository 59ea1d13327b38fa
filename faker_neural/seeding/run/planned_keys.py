"""Foreign keys that a plan names and the database does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from faker_neural.seeding.plan.plan import ColumnPlan, Plan, name_hint
from faker_neural.seeding.schema.schema import ForeignKey, Schema

from .validate import Problem

__all__ = ["with_planned_keys"]


def with_planned_keys(schema: Schema, plan: Plan) -> tuple[Schema, list[Problem]]:
    """Return the schema with the foreign keys of the plan, and what is wrong with these.

    Args:
        schema: the schema of the database.
        plan: the plan; `fk = "users.id"` names the column that a column refers to.
    """
    problems: list[Problem] = []
    tables = dict(schema.tables)
    for name, table in plan.tables.items():
        keys = {
            column: one
            for column, one in table.columns.items()
            if one.source == "fk" and "to" in one.options
        }
        if keys and name in tables:
            found = list(_keys(schema, name, keys, problems))
            own = [key for key in tables[name].foreign_keys if not set(key.columns) & set(keys)]
            tables[name] = replace(tables[name], foreign_keys=(*own, *found))
    return replace(schema, tables=tables), problems


def _keys(
    schema: Schema, name: str, keys: dict[str, ColumnPlan], problems: list[Problem]
) -> Iterator[ForeignKey]:
    for column, plan in keys.items():
        to = plan.options["to"]
        parent, _, of_parent = str(to).rpartition(".")
        if column not in schema.tables[name].columns:
            continue  # `check_plan` says so
        rule = _misfit(schema, name, column, parent, of_parent)
        if rule:
            problems.append(Problem(name, (column,), f"fk={to!r}: {rule}"))
        else:
            yield ForeignKey(name, (column,), parent, (of_parent,))


def _misfit(schema: Schema, name: str, column: str, parent: str, of_parent: str) -> str:
    if not parent:
        return "must be TABLE.COLUMN, such as users.id"
    if parent not in schema.tables:
        return f"there is no table {parent!r}{name_hint(parent, schema.tables)}"
    columns = schema.tables[parent].columns
    if of_parent not in columns:
        return f"{parent} has no column {of_parent!r}{name_hint(of_parent, dict(columns))}"
    child, kind = schema.tables[name].columns[column], columns[of_parent].kind
    if child.kind != kind:
        return f"is {columns[of_parent].of_type}, and {child} is {child.of_type}"
    if (of_parent,) not in schema.tables[parent].unique:
        return "is not unique, so it identifies no row"
    return ""
