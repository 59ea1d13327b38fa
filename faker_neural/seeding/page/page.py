"""Writes a plan as an HTML page: tables, a drawing of their references, and first rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Engine

from faker_neural import MissingExtraError
from faker_neural.seeding._seed import preview
from faker_neural.seeding.connection import printable_url, read_connection
from faker_neural.seeding.plan.plan import ColumnPlan, Plan
from faker_neural.seeding.schema.reflect import reflect
from faker_neural.seeding.schema.schema import ForeignKey, Schema
from faker_neural.seeding.validation.planned_keys import with_planned_keys

from .drawing import drawing_of

try:
    import jinja2
except ModuleNotFoundError as error:
    raise MissingExtraError("html", error.name or "jinja2") from None

__all__ = ["plan_page"]


@dataclass(frozen=True, slots=True)
class _Section:
    """What the page shows of a table."""

    name: str
    rows: str
    columns: Sequence[tuple[str, str, bool]]
    sample: Sequence[Sequence[str | None]]


def plan_page(
    database: str | URL | Engine, plan: Plan, *, n: int = 10, seed: int | None = None
) -> str:
    """Return a plan as one HTML page, which loads no other files.

    Args:
        database: a SQLAlchemy engine, or the URL of a database; it is only read.
        plan: the plan.
        n: the number of rows to show of each table, 0 or more.
        seed: the random seed, 0 to 2**64 - 1; None for the plan's seed.

    Raises:
        PlanError: the plan does not fit the database.
        DatabaseError: the database cannot be read.
        MissingExtraError: the extra html is not installed.
    """
    sample = preview(database, plan, n=n, seed=seed)
    with read_connection(database) as connection:
        url = printable_url(connection.engine.url)
        schema, _ = with_planned_keys(reflect(connection), plan)
    keys = list(_used(schema, plan))
    folder = jinja2.PackageLoader("faker_neural.seeding.page")
    environment = jinja2.Environment(
        loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template("plan.html.j2").render(
        url=url,
        plan=plan,
        seed=plan.seed if seed is None else seed,
        drawing=drawing_of({name: plan.rows_text(name) for name in sample}, keys, plan),
        sections=[_section(plan, name, rows) for name, rows in sample.items()],
    )


def _used(schema: Schema, plan: Plan) -> Iterator[ForeignKey]:
    """Yield the foreign keys that the plan fills."""
    for name, table in plan.tables.items():
        for key in schema.tables[name].foreign_keys:
            sources = [table.columns.get(one, ColumnPlan("fk")).source for one in key.columns]
            if set(sources) == {"fk"}:
                yield key


def _section(plan: Plan, name: str, rows: Sequence[dict[str, Any]]) -> _Section:
    columns = list(rows[0]) if rows else list(plan.tables[name].columns)
    plans = {column: plan.tables[name].columns.get(column, ColumnPlan("fk")) for column in columns}
    return _Section(
        name,
        plan.rows_text(name),
        [(column, one.source, one.guess) for column, one in plans.items()],
        [[_cell(row[column]) for column in columns] for row in rows],
    )


def _cell(value: object) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)
