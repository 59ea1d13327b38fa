"""The automaton of a pattern, with tokens as symbols (Willard and Louf 2023)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .pattern import NotRegularError, automaton

__all__ = ["States", "TokenAutomaton"]

States = NDArray[np.int32]

_TRIMMED = r"(?s:\S|\S.*\S)"
_ANYTHING = "(?s:.*)"
_MOST_MOVES = 2**24


class TokenAutomaton:
    """The state of a text after each token, for `pattern`, `alphabet` and `prefix`.

    Without the option `length`, a text is not empty and has no white space at its ends. If all
    words of the card begin with white space, the first token of a text loses that white space.

    Args:
        card: the model's card.
        options: `pattern`, `alphabet`, `prefix` and `length` are used.

    Attributes:
        moves: int32 [states, tokens], the next state by state and token.
        accepts: bool [states], whether a text may end in a state.
        dead: the state of a text that can no longer meet the options: the last state but one.
        start: the state before the first token: the last state.
        sizes: int64 [2, tokens], the number of characters that a token adds: row 0 inside a text,
            row 1 at its beginning.

    Raises:
        NotRegularError: the pattern has no automaton, or its automaton is too large.
    """

    def __init__(self, card: Card, options: Options) -> None:
        prefix = options.prefix or ""
        machine, symbols = automaton(_patterns(options), _characters(card, options), apart=prefix)
        self._symbols = symbols
        self.dead = len(machine.moves) + len(prefix)
        self.start = self.dead + 1
        if (self.start + 1) * len(card.tokens) > _MOST_MOVES:
            raise NotRegularError(f"has {self.dead:,} states, too many for so many tokens")
        self._steps = np.full((self.dead + 1, len(set(symbols.values()))), self.dead, np.int32)
        for state, moves in enumerate(machine.moves):
            self._steps[state, list(moves)] = list(moves.values())
        self.accepts = np.zeros(self.start + 1, dtype=np.bool_)
        self.accepts[list(machine.accepting)] = True
        self._initial = 0
        self._initial = self._before(prefix, len(machine.moves))
        trimmed = options.length is None and card.words_begin_with_space
        self._fill(card, [t.lstrip() if trimmed else t for t in card.tokens])

    def _before(self, prefix: str, first: int) -> int:
        """Add a chain of states that spells the prefix; return its first state."""
        after = self.after(prefix)
        for state, character in enumerate(prefix, first):
            last = state == first + len(prefix) - 1
            if character in self._symbols:
                self._steps[state, self._symbols[character]] = after if last else state + 1
        return first if prefix else self._initial

    def _fill(self, card: Card, first: list[str]) -> None:
        """Set `moves` and `sizes`; `first` holds the text that each token adds at the start."""
        states = np.arange(self.dead + 1, dtype=np.int32)
        self.moves = np.full((self.start + 1, len(card.tokens)), self.dead, np.int32)
        for i, token in enumerate(card.tokens):
            if token and i != card.padding:
                self.moves[: self.start, i] = self.follow(token, states)
            if first[i] and i != card.padding:
                self.moves[self.start, i] = self.after(first[i])
        self.sizes = np.array([list(map(len, card.tokens)), list(map(len, first))])

    def after(self, text: str) -> int:
        """Return the state after a text that starts in the initial state.

        Args:
            text: the characters of the text.
        """
        return int(self.follow(text, np.array([self._initial], dtype=np.int32))[0])

    def follow(self, text: str, states: States) -> States:
        """Return the state after the same text from each of several states.

        Args:
            text: the characters of the text.
            states: int32 [states].

        Returns:
            int32 [states].
        """
        for character in text:
            if character not in self._symbols:
                return np.full_like(states, self.dead)
            states = self._steps[states, self._symbols[character]]
        return states

    def shortest(self) -> int:
        """Return the fewest characters in an accepted text, as if each character were a token."""
        reached, count = np.zeros(self.dead + 1, dtype=np.bool_), 0
        reached[self._initial] = True
        while not (reached & self.accepts[: self.dead + 1]).any() and count <= self.dead:
            reached[np.unique(self._steps[reached])] = True
            count += 1
        return count


def _patterns(options: Options) -> list[str]:
    patterns = [] if options.length is not None else [_TRIMMED]
    if options.pattern is not None:
        patterns.append(options.pattern)
    return patterns or [_ANYTHING]


def _characters(card: Card, options: Options) -> set[str]:
    characters = {*"".join(card.tokens), *(options.prefix or "")}
    return characters if options.alphabet is None else characters & set(options.alphabet)
