"""Masks of the tokens that may not follow in each row of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from faker_neural._model_file.card import Card
from faker_neural._model_file.row_columns import split_row
from faker_neural._options import Options

from .prompts import TokenPrefixes
from .sampling.token_sampler import Mask
from .session import NO_PROMPT, Ids, Prompt, Rows

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint


class Masker(Protocol):
    """Masks the tokens that may not follow, in each row of a batch."""

    def start(self, rows: Rows, places: Rows) -> None:
        """Start a text in each of these rows.

        Args:
            rows: intp [texts], the row of each text.
            places: intp [texts], the index of each text's token prefix.
        """

    def keep(self, rows: Rows) -> None:
        """Keep only these rows, intp [rows]."""

    def mask(self, left: int | Rows) -> Mask | None:
        """Return the tokens that may not follow; None if all may follow.

        Args:
            left: how many tokens may still follow, at least 1: one number for all rows, or
                intp [rows].

        Returns:
            bool [rows, tokens], or [1, tokens] for all rows.
        """

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        """Add a token to each text; return which texts are longer than `max_length`.

        Args:
            tokens: int64 [rows].

        Returns:
            bool [rows].
        """


def new_masker(
    card: Card,
    rows: int,
    options: Options,
    constraint: Constraint | None,
    token_prefixes: TokenPrefixes,
    prompt: Prompt = NO_PROMPT,
) -> Masker:
    """Return the masker of a new batch of `rows` rows."""
    if prompt.whole_rows:
        return _RowMasker(card, rows, prompt)
    if constraint is not None:
        return _ConstrainedMasker(rows, options, constraint, token_prefixes)
    return _FreeMasker(card, rows, options, token_prefixes, prompt.begin)


class _FreeMasker:
    """Masks the ids that are never drawn, and the tokens that cannot begin a text."""

    def __init__(
        self, card: Card, rows: int, options: Options, token_prefixes: TokenPrefixes, begin: str
    ) -> None:
        self._later = mask_by_card(card, begins=False)
        self._first = self._later
        self._counts = token_prefixes.counts
        if options.length is None and not self._counts.any():
            self._first = mask_by_card(card, begins=True, begin=begin)
        self._most = options.max_length
        self._sizes = np.array([] if self._most is None else list(map(len, card.tokens)))
        self._count = np.zeros(rows, dtype=np.intp)  # [rows] characters
        self._fresh = np.arange(rows)[:0]  # the rows that have no token yet

    def start(self, rows: Rows, places: Rows) -> None:
        self._fresh = rows
        self._count[rows] = self._counts[places]

    def keep(self, rows: Rows) -> None:
        self._count = self._count[rows]

    def mask(self, left: int | Rows) -> Mask | None:
        fresh, self._fresh = self._fresh, self._fresh[:0]
        if not len(fresh) or self._first is None:
            return self._later
        later = np.zeros_like(self._first) if self._later is None else self._later
        mask = np.repeat(later, len(self._count), axis=0)
        mask[fresh] = self._first
        return mask

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        """Return which texts were too long before this token, which may be removed white space."""
        if self._most is None:
            return np.zeros(len(tokens), dtype=np.bool_)
        late = self._count > self._most
        self._count = self._count + self._sizes[tokens]
        return late


class _RowMasker:
    """Masks tokens so that a row has each of its columns once, with a value that it may have."""

    def __init__(self, card: Card, rows: int, prompt: Prompt) -> None:
        columns, tokens = card.columns, card.tokens
        column = [next((i for i, _ in split_row(token)), len(columns)) for token in tokens]
        # [tokens] the column that a token begins, or the number of columns; whether it is a value
        self._column, self._begins = np.array(column), np.array(column) < len(columns)
        self._whole = self._begins & (np.array(list(map(len, tokens))) > 1)
        needs_text = [c.kind == "text" and not c.may_be_empty for c in columns] + [False]
        needs_value = [c.kind == "category" and not c.may_be_empty for c in columns] + [False]
        bare = self._begins & ~self._whole
        self._opens_text = bare & np.array(needs_text)[self._column]
        category = [c.kind == "category" for c in columns] + [False]
        self._closed = self._whole | (bare & np.array(category)[self._column])
        self._never = bare & np.array(needs_value)[self._column]
        self._ends = self._begins | (np.arange(len(tokens)) == card.end)
        self._cost = np.array([1 + (c.kind == "text" and not c.may_be_empty) for c in columns])
        self._first = np.array([not token.startswith(prompt.begin) for token in tokens])
        self._end, self._given = card.end, list(prompt.given)
        self._used = np.zeros((rows, len(columns) + 1), dtype=np.bool_)  # [rows, columns + 1]
        self._last = np.full(rows, -1)  # [rows] the last token; -1 before the first

    def start(self, rows: Rows, places: Rows) -> None:
        self._used[rows] = False
        for column in self._given:
            self._used[rows, column] = True
        self._last[rows] = -1

    def keep(self, rows: Rows) -> None:
        self._used, self._last = self._used[rows], self._last[rows]

    def mask(self, left: int | Rows) -> Mask | None:
        fresh = self._last < 0
        missing = (~self._used[:, :-1]).sum(axis=1)
        needed = (~self._used[:, :-1]) @ self._cost + 1  # tokens to an end
        opened = self._opens_text[self._last] & ~fresh  # a text must follow
        closed = fresh | self._closed[self._last] | (np.asarray(left) <= needed)
        mask: Mask = self._used[:, self._column] | self._never
        mask |= np.where(opened[:, None], self._ends, closed[:, None] & ~self._ends)
        mask[:, self._end] |= missing > 0
        mask[fresh] |= self._first
        return mask

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        self._last = tokens.copy()
        self._used[np.arange(len(tokens)), self._column[tokens]] = True
        self._used[:, -1] = False
        return np.zeros(len(tokens), dtype=np.bool_)


class _ConstrainedMasker:
    """Masks the tokens that a constraint masks."""

    def __init__(
        self, rows: int, options: Options, constraint: Constraint, token_prefixes: TokenPrefixes
    ) -> None:
        self._constraint, self._most = constraint, options.max_length
        self._states = token_prefixes.states
        self._counts = token_prefixes.counts
        self._state = np.zeros(rows, dtype=np.int32)  # [rows]
        self._count = np.zeros(rows, dtype=np.int64)  # [rows] characters

    def start(self, rows: Rows, places: Rows) -> None:
        self._state[rows] = self._states[places]
        self._count[rows] = self._counts[places]

    def keep(self, rows: Rows) -> None:
        self._state, self._count = self._state[rows], self._count[rows]

    def mask(self, left: int | Rows) -> Mask | None:
        return self._constraint.mask(self._state, self._count, left)

    def follow(self, tokens: Ids) -> NDArray[np.bool_]:
        self._state, self._count = self._constraint.follow(self._state, self._count, tokens)
        if self._most is None:
            return np.zeros(len(tokens), dtype=np.bool_)
        return self._count > self._most


def mask_by_card(card: Card, *, begins: bool, begin: str = "") -> Mask | None:
    """Return the tokens that a model never draws, bool [1, tokens]; None if it draws all.

    Padding and masked ids are never drawn. A text does not begin with the end token or with a blank
    token. It does not begin with white space either, unless all words of the card begin with white
    space. If these rules leave no token, a text may begin with any token that is drawn.

    Args:
        card: the model's card.
        begins: whether the token begins a text.
        begin: the character that a token that begins a text begins with; "" for any.
    """
    ids = range(len(card.tokens))
    mask, never = set[int](), card.never_drawn
    if begins:
        blank = {i for i in ids if i == card.end or not card.tokens[i].strip()}
        spaced = {i for i in ids if i in blank or not card.tokens[i][:1].strip()}
        mask = blank if card.words_begin_with_space else spaced
        mask = mask if len(mask | never) < len(ids) else set()
        mask |= {i for i in ids if not card.tokens[i].startswith(begin)}
    mask |= never
    return np.isin(ids, list(mask))[None] if mask else None
