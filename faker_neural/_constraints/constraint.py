"""The constraint on a text: an automaton, and the fewest tokens from each state to an end."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

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
_MOST_WORK = 2**28  # visits of transitions; they take some seconds
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
        limit: the maximum number of tokens in a text.
        possible: whether at least one text meets the constraint.

    Raises:
        NotRegularError: the pattern has no automaton, or the tables would be too large.
    """

    def __init__(self, card: Card, options: Options, *, lengths: bool) -> None:
        self._automaton = TokenAutomaton(card, options)
        self._shapeless = options.pattern is options.alphabet is None
        self._running, self._prefix = options.length is not None, options.prefix or ""
        self._end = None if self._running else card.end
        self._least = (options.min_length or 0) if lengths else 0
        self.limit = self._most_tokens(card, options)
        longest = int(self._automaton.sizes.max())
        self._max_length = most = options.max_length if lengths else None
        self._most = None if most is None or most >= self.limit * longest else most
        self._last = self._least if self._most is None else self._most
        if self._least > self.limit * longest:  # no text is so long: skip the large table
            self._last = 0
        self._needed = self._token_distances(longest)
        self.head, self.start = "", self._automaton.start
        if not self.possible and options.prefix is not None:
            self.head = options.prefix
            self.start = self._automaton.after(options.prefix)

    def matches(self, text: str) -> bool:
        """Return whether a text meets all options of the constraint.

        Args:
            text: the whole text.
        """
        if len(text) < self._least or not text.startswith(self._prefix):
            return False
        if self._max_length is not None and len(text) > self._max_length:
            return False
        return self._shapeless or self._automaton.matches(text)

    @property
    def possible(self) -> bool:
        """Whether at least one text meets the constraint."""
        states = np.array([self.start], dtype=np.int32)
        return bool(self.completes(states, np.array([len(self.head)]))[0])

    def after(self, text: str) -> int:
        """Return the automaton state after a text.

        Args:
            text: the beginning of a text.
        """
        return self._automaton.after(text) if text else self.start

    def completes(self, states: States, counts: Counts) -> NDArray[np.bool_]:
        """Return whether each text can be completed.

        Args:
            states: int32 [rows], the automaton state of each text so far.
            counts: int64 [rows], the number of characters in each text so far.

        Returns:
            bool [rows].
        """
        possible: NDArray[np.bool_] = (
            self._needed[np.minimum(counts, self._last), states] <= self.limit
        )
        if self._running:
            possible &= (self._automaton.moves[states] != self._automaton.dead).any(axis=1)
        return possible if self._most is None else possible & (counts <= self._most)

    def needed(self, states: States, counts: Counts) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the fewest tokens that complete each text.

        Args:
            states: int32 [rows], the automaton state of each text so far.
            counts: int64 [rows], the number of characters in each text so far.

        Returns:
            int32 [rows, tokens], the fewest tokens after each next token, 2^30 if none complete
            the text; and int32 [rows], the fewest tokens now, 0 if the text may end.
        """
        if not self._last:  # the number of characters does not matter
            return self._distances[states], self._needed[0, states]
        counts = np.minimum(counts, self._last)
        reached = counts[:, None] + self._sizes(states)
        return self._needed[reached, self._automaton.moves[states]], self._needed[counts, states]

    @cached_property
    def _distances(self) -> NDArray[np.int32]:
        """The fewest tokens after each state and token, int32 [states, tokens]."""
        distances: NDArray[np.int32] = self._needed[0][self._automaton.moves]
        return distances

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
        after, now = self.needed(states, counts)
        mask: NDArray[np.bool_] = after >= np.reshape(left, (-1, 1))
        if self._end is not None:
            mask[:, self._end] = now > 0
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
        if self._last * len(source) > _MOST_WORK:
            raise NotRegularError("needs too large an automaton for these lengths")
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
        edges = np.sort((source * len(moves) + moves[source, token]) * scale + size)
        edges = edges[np.diff(edges, prepend=-1) > 0]
        states, size = np.divmod(edges, scale)
        source, after = np.divmod(states, len(moves))
        return source, after, size


def _relaxed(row: NDArray[np.int32], source: Counts, after: Counts) -> NDArray[np.int32]:
    """Return the fewest moves from each state to a state whose entry is 0 (Bellman 1958).

    Raises:
        NotRegularError: it takes too long.
    """
    for _ in range(1 + _MOST_WORK // max(1, len(source))):
        better = row.copy()
        np.minimum.at(better, source, row[after] + 1)
        if (better == row).all():
            return row
        row = better
    raise NotRegularError("has an automaton that takes too long to make")


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
