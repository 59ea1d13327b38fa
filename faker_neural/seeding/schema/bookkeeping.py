"""Recognises the tables in which migration tools and extensions keep their own records."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["is_bookkeeping"]

_NAMES = frozenset(
    {
        "alembic_version",
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "django_session",
        "schema_migrations",
        "ar_internal_metadata",
        "flyway_schema_history",
        "schema_version",
        "databasechangelog",
        "databasechangeloglock",
        "_prisma_migrations",
        "knex_migrations",
        "knex_migrations_lock",
        "goose_db_version",
        "__efmigrationshistory",
        "__drizzle_migrations",
        "spatial_ref_sys",
    }
)
_LARAVEL = frozenset({"id", "migration", "batch"})  # the columns of its table "migrations"


def is_bookkeeping(name: str, columns: Collection[str]) -> bool:
    """Return whether a table belongs to a migration tool, a framework or an extension.

    Args:
        name: the name of the table, without its schema.
        columns: the names of its columns.
    """
    name = name.casefold()
    return name in _NAMES or (name == "migrations" and {*map(str.casefold, columns)} == _LARAVEL)
