"""Guesses references whose table another column names, such as commentable_type of Rails."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from faker_neural.seeding.names.column_names import words
from faker_neural.seeding.plan.plan import ColumnPlan
from faker_neural.seeding.schema.schema import Column, ForeignKey, Schema, Table

from .guess_references import closes_cycle

__all__ = ["TypedReference", "typed_references"]

_MOST = 3  # tables that are referred to, where the database does not say which
_SHOWN = ("title", "name", "subject", "body", "content", "caption")
_KINDS = ("integer", "uuid")
# what any kind of thing is called, beside commentable, taggable, ...
_ANYTHING = frozenset(("item", "object", "subject", "target", "entity", "resource", "record"))


@dataclass(frozen=True, slots=True)
class TypedReference:
    """A pair of columns that names a row: one its table, one its key.

    Args:
        table: the name of the table of the pair.
        kind: the column that names the table.
        key: the column that has the key.
        to: the "TABLE.COLUMN" that the key refers to, by the value of `kind`.
    """

    table: str
    kind: str
    key: str
    to: Mapping[str, str]

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """The foreign keys, one for each table."""
        return tuple(
            ForeignKey(self.table, (self.key,), parent, (column,), by=(self.kind, value))
            for value, to in self.to.items()
            for parent, _, column in [to.rpartition(".")]
        )

    @property
    def plans(self) -> dict[str, ColumnPlan]:
        """The plans of the two columns."""
        kinds = ColumnPlan("choice", {"values": list(self.to)}, guess=True)
        keys = ColumnPlan("fk", {"by": self.kind, "to": dict(self.to)}, guess=True)
        return {self.kind: kinds, self.key: keys}


def typed_references(schema: Schema, parents: Collection[str]) -> Iterator[TypedReference]:
    """Yield the pairs such as commentable_type and commentable_id.

    If a CHECK or an enumerated type lists the values of the first, these name the tables. Else up
    to three tables with a title or a name are taken, and named as in Rails, "Post".

    Args:
        schema: the schema of the database, with the guessed foreign keys.
        parents: the names of the tables that may be referred to.
    """
    for table in schema.tables.values():
        by_words = {words(name): column for name, column in table.columns.items()}
        for said, kind in by_words.items():
            stem = said.removesuffix(" type")
            key = by_words.get(f"{stem} id")
            if stem == said or key is None or table.bookkeeping or not _are_free(table, kind, key):
                continue
            able = [schema.tables[name] for name in parents if _may_be(schema, table, key, name)]
            if kind.domain.values:
                to = dict(_named(kind, able))
            else:
                to = dict(_likeliest(kind, able)) if _names_anything(stem) else {}
            if to:
                yield TypedReference(table.name, kind.name, key.name, to)


def _names_anything(stem: str) -> bool:
    return stem.endswith("able") or stem in _ANYTHING


def _are_free(table: Table, kind: Column, key: Column) -> bool:
    referring = {kind.name, key.name} & set(table.referring)
    return not referring and kind.kind in ("text", "choice") and key.kind in _KINDS


def _may_be(schema: Schema, table: Table, key: Column, name: str) -> bool:
    """Return whether a column can hold the key of a table, and closes no cycle by it."""
    parent = schema.tables[name]
    if parent.bookkeeping or len(parent.primary_key) != 1:
        return False
    fits = parent.columns[parent.primary_key[0]].kind == key.kind and parent is not table
    reference = ForeignKey(table.name, (key.name,), name, parent.primary_key)
    return fits and not closes_cycle(schema, reference)


def _named(kind: Column, able: Collection[Table]) -> Iterator[tuple[str, str]]:
    by_words = {words(one.sql.name): one for one in able}
    for value in kind.domain.values or ():
        if table := by_words.get(words(str(value).replace("\\", ".").rpartition(".")[2])):
            yield value, _key(table)


def _likeliest(kind: Column, able: Collection[Table]) -> Iterator[tuple[str, str]]:
    shown = [one for one in able if {words(name) for name in one.columns} & set(_SHOWN)]
    for table in shown[:_MOST]:
        name = "".join(map(str.capitalize, words(table.sql.name).split()))
        if kind.fit.holds(name):
            yield name, _key(table)


def _key(table: Table) -> str:
    return f"{table.name}.{table.primary_key[0]}"
