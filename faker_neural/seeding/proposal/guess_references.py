"""Guesses the foreign keys that a database does not declare, from the names of its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from faker_neural.seeding.names.column_names import words
from faker_neural.seeding.schema.schema import Column, ForeignKey, Schema, Table

__all__ = ["closes_cycle", "with_guessed_keys"]

# Columns that name a person by a role refer to the first of these tables that is there.
_PEOPLE = ("user", "account", "member", "person", "customer", "employee", "profile")
# fmt: off
_ROLES = frozenset((
    "owner", "author", "creator", "assignee", "reporter", "sender", "recipient", "receiver",
    "reviewer", "approver", "editor", "uploader", "moderator", "poster", "inviter", "follower",
    "manager", "actor", "created", "updated", "modified", "deleted", "approved", "assigned",
    "invited", "closed", "submitted", "uploaded",
))
# fmt: on
_OWN = frozenset(("parent", "reply to", "in reply to", "previous", "original", "replaced"))
_KINDS = ("integer", "uuid", "text", "bytes")


def with_guessed_keys(
    schema: Schema, parents: Collection[str]
) -> tuple[Schema, Mapping[tuple[str, str], str]]:
    """Return the schema with guessed foreign keys, and these by table and column.

    A column such as user_id refers to a table user or users, which has a key of one column of the
    same kind; author_id or created_by to a table of people, parent_id to its own table. No guess
    closes a cycle.

    Args:
        schema: the schema of the database.
        parents: the names of the tables that may be referred to.

    Returns:
        The schema, and the "TABLE.COLUMN" that each guessed column refers to.
    """
    by_words: dict[str, list[Table]] = {}
    for table in schema.tables.values():
        if len(table.primary_key) == 1 and table.name in parents and not table.bookkeeping:
            by_words.setdefault(_plain(table.name), []).append(table)
    guessed: dict[tuple[str, str], str] = {}
    for table in schema.tables.values():
        for key in _keys(table, by_words):
            if closes_cycle(schema, key):
                continue
            found = schema.tables[table.name]
            more = replace(found, foreign_keys=(*found.foreign_keys, key))
            schema = replace(schema, tables={**schema.tables, table.name: more})
            guessed[table.name, key.columns[0]] = f"{key.parent}.{key.parent_columns[0]}"
    return schema, guessed


def _keys(table: Table, by_words: Mapping[str, list[Table]]) -> Iterator[ForeignKey]:
    if table.bookkeeping:
        return
    for name, column in table.columns.items():
        if name in table.referring or column.generated or column.kind not in _KINDS:
            continue
        if column.domain.values is not None or table.primary_key == (name,):
            continue
        fitting = (one for one in _parents(table, column, by_words) if _fits(column, one))
        parent = next(fitting, None)
        if parent is not None:
            yield ForeignKey(table.name, (name,), parent.name, parent.primary_key)


def _parents(table: Table, column: Column, by_words: Mapping[str, list[Table]]) -> Iterator[Table]:
    """Yield the tables that a column may refer to, the likeliest first."""
    name = words(column.name)
    stem = name.removesuffix(" id").removesuffix(" by")
    if stem == name and not (column.kind in ("integer", "uuid") and stem in _ROLES):
        return  # neither user_id nor created_by
    if stem in _OWN:
        yield from (one for one in by_words.get(_plain(table.name), ()) if one is table)
    prefix, _, last = stem.rpartition(" ")
    yield from by_words.get(stem, ())
    yield from _with_prefix(table, stem, by_words)
    yield from _the_only(stem, by_words)
    if last in _ROLES or stem in _ROLES:
        for people in _PEOPLE:
            yield from by_words.get(people, ())
            yield from _with_prefix(table, people, by_words)
    if prefix:  # such as billing_address_id
        yield from by_words.get(last, ())


def _with_prefix(table: Table, stem: str, by_words: Mapping[str, list[Table]]) -> Iterator[Table]:
    """Yield the tables whose name is the stem after a prefix, such as shop_user or wp_users."""
    for name, tables in by_words.items():
        if name.endswith(f" {stem}"):
            prefix = name.removesuffix(stem)
            if _plain(table.name).startswith(prefix):
                yield from tables


def _the_only(stem: str, by_words: Mapping[str, list[Table]]) -> Iterator[Table]:
    """Yield the table whose name ends with the stem, such as auth_user, if there is no other."""
    found = [one for name in by_words if name.endswith(f" {stem}") for one in by_words[name]]
    if len(found) == 1:
        yield found[0]


def _fits(column: Column, parent: Table) -> bool:
    """Return whether a column can hold the key of a table."""
    key = parent.columns[parent.primary_key[0]]
    if key.kind != column.kind or (parent.name, key.name) == (column.table, column.name):
        return False
    if parent.name == column.table:  # the keys of earlier rows must be known
        return key.kind in ("integer", "uuid")
    return column.kind != "text" or column.fit == key.fit


def closes_cycle(schema: Schema, key: ForeignKey) -> bool:
    """Return whether the parent of a foreign key refers to its table, directly or by others.

    Args:
        schema: the schema of the database.
        key: a foreign key; one of a table to itself closes no cycle.
    """
    reached, left = set[str](), [key.parent]
    while left:
        name = left.pop()
        if name not in reached and name in schema.tables:
            reached.add(name)
            left += [one.parent for one in schema.tables[name].foreign_keys]
    return key.parent != key.table and key.table in reached


def _plain(name: str) -> str:
    """Return the words of a table's name, without its schema."""
    return words(name.rpartition(".")[2])
