"""Matches texts with a regular expression in a time that grows with the text and no faster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .pattern import Automaton, NotRegularError, automaton, single_characters

__all__ = ["Matcher", "matcher"]

_FIRST = tuple(map(chr, range(256)))
_MOST_VISITS = 100_000  # states looked at while the automaton is made; a few hundredths of a second


_Kind = tuple[bool, ...]
"""Which of the expression's characters and classes match a character."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """An automaton, the kind of each known character, and each kind's example and symbol."""

    machine: Automaton
    kinds: Mapping[str, _Kind] = field(default_factory=dict)
    examples: Mapping[_Kind, str] = field(default_factory=dict)
    numbers: Mapping[_Kind, int] = field(default_factory=dict)
    symbols: Mapping[str, int] = field(default_factory=dict)


class Matcher:
    """Matches whole texts with a regular expression, as `re.fullmatch` does.

    `re` may take a time that grows exponentially with the text. This class runs a deterministic
    automaton instead, one move a character. It knows the characters by which of the expression's
    characters and classes they match; so a new character seldom needs a new automaton.

    Args:
        pattern: an expression for `re.fullmatch`.

    Raises:
        NotRegularError: the expression has no automaton, or its automaton is too large.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern, self._singles = pattern, single_characters(pattern)
        self._tables = self._with(_Tables(Automaton((), frozenset())), _FIRST)

    def fullmatch(self, text: str) -> bool:
        """Return whether the expression matches a whole text.

        Args:
            text: the text.
        """
        tables = self._tables
        if not tables.symbols.keys() >= set(text):
            try:
                self._tables = tables = self._with(tables, set(text))
            except NotRegularError:
                return False
        state, moves, symbols = 0, tables.machine.moves, tables.symbols
        for character in text:
            state = moves[state].get(symbols[character], -1)
            if state < 0:
                return False
        return state in tables.machine.accepting

    def _with(self, tables: _Tables, characters: Iterable[str]) -> _Tables:
        """Return tables with more characters; a new kind of character needs a new automaton."""
        kinds = {**tables.kinds} | {
            one: tuple(single.fullmatch(one) is not None for single in self._singles)
            for one in characters
        }
        examples = {kind: one for one, kind in kinds.items()} | {**tables.examples}
        machine, numbers = tables.machine, tables.numbers
        if len(examples) > len(tables.examples):
            machine, symbols = automaton([self._pattern], examples.values(), visits=_MOST_VISITS)
            numbers = {kind: symbols[one] for kind, one in examples.items()}
        return _Tables(
            machine, kinds, examples, numbers, {one: numbers[kind] for one, kind in kinds.items()}
        )


@lru_cache(maxsize=256)
def matcher(pattern: str) -> Matcher:
    """Return the Matcher of an expression, which the process shares.

    Args:
        pattern: an expression for `re.fullmatch`.

    Raises:
        NotRegularError: see `Matcher`.
    """
    return Matcher(pattern)
