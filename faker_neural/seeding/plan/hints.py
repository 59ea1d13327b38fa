"""Hints for names that are not known: the nearest known ones."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

__all__ = ["name_hint", "spelling_hint"]


def name_hint(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Return a hint for an unknown name: ", did you mean 'products'?" or the known names.

    Args:
        name: the unknown name.
        known: the known names.
    """
    near = get_close_matches(name, list(known), n=2, cutoff=0.6)
    if near:
        return f", did you mean {' or '.join(map(repr, near))}?"
    return f"; there are: {', '.join(known)}" if known else ""


def spelling_hint(name: str, known: tuple[str, ...]) -> str:
    """Return the hint of `name_hint` if a known name is spelled alike, else "".

    Args:
        name: the unknown name.
        known: the known names.
    """
    hint = name_hint(name, known)
    return hint if hint.startswith(",") else ""
