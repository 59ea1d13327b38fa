"""What may not follow in each row of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .choice.token_sampler import Barred
from .prompts import Beginnings
from .session import Ids, Rows

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint


class Mask(Protocol):
    """Bars what may not follow, in each row of a batch."""

    def start(self, rows: Rows, places: Rows) -> None:
        """Begin a text in each of these rows, with one of the beginnings."""

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""

    def barred(self, left: int | Rows) -> Barred | None:
        """Return the tokens that may not follow, [rows, tokens] or [1, tokens]; None for none.

        Args:
            left: how many tokens may still come, of all or [rows], at least 1.
        """

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        """Add a token to each text; say which are longer than `max_length` now."""


def new_mask(
    card: Card,
    rows: int,
    options: Options,
    constraint: Constraint | None,
    beginnings: Beginnings,
) -> Mask:
    """Make the mask of so many rows."""
    if constraint is not None:
        return _ConstrainedMask(rows, options, constraint, beginnings)
    return _FreeMask(card, rows, options)


class _FreeMask:
    """Bars what begins no text, and padding."""

    def __init__(self, card: Card, rows: int, options: Options) -> None:
        self._later = barred_by_card(card, begins=False)
        self._first = self._later
        if options.length is None:
            self._first = barred_by_card(card, begins=True)
        self._most = options.max_length
        self._sizes = np.array([] if self._most is None else list(map(len, card.tokens)))
        self._count = np.zeros(rows, dtype=np.intp)  # [rows] characters
        self._fresh = np.arange(rows)[:0]  # the rows that have no token yet

    def start(self, rows: Rows, places: Rows) -> None:
        """Begin a text in each of these rows, with one of the beginnings."""
        self._fresh = rows
        self._count[rows] = 0

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""
        self._count = self._count[rows]

    def barred(self, left: int | Rows) -> Barred | None:
        """Return the tokens that may not follow."""
        fresh, self._fresh = self._fresh, self._fresh[:0]
        if not len(fresh) or self._first is None:
            return self._later
        later = np.zeros_like(self._first) if self._later is None else self._later
        barred = np.repeat(later, len(self._count), axis=0)
        barred[fresh] = self._first
        return barred

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        """Say which texts are too long, a token late: white space at the end may be left out."""
        if self._most is None:
            return np.zeros(len(tokens), dtype=np.bool_)
        late = self._count > self._most
        self._count = self._count + self._sizes[tokens]
        return late


class _ConstrainedMask:
    """Bars what a constraint bars."""

    def __init__(
        self, rows: int, options: Options, constraint: Constraint, beginnings: Beginnings
    ) -> None:
        self._constraint, self._most = constraint, options.max_length
        self._states, self._counts = beginnings.states, np.array(list(map(len, beginnings.heads)))
        self._state = np.zeros(rows, dtype=np.int32)  # [rows]
        self._count = np.zeros(rows, dtype=np.int64)  # [rows] characters

    def start(self, rows: Rows, places: Rows) -> None:
        """Begin a text in each of these rows, with one of the beginnings."""
        self._state[rows] = self._states[places]
        self._count[rows] = self._counts[places]

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""
        self._state, self._count = self._state[rows], self._count[rows]

    def barred(self, left: int | Rows) -> Barred | None:
        """Return the tokens that may not follow."""
        return self._constraint.barred(self._state, self._count, left)

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        """Add a token to each text; say which are too long."""
        self._state, self._count = self._constraint.follow(self._state, self._count, tokens)
        if self._most is None:
            return np.zeros(len(tokens), dtype=np.bool_)
        return self._count > self._most


def barred_by_card(card: Card, *, begins: bool) -> Barred | None:
    """Return the tokens that a model never draws, bool [1, tokens]; None for none of them.

    Padding is never drawn. A text does not begin with its end, or with a token that is empty or
    begins with white space. Where no word would be left, white space is allowed.
    """
    ids = range(len(card.tokens))
    barred = set[int]()
    if begins:
        blank = {i for i in ids if i == card.end or not card.tokens[i].strip()}
        spaced = {i for i in ids if i in blank or not card.tokens[i][:1].strip()}
        barred = blank if card.words_begin_with_space else spaced
        barred = barred if len(barred) < len(ids) else set()
    if card.padding is not None:
        barred.add(card.padding)
    return np.isin(ids, list(barred))[None] if barred else None
