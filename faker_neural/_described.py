"""Dataclass fields that carry the help of their command-line option.

A setting is declared once: its name, type, default and help stand in a frozen dataclass, and the
commands make their options from its fields.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

__all__ = ["described"]


def described(value: object, text: str, *, default: str = "") -> Any:
    """Return a dataclass field with the help of its option.

    Args:
        value: the field's default, which is immutable.
        text: one line of help.
        default: the default to show in the help, if a command has another one than the field.
    """
    return field(default=value, metadata={"help": text, "default": default})
