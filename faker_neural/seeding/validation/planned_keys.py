"""Foreign keys that a plan names and the database does not declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from faker_neural.seeding.plan.hints import name_hint
from faker_neural.seeding.plan.plan import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.schema.schema import ForeignKey, Schema

from .validate import Problem

__all__ = ["with_planned_keys"]


def with_planned_keys(schema: Schema, plan: Plan) -> tuple[Schema, list[Problem]]:
    """Return the schema with the foreign keys of the plan, and what is wrong with these.

    Args:
        schema: the schema of the database.
        plan: the plan; `fk = "users.id"` names the column that a column refers to, and so does
            `per = "users.id"`. With `by`, the column differs between rows.
    """
    problems: list[Problem] = []
    tables = dict(schema.tables)
    for name, table in plan.tables.items():
        keys = {column: one for column, one in table.columns.items() if _named(schema, one)}
        if keys and name in tables:
            found = list(_keys(schema, name, keys, problems))
            problems += _unnamed(name, table, keys)
            own = [key for key in tables[name].foreign_keys if not set(key.columns) & set(keys)]
            tables[name] = replace(tables[name], foreign_keys=(*own, *found))
    return replace(schema, tables=tables), problems


def _named(schema: Schema, plan: ColumnPlan) -> dict[object, object]:
    """Return the "TABLE.COLUMN" that a plan names, or that of each value of another column."""
    if plan.source != "fk":
        return {}
    to, per = plan.options.get("to"), plan.options.get("per")
    if per is not None:
        return (
            {None: per} if isinstance(per, str) and "." in per and per not in schema.tables else {}
        )
    if isinstance(to, Mapping):
        return dict(to)
    return {} if to is None else {None: to}


def _keys(
    schema: Schema, name: str, keys: dict[str, ColumnPlan], problems: list[Problem]
) -> Iterator[ForeignKey]:
    for column, plan in keys.items():
        if column not in schema.tables[name].columns:
            continue  # `check_plan` says so
        other = plan.options.get("by")
        if other is not None and other not in schema.tables[name].columns:
            hint = name_hint(str(other), dict(schema.tables[name].columns))
            rule = f"by={other!r}: there is no such column{hint}"
            problems.append(Problem(name, (column,), rule))
            continue
        form = "per" if "per" in plan.options else "fk"
        for value, to in _named(schema, plan).items():
            parent, _, of_parent = str(to).rpartition(".")
            rule = _misfit(schema, name, column, parent, of_parent)
            if not rule and other is not None and parent == name:
                rule = "is the table itself, which does not go with by"
            if rule:
                problems.append(Problem(name, (column,), f"{form}={to!r}: {rule}"))
            else:
                by = None if other is None else (str(other), value)
                yield ForeignKey(name, (column,), parent, (of_parent,), by=by)


def _unnamed(name: str, table: TablePlan, keys: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each column whose `by` has a choice of values that `to` does not name."""
    for column in keys:
        to, by = table.columns[column].options.get("to"), table.columns[column].options.get("by")
        kinds = table.columns.get(str(by), ColumnPlan("skip"))
        if not isinstance(to, Mapping) or by is None:
            continue
        if kinds.source != "choice":
            yield Problem(name, (column,), f"by={by!r}: must be a choice, of {', '.join(to)}")
        elif left := [one for one in kinds.options["values"] if one not in to]:
            yield Problem(name, (column,), f"by={by!r}: no column is named for {left[0]!r}")


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
