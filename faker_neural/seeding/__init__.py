"""Fills development databases with realistic rows that are the same in every run.

    from faker_neural.seeding import seed

    seed("sqlite:///dev.db", {"products": 100, "orders": 1000})

`propose` returns a plan, `preview` returns its first rows, and `seed` writes all of them. The value
in row i of a column depends on (seed, table, column, i) alone, with two exceptions. A foreign key
also depends on the rows that it may refer to. A value of a unique key may also depend on the rows
before it.
"""

from __future__ import annotations

try:
    import sqlalchemy  # noqa: F401
    import sqlglot  # noqa: F401
    import tomlkit  # noqa: F401
except ModuleNotFoundError as error:
    from faker_neural import MissingExtraError

    raise MissingExtraError("db", error.name or "sqlalchemy") from None

from ._seed import DatabaseState, SeedResult, SeedRun, preview, seed, survey, write_sql
from .connection import printable_url, read_connection
from .plan.plan import ColumnPlan, Plan, TablePlan
from .plan.plan_file import read_plan, write_plan
from .proposal.proposal import propose
from .run.runner import RunSettings
from .schema.schema import Column
from .slices.open_table import plan_table
from .slices.plan_table import PlanTable

__all__ = [
    "Column",
    "ColumnPlan",
    "DatabaseState",
    "Plan",
    "PlanTable",
    "RunSettings",
    "SeedResult",
    "SeedRun",
    "TablePlan",
    "plan_table",
    "preview",
    "printable_url",
    "propose",
    "read_connection",
    "read_plan",
    "seed",
    "survey",
    "write_plan",
    "write_sql",
]
