"""Pseudonyms of the values of another column of the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from faker_neural._keys import Keys
from faker_neural._pseudonyms import keyed

from .derived import DerivedSource
from .drawn import NeuralSource

__all__ = ["PseudonymSource"]


@dataclass(frozen=True, kw_only=True)
class PseudonymSource(DerivedSource):
    """Draws a text of a model for the value of another column: the same value, the same text.

    Args:
        texts: draws the texts.
        secret: the secret under which values become keys.
    """

    word: ClassVar[str] = "like"

    texts: NeuralSource
    secret: bytes = field(repr=False)

    def values(self, rows: Sequence[Sequence[Any]], keys: Keys) -> list[Any]:
        """Draw the text of each row; NULL has none, where the column may be NULL."""
        given = ["" if value is None else str(value) for (value,) in rows]
        made = self.texts.values(keyed(given, self.secret))
        if not self.column.nullable:
            return made
        return [None if value is None else text for (value,), text in zip(rows, made, strict=True)]
