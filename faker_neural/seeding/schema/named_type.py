"""Types for columns whose declared type SQLAlchemy does not know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as t

__all__ = ["NamedType", "UuidText"]


class NamedType(t.UserDefinedType[Any]):
    """A type that SQLAlchemy has no class for.

    Args:
        name: the database's name of the type.
        literal: a value of the type as text; None if no value is known.
    """

    cache_ok = True

    def __init__(self, name: str, literal: str | None = None) -> None:
        self.name = name
        self.literal = literal

    def get_col_spec(self, **kw: Any) -> str:
        """Return the name of the type."""
        return self.name


class UuidText(t.String):
    """A UUID that is stored as text with hyphens, in a database without a type for it."""

    as_uuid = False

    def __init__(self) -> None:
        super().__init__(36)
