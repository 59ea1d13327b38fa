"""Reads whether the default of a column is a value that its rows usually have."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any

import sqlalchemy

__all__ = ["Default", "default_of"]

_NULL = re.compile(r"\(*\s*NULL\b\s*\)*(::.*)?", re.IGNORECASE)
_EMPTY = re.compile(
    r"""\(*\s*(_\w+\s*)?(''|""|'0000-00-00( 00:00:00(\.0+)?)?')\s*\)*(::.*)?""", re.DOTALL
)


class Default(Enum):
    """The default of a column: none or NULL, an empty text or a zero date, or another value."""

    NONE = auto()
    EMPTY = auto()
    VALUE = auto()


def default_of(column: sqlalchemy.Column[Any]) -> Default:
    """Return what the database fills in if a row has no value for a column.

    Args:
        column: the reflected column.
    """
    if column.server_default is None:
        return Default.NONE
    text = str(getattr(column.server_default, "arg", "")).strip()
    if _NULL.fullmatch(text):
        return Default.NONE
    return Default.EMPTY if _EMPTY.fullmatch(text) else Default.VALUE
