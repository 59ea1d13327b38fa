"""Changes rows until they meet the CHECK constraints that relate their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import Connection, bindparam, literal_column, select, union_all

from faker_neural import DatabaseError
from faker_neural._shown import one_line
from faker_neural.seeding.domains.row_checks import RowCheck
from faker_neural.seeding.keys.unique import Block
from faker_neural.seeding.schema.schema import Table
from faker_neural.seeding.values.coerce import coerce
from faker_neural.seeding.values.counted import EnumeratedSource
from faker_neural.seeding.values.derived import Source
from faker_neural.seeding.values.drawn import NeuralSource

__all__ = ["CheckedRows", "Redraw", "RowChecks"]

_TOGETHER = (1, 10, 100)  # rows of a query, which is made once for each number
_ATTEMPTS = 1000  # draws before the row is given up
_HOPELESS = 200  # draws before all rows are given up, if none of them was accepted
_FULL, _CHANGED = 3, 8  # draws before values become NULL, and before nothing but draws is tried


class RowChecks:
    """Asks the database which rows its CHECK constraints refuse; nothing is written.

    Args:
        connection: a connection to the database.
        table: the table.
        filled: the names of the columns that get values. The others have their default, or NULL.
        within: the names of the only columns that a constraint may read; None for all columns.
    """

    def __init__(
        self,
        connection: Connection,
        table: Table,
        filled: Sequence[str],
        within: Sequence[str] | None = None,
    ) -> None:
        self._connection, self._table, self._filled = connection, table, filled
        self.checks = [
            check
            for check in table.checks
            if set(check.columns) & set(filled)
            if within is None or set(check.columns) <= set(within)
            if all(name in filled or self._default(name) is not None for name in check.columns)
        ]
        read = {name for check in self.checks for name in check.columns}
        self.columns = [name for name in table.columns if name in read & set(filled)]
        defaults = {name: self._default(name) for name in sorted(read - set(filled))}
        self._defaults = {name: one for name, one in defaults.items() if one is not None}
        self._queries: dict[int, sqlalchemy.Select[Any]] = {}

    def within(self, columns: Sequence[str]) -> RowChecks:
        """Return the same for the constraints that read no other columns than these.

        Args:
            columns: the names of the columns.
        """
        return RowChecks(self._connection, self._table, self._filled, columns)

    def broken(self, block: Block) -> list[int]:
        """Return the places of the rows that break a constraint.

        Args:
            block: the rows.
        """
        if not self.checks:
            return []
        return [
            place
            for start in range(0, len(block.rows), _TOGETHER[-1])
            for place in self._broken(block, range(start, len(block.rows))[: _TOGETHER[-1]])
        ]

    def _broken(self, block: Block, places: Sequence[int]) -> Iterator[int]:
        count = next(size for size in _TOGETHER if size >= len(places))
        filled = [*places, *[places[-1]] * (count - len(places))]
        values = {
            f"{name}_{number}": block.columns[name][place]
            for name in self.columns
            for number, place in enumerate(filled)
        }
        if count not in self._queries:
            self._queries[count] = self._query(count)
        found = self._connection.scalars(self._queries[count], values)
        return (places[one] for one in found if one < len(places))

    def _query(self, count: int) -> sqlalchemy.Select[Any]:
        """Return a query for the numbers of the rows that break a constraint."""
        own = self._table.sql
        names = [*self.columns, *self._defaults]
        # an empty part of the table first: its columns say the types
        typed = select(literal_column("0").label("row_number"), *(own.c[name] for name in names))
        parts = [typed.where(sqlalchemy.false())]
        for number in range(count):
            cells = [
                bindparam(f"{name}_{number}", type_=own.c[name].type).label(name)
                for name in self.columns
            ]
            cells += [default.label(name) for name, default in self._defaults.items()]
            parts.append(select(literal_column(str(number)).label("row_number"), *cells))
        rows = union_all(*parts).subquery(own.name)
        wrong = sqlalchemy.or_(*(_is_false(check) for check in self.checks))
        return select(rows.c.row_number).where(wrong).order_by(rows.c.row_number)

    def _default(self, name: str) -> sqlalchemy.ColumnElement[Any] | None:
        """Return what a column without a value gets; None if only the table knows."""
        column = self._table.sql.c[name]
        if column.computed is not None or column.identity is not None or column.primary_key:
            return None
        if column.server_default is None:
            return sqlalchemy.null()
        text = str(getattr(column.server_default, "arg", ""))
        return None if not text or "nextval" in text else literal_column(f"({text})")


def _is_false(check: RowCheck) -> sqlalchemy.ColumnElement[bool]:
    escaped = check.sql.replace(":", "\\:")  # a colon would begin a parameter
    return sqlalchemy.text(f"NOT ({escaped})")  # type: ignore[return-value]


class Redraw(Protocol):
    """Draws or derives columns of rows again."""

    def __call__(self, block: Block, attempt: int) -> None:
        """Change a block in place.

        Args:
            block: the rows.
            attempt: the number of the attempt; 0 for what the row has without constraints.
        """


@dataclass(frozen=True)
class CheckedRows:
    """Changes the rows of a table until the database's CHECK constraints accept them.

    Two columns of a row are exchanged, or columns are drawn again, or nullable ones become NULL.
    What happens to a row depends on the row alone.

    Args:
        table: the table.
        checks: asks the database.
        free: the columns that may be drawn again, and the source of each. The values of two of
            them are exchanged if each source has the other's value, or both draw the same.
        nullable: the columns that may become NULL.
        redraw: draws the columns again that constraints read, and derives the others.
        derive: derives again what is made from other columns.
    """

    table: Table
    checks: RowChecks
    free: Mapping[str, Source]
    nullable: Sequence[str]
    redraw: Redraw
    derive: Redraw

    def settle(self, block: Block) -> None:
        """Change the rows that a constraint refuses.

        Args:
            block: the rows; changed in place.

        Raises:
            DatabaseError: no accepted row was found.
        """
        left = self.checks.broken(block)
        refused_first = len(left)
        for attempt in range(_ATTEMPTS if left else 0):
            if attempt == _HOPELESS and len(left) == refused_first:
                break
            base = _part(block, left)
            if attempt:
                self.redraw(base, attempt)
            for change in self._changes(attempt):
                if not left:
                    return
                tried = _part(base, range(len(left)))
                change(tried)
                refused = self.checks.broken(tried)
                _put(block, left, tried, without=refused)
                left, base = [left[one] for one in refused], _part(base, refused)
        if left:
            texts = ", ".join(f"CHECK ({one_line(check.sql)})" for check in self.checks.checks)
            drawn = ", ".join(self.free)
            hint = f"change the sources of {drawn}" if drawn else "no source may draw again"
            raise DatabaseError(
                self.table.name,
                f"no values for row {block.rows[left[0]]} were found that meet {texts}; {hint}",
            )

    def _changes(self, attempt: int) -> Iterator[Callable[[Block], None]]:
        """Yield what to try with drawn rows, the smallest changes first."""
        yield lambda block: None
        if attempt >= _CHANGED:
            return
        for one, other in combinations(self.free, 2):
            if self.table.columns[one].kind == self.table.columns[other].kind:
                yield partial(self._exchange, one=one, other=other, attempt=attempt)
        sizes = {1, 2, len(self.nullable)} & set(range(1, len(self.nullable) + 1))
        for size in sorted(sizes) if attempt >= _FULL else ():
            sets = list(combinations(self.nullable, size))
            for turn in range(len(sets)):
                yield partial(self._emptied, sets=sets, turn=turn, attempt=attempt)

    def _emptied(
        self, block: Block, sets: Sequence[Sequence[str]], turn: int, attempt: int
    ) -> None:
        """Set some columns to NULL, and derive what is made from them."""
        _empty(block, sets, turn)
        self.derive(block, attempt)
        _empty(block, sets, turn)  # of those that are derived

    def _exchange(self, block: Block, one: str, other: str, attempt: int) -> None:
        columns, kinds = block.columns, self.table.columns
        first, second = self.free[one], self.free[other]
        for place, (this, that) in enumerate(zip(columns[one], columns[other], strict=True)):
            if this is not None and that is not None:
                with suppress(ValueError):
                    new = coerce(kinds[one], that), coerce(kinds[other], this)
                    if _may_exchange(first, second, *new):
                        columns[one][place], columns[other][place] = new
        self.derive(block, attempt)


def _may_exchange(first: Source, second: Source, new: Any, other: Any) -> bool:
    """Return whether the first source may give the value `new`, and the second `other`."""
    if isinstance(first, EnumeratedSource) and isinstance(second, EnumeratedSource):
        return first.has(new) and second.has(other)
    if isinstance(first, NeuralSource) and isinstance(second, NeuralSource):
        return first.model == second.model and first.fitting == second.fitting
    return type(first) is type(second) and _drawn(first) == _drawn(second)


def _drawn(source: Source) -> dict[str, Any]:
    """Return what a source draws, without the column that it is for."""
    return {name: value for name, value in vars(source).items() if name != "column"}


def _part(block: Block, places: Sequence[int]) -> Block:
    columns = {name: [cells[place] for place in places] for name, cells in block.columns.items()}
    return Block(block.rows[list(places)], columns)


def _put(block: Block, places: Sequence[int], new: Block, without: Sequence[int]) -> None:
    for number in set(range(len(places))) - set(without):
        for name, cells in new.columns.items():
            block.columns[name][places[number]] = cells[number]


def _empty(block: Block, sets: Sequence[Sequence[str]], turn: int) -> None:
    """Set one of some sets of columns to NULL: in each row another one first."""
    for place, row in enumerate(block.rows.tolist()):
        for name in sets[(row + turn) % len(sets)]:
            block.columns[name][place] = None
