"""The automaton of a pattern, with tokens as symbols (Willard and Louf 2023)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .pattern import NotRegularError, automaton
from .token_trie import token_tries

__all__ = ["States", "TokenAutomaton"]

States = NDArray[np.int32]

_TRIMMED = r"(?s:\S|\S.*\S)"
_ANYTHING = "(?s:.*)"
_MOST_MOVES = 2**24
_MOST_WORK = 2**28  # states times characters of all tokens


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
        self._symbols, self._machine = symbols, machine
        self.dead = len(machine.moves) + len(prefix)
        self.start = self.dead + 1
        if (self.start + 1) * len(card.tokens) > _MOST_MOVES:
            raise NotRegularError(f"has {self.dead:,} states, too many for so many tokens")
        if (self.start + 1) * sum(map(len, card.tokens)) > _MOST_WORK:
            raise NotRegularError(f"has {self.dead:,} states, too many for such long tokens")
        self._steps = np.full((self.dead + 1, len(set(symbols.values()))), self.dead, np.int32)
        for state, moves in enumerate(machine.moves):
            self._steps[state, list(moves)] = list(moves.values())
        self._all_dead = np.full(self.dead + 1, self.dead, np.int32)
        self.accepts = np.zeros(self.start + 1, dtype=np.bool_)
        self.accepts[list(machine.accepting)] = True
        self._initial = 0
        self._initial = self._before(prefix, len(machine.moves))
        trimmed = options.length is None and card.words_begin_with_space
        self._fill(card, trimmed=trimmed)

    def _before(self, prefix: str, first: int) -> int:
        """Add a chain of states that spells the prefix; return its first state."""
        after = self.after(prefix)
        for state, character in enumerate(prefix, first):
            last = state == first + len(prefix) - 1
            if character in self._symbols:
                self._steps[state, self._symbols[character]] = after if last else state + 1
        return first if prefix else self._initial

    def _fill(self, card: Card, *, trimmed: bool) -> None:
        """Set `moves` and `sizes`; `trimmed` says whether the first token loses white space."""
        inside, first = token_tries(card.tokens, card.never_drawn, trimmed=trimmed)
        states = np.arange(self.dead + 1, dtype=np.int32)
        moves = inside.follow(self._next, states, self.dead)
        begin = first.follow(self._next, states[[self._initial]], self.dead)
        self.moves = np.concatenate([moves, begin])
        self.sizes = np.array([inside.sizes, first.sizes])

    def _next(self, character: str) -> States:
        """Return the state after a character from each state, int32 [states]."""
        symbol = self._symbols.get(character)
        return self._all_dead if symbol is None else self._steps[:, symbol]

    def after(self, text: str) -> int:
        """Return the state after a text that starts in the initial state.

        Args:
            text: the characters of the text.
        """
        return int(self.follow(text, np.array([self._initial], dtype=np.int32))[0])

    def matches(self, text: str) -> bool:
        """Return whether a whole text meets the options, apart from the prefix.

        Args:
            text: the text; not running text.
        """
        state, symbols, moves = 0, self._symbols, self._machine.moves
        for character in text:
            state = moves[state].get(symbols.get(character, -1), -1)
            if state < 0:
                return False
        return state in self._machine.accepting

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
            reached[self._steps[reached]] = True
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
