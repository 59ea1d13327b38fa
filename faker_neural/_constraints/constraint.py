"""The constraint on a text: an automaton, and the fewest tokens from each state to an end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faker_neural._errors import OptionError
from faker_neural._model_file.card import Card
from faker_neural._options import MOST_TOKENS, Options

from .pattern import NotRegularError
from .token_automaton import States, TokenAutomaton

__all__ = ["Constraint", "constrain"]

Counts = NDArray[np.int64]

_NEVER = 2**30
_MOST_NUMBERS = 2**24
_CONSTRAINING = ("pattern", "alphabet", "prefix", "min_length", "max_length")


class Constraint:
    """Masks the tokens after which a text can no longer meet the options in the tokens left.

    Args:
        card: the model's card.
        options: the options that a text must meet.
        lengths: whether a text must also meet `min_length` and `max_length`.

    Attributes:
        start: the automaton state before the first drawn token.
        head: the characters before the first drawn token: the prefix if no text of tokens can
            begin with it, else "".
        head_ids: the ids of the tokens in `head`, which the model is fed before the first draw.
        limit: the maximum number of tokens in a text.
        possible: whether at least one text meets the constraint.

    Raises:
        NotRegularError: the pattern has no automaton, or the tables would be too large.
    """

    def __init__(self, card: Card, options: Options, *, lengths: bool) -> None:
        self._automaton = TokenAutomaton(card, options)
        self._running = options.length is not None
        self._end = None if self._running else card.end
        self._least = (options.min_length or 0) if lengths else 0
        self.limit = self._most_tokens(card, options)
        longest = int(self._automaton.sizes.max())
        most = options.max_length if lengths else None
        self._most = None if most is None or most >= self.limit * longest else most
        self._last = self._least if self._most is None else self._most
        if self._least > self.limit * longest:  # no text is so long: skip the large table
            self._last = 0
        self._needed = self._token_distances(longest)
        self.head, self.start = "", self._automaton.start
        self.head_ids: tuple[int, ...] = ()
        if not self.possible and options.prefix is not None:
            self.head, self.head_ids = options.prefix, _tokens_in(options.prefix, card)
            self.start = self._automaton.after(options.prefix)

    @property
    def possible(self) -> bool:
        """Whether at least one text meets the constraint."""
        count = min(len(self.head), self._last)
        goes_on = (self._automaton.moves[self.start] != self._automaton.dead).any()
        ends = self._needed[count, self.start] <= self.limit
        return bool(ends and (goes_on or not self._running)) and self._fits(self.head)

    def mask(self, states: States, counts: Counts, left: int | Counts) -> NDArray[np.bool_]:
        """Return the tokens that may not follow.

        Args:
            states: int32 [rows], the automaton state of each text so far.
            counts: int64 [rows], the number of characters in each text so far.
            left: how many tokens may still follow, at least 1: one number for all rows, or
                int64 [rows].

        Returns:
            bool [rows, tokens].
        """
        counts = np.minimum(counts, self._last)
        after = self._automaton.moves[states]
        reached = counts[:, None] + self._sizes(states) if self._last else 0
        mask: NDArray[np.bool_] = self._needed[reached, after] >= np.reshape(left, (-1, 1))
        if self._end is not None:
            mask[:, self._end] = self._needed[counts, states] > 0
        return mask

    def follow(
        self, states: States, counts: Counts, tokens: NDArray[np.int64]
    ) -> tuple[States, Counts]:
        """Add one token to each text.

        Args:
            states: int32 [rows], the automaton state of each text so far.
            counts: int64 [rows], the number of characters in each text so far.
            tokens: int64 [rows], the token to add to each text.

        Returns:
            The new states, int32 [rows], and the new numbers of characters, int64 [rows].
        """
        sizes = self._automaton.sizes[(states == self._automaton.start).astype(np.intp), tokens]
        return self._automaton.moves[states, tokens], counts + sizes

    def _sizes(self, states: States) -> Counts:
        sizes: Counts = self._automaton.sizes[(states == self._automaton.start).astype(np.intp)]
        return sizes

    def _fits(self, head: str) -> bool:
        return self._most is None or len(head) <= self._most

    def _most_tokens(self, card: Card, options: Options) -> int:
        if options.length is not None:
            return options.length
        if card.contract == "latent":
            return card.max_tokens
        beyond = max(self._least, self._automaton.shortest())
        return min(card.max_tokens + beyond, MOST_TOKENS)

    def _token_distances(self, longest: int) -> NDArray[np.int32]:
        """Return the fewest tokens to an end, int32 [lengths + longest, states].

        With a `max_length`, a longer text has no end. Without one, all lengths from `min_length`
        on have the same numbers.
        """
        shape = self._last + 1 + longest, len(self._automaton.moves)
        if shape[0] * shape[1] > _MOST_NUMBERS:
            raise NotRegularError("needs too large an automaton for these lengths")
        source, after, size = self._edges(longest)
        needed = np.full(shape, _NEVER, dtype=np.int32)
        for count in range(self._last, -1, -1):
            ends = self._automaton.accepts & (count >= self._least)
            row = np.where(ends, 0, _NEVER).astype(np.int32)
            if count == self._last and self._most is None:
                needed[count:] = _relaxed(row, source, after)
            else:
                np.minimum.at(row, source, needed[count + size, after] + 1)
                needed[count] = row
        return needed

    def _edges(self, longest: int) -> tuple[Counts, Counts, Counts]:
        """Return each transition once: state, next state, and the number of characters added."""
        moves, dead = self._automaton.moves, self._automaton.dead
        source, token = (moves != dead).nonzero()
        size = self._automaton.sizes[(source == self._automaton.start).astype(np.intp), token]
        scale = longest + 1
        edges = np.unique((source * len(moves) + moves[source, token]) * scale + size)
        states, size = np.divmod(edges, scale)
        source, after = np.divmod(states, len(moves))
        return source, after, size


def _relaxed(row: NDArray[np.int32], source: Counts, after: Counts) -> NDArray[np.int32]:
    """Return the fewest moves from each state to a state whose entry is 0 (Bellman 1958)."""
    while True:
        better = row.copy()
        np.minimum.at(better, source, row[after] + 1)
        if (better == row).all():
            return row
        row = better


def _tokens_in(text: str, card: Card) -> tuple[int, ...]:
    """Split a text into the longest tokens; skip a character that begins no token."""
    ids = {token: i for i, token in enumerate(card.tokens) if token and i != card.padding}
    longest, found, at = max(map(len, ids)), list[int](), 0
    while at < len(text):
        sizes = range(min(longest, len(text) - at), 0, -1)
        size = next((n for n in sizes if text[at : at + n] in ids), 0)
        if size:
            found.append(ids[text[at : at + size]])
        at += max(size, 1)
    return tuple(found)


def constrain(card: Card, options: Options, *, lengths: bool) -> Constraint:
    """Return the constraint, after a check that at least one text meets it.

    Args:
        card: the model's card.
        options: the options that a text must meet.
        lengths: whether a text must also meet `min_length` and `max_length`.

    Raises:
        OptionError: the pattern has no automaton, or no text of the model meets the options; the
            error names the options that conflict.
    """
    made = _made(card, options, lengths)
    if not made.possible:
        raise _conflict(card, options)
    return made


def _made(card: Card, options: Options, lengths: bool) -> Constraint:
    try:
        return Constraint(card, options, lengths=lengths)
    except NotRegularError as error:
        name = next(name for name in _CONSTRAINING if getattr(options, name) is not None)
        raise OptionError(name, getattr(options, name), str(error)) from None


def _conflict(card: Card, options: Options) -> OptionError:
    """Return an error that names a minimal set of options that no text meets together."""
    names = [name for name in _CONSTRAINING if getattr(options, name) is not None]
    for name in names:
        without = replace(options, **{name: None})  # type: ignore[arg-type]  # all may be None
        if not _made(card, without, lengths=True).possible:
            options = without
    first, *others = [name for name in names if getattr(options, name) is not None]
    value = getattr(options, first)
    if not others:
        rule = f"cannot be met: no text of {card.name} matches (white space at its ends is cut)"
        return OptionError(first, value, rule)
    given = " and ".join(f"{name}={getattr(options, name)!r}" for name in others)
    return OptionError(
        first, value, f"does not go with {given}: no text of {card.name} meets all of them"
    )
