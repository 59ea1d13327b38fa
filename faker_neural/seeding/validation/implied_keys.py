"""Unique keys that parents must have because those of their children need them."""

from __future__ import annotations

from dataclasses import replace

from faker_neural.seeding.schema.schema import Schema

__all__ = ["with_implied_keys"]


def with_implied_keys(schema: Schema) -> Schema:
    """Return the schema with the unique keys that parents must have for their children.

    If a table refers by (name, uri) to assets, and its name alone is unique, then as many assets
    as it has rows must have different names.

    Args:
        schema: the schema of the database.
    """
    tables = dict(schema.tables)
    for child in schema.tables.values():
        for key in (one for one in child.foreign_keys if len(one.columns) > 1):
            parent_of = dict(zip(key.columns, key.parent_columns, strict=True))
            for unique in child.unique:
                parent = tables.get(key.parent)
                if parent is None or not set(unique) < set(parent_of):
                    continue
                implied = tuple(parent_of[name] for name in unique)
                if not any(set(one) <= set(implied) for one in parent.unique):
                    tables[key.parent] = replace(parent, unique=(*parent.unique, implied))
    return replace(schema, tables=tables)
