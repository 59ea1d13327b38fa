"""A plan, which names a source for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from faker_neural import PlanError

from .hints import name_hint

__all__ = ["ColumnPlan", "Plan", "TablePlan"]


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """The source of a column's values.

    Args:
        source: "neural:MODEL", "faker:METHOD", "row:MODEL", "choice", "range", "sequence", "from"
            (made from other columns of the row), "like" (a pseudonym of another column's value),
            "uuid", "bytes", "fk" (a key of the parent table)
            or "skip" (the database's default, or NULL).
        options: the options of the source. A neural source takes the options of
            `faker_neural.Options`, a Faker source the method's arguments and `locale`, a row
            source `column`, `given` and the options of `TextModel.rows`, "choice"
            takes `values` and `weights`, "range" takes `low`, `high` and `step`, "sequence" takes
            `start` and `step`, "from" takes `columns`, `as` and options of the derivation, "bytes"
            takes `length`, "like" takes `column`, `with`, a model, and the options of a neural
            source, and "fk" takes `skew` and `to`, a column "TABLE.COLUMN" that the
            database does not declare as the parent. With `by`, the name of another column, `to`
            has the parent's column for each value of that one. With `per`, the parent, every row
            of the parent gets children, `count` says from how many to how many.
        null: the share of rows that are NULL, 0 to 1.
        guess: whether the source is a guess, for example from a name or a comment alone.
    """

    source: str
    options: Mapping[str, Any] = field(default_factory=dict)
    null: float = 0.0
    guess: bool = False


@dataclass(frozen=True, slots=True)
class TablePlan:
    """The plan of a table.

    Args:
        rows: the number of rows, 0 or more; None for the number of the plan, or for as many as
            a column with `per` says.
        columns: the plans of the columns, by name.
    """

    rows: int | None = None
    columns: Mapping[str, ColumnPlan] = field(default_factory=dict)

    @property
    def per(self) -> str | None:
        """The column whose parents say how many rows there are; None if there is none."""
        return next((name for name, one in self.columns.items() if "per" in one.options), None)

    @property
    def children(self) -> tuple[int, int]:
        """How many rows each parent of `per` gets: from, and to."""
        low, high = self.columns[self.per or ""].options.get("count", (1, 5))
        return int(low), int(high)

    def with_rows(self, rows: int) -> TablePlan:
        """Return the same plan with a number of rows; parents then no longer say it.

        Args:
            rows: the number of rows, 0 or more.
        """
        if self.per is None:
            return replace(self, rows=rows)
        parent = str(self.columns[self.per].options["per"])
        plain = ColumnPlan("fk", {"to": parent} if "." in parent else {})
        return TablePlan(rows, {**self.columns, self.per: plain})


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a database: the tables to fill.

    Args:
        seed: the random seed, 0 to 2**64 - 1; another seed gives other values.
        rows: the number of rows, 0 or more, of a table without a number of its own.
        url: the URL of the database, without a password; "" for none.
        tables: the plans of the tables to fill, by name.
        name: the name that errors show, such as the name of the plan's file.
        left_out: the tables that a proposal does not fill, each with the reason; written as
            comments.
        defer_constraints: whether foreign keys that close a cycle may be checked when all rows
            are there, although the database would check each row.
        secret_file: the file of the secret of pseudonyms; "" for the environment variable
            FAKER_NEURAL_SECRET.
    """

    seed: int = 0
    rows: int = 10
    url: str = ""
    tables: Mapping[str, TablePlan] = field(default_factory=dict)
    name: str = "plan"
    left_out: Mapping[str, str] = field(default_factory=dict)
    defer_constraints: bool = False
    secret_file: str = ""

    def rows_of(self, table: str) -> int:
        """Return the number of rows of a table.

        Args:
            table: the name of a table of the plan.
        """
        rows = self.tables[table].rows
        return self.rows if rows is None else rows

    def rows_text(self, table: str) -> str:
        """Return how many rows of a table there are, such as "10 rows", for people to read.

        Args:
            table: the name of a table of the plan.
        """
        found = self.tables[table]
        if found.per is None:
            rows = self.rows_of(table)
            return f"{rows:,} row{'' if rows == 1 else 's'}"
        low, high = found.children
        return f"{low} to {high} rows for each of {found.columns[found.per].options['per']}"

    def with_rows(self, rows: Mapping[str, int]) -> Plan:
        """Return the same plan with other numbers of rows, which a `per` no longer says.

        Args:
            rows: the number of rows of each table to change, 0 or more, by table name.

        Raises:
            PlanError: a table is not in the plan, or a number is below 0.
        """
        problems = [f"rows: {self._absent(name)}" for name in rows if name not in self.tables]
        problems += [
            f"rows: {name}={n!r} must be a whole number, 0 or more"
            for name, n in rows.items()
            if not isinstance(n, int) or n < 0
        ]
        if problems:
            raise PlanError(self.name, problems)
        tables = {
            name: table.with_rows(rows[name]) if name in rows else table
            for name, table in self.tables.items()
        }
        return replace(self, tables=tables)

    def _absent(self, name: str) -> str:
        if name in self.left_out:
            return f"{name} is not filled: {self.left_out[name]}"
        return f"there is no table {name!r}{name_hint(name, self.tables)}"

    def with_only(self, tables: Sequence[str]) -> Plan:
        """Return the same plan for some of its tables.

        Args:
            tables: the names of the tables; empty for all.

        Raises:
            PlanError: a table is not in the plan.
        """
        if unknown := [name for name in tables if name not in self.tables]:
            raise PlanError(self.name, [self._absent(name) for name in unknown])
        kept = {name: one for name, one in self.tables.items() if not tables or name in tables}
        return replace(self, tables=kept)
