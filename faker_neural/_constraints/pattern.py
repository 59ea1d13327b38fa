r"""Converts a regular expression to a deterministic automaton over a model's characters.

Python's own parser reads the expression. Python's own matcher decides which characters a class such
as `\w` or `[^a-z]` matches. So an expression means the same as in `re`. The parsed expression
becomes a nondeterministic automaton with empty moves (Thompson 1968). The subset construction makes
it deterministic (Rabin and Scott 1959).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # Hypothesis does too
from typing import Any

__all__ = ["Automaton", "NotRegularError", "automaton", "single_characters"]

MOST_STATES = 4_000
_MAX_NFA_STATES = 20_000  # states of the nondeterministic automaton
MAX_STATE_VISITS = 500_000  # visits of these states; they take some tenths of a second

_CHARACTER = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)
_REPEAT = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_LOOK = (_constants.ASSERT, _constants.ASSERT_NOT)
_BEGIN = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
_END = (_constants.AT_END, _constants.AT_END_STRING)
_WHOLE_END = [(_constants.AT, _constants.AT_END_STRING)]
_WORDS = {
    _constants.ASSERT: "a look-around that does not stand at its beginning",
    _constants.ASSERT_NOT: "a look-around that does not stand at its beginning",
    _constants.AT: "an anchor inside of it (^, $ or \\b)",
    _constants.ATOMIC_GROUP: "an atomic group",
    _constants.GROUPREF: "a reference to a group",
    _constants.GROUPREF_EXISTS: "a condition on a group",
    _constants.POSSESSIVE_REPEAT: "a possessive repetition",
}

Node = tuple[Any, Any]
"""One element of a parsed expression: its kind, and the arguments of that kind."""

Places = frozenset[int]


@dataclass(frozen=True, slots=True)
class Automaton:
    """A deterministic automaton over the symbols 0, 1, ...; it begins in state 0.

    Args:
        moves: for each state, a map from symbol to next state; a symbol that is not in the map
            cannot follow.
        accepting: the accepting states.
    """

    moves: tuple[dict[int, int], ...]
    accepting: frozenset[int]


class NotRegularError(Exception):
    """An expression has no automaton, or its automaton is too large."""


def automaton(
    patterns: Iterable[str],
    characters: Iterable[str],
    apart: str = "",
    visits: int = MAX_STATE_VISITS,
) -> tuple[Automaton, dict[str, int]]:
    """Return the automaton of the texts that each of the expressions matches from end to end.

    Args:
        patterns: expressions for `re.fullmatch`, at least one.
        characters: all characters that a text may have.
        apart: characters that share their symbol with no other character. All others share a
            symbol if no expression tells them apart.
        visits: the most states of the nondeterministic automaton to look at.

    Returns:
        A deterministic automaton, and the symbol of each character.

    Raises:
        NotRegularError: an expression has no automaton, or its automaton is too large.
    """
    parsed = [_parser.parse(pattern) for pattern in patterns]
    classes = _Classes(characters, apart)
    for tree in parsed:
        for node, flags in _characters(tree, tree.state.flags):
            classes.add(node, flags)
    build = _Builder(classes)
    try:
        conditions = [one for tree in parsed for one in build.whole(list(tree), tree.state.flags)]
    except RecursionError:
        raise NotRegularError("has groups in groups, too deep") from None
    return _deterministic(_Subsets(build, conditions, visits)), build.symbols


def single_characters(pattern: str) -> list[re.Pattern[str]]:
    """Return an expression for each character, or class of characters, in an expression.

    Args:
        pattern: an expression for `re.fullmatch`.

    Raises:
        NotRegularError: the expression has no automaton.
    """
    tree = _parser.parse(pattern)
    nodes = {(str(node), flags): node for node, flags in _characters(tree, tree.state.flags)}
    return [_single(node, flags) for (_, flags), node in nodes.items()]


def _single(node: Node, flags: int) -> re.Pattern[str]:
    state = _parser.State()
    state.flags = flags
    made: re.Pattern[str] = _compiler.compile(_parser.SubPattern(state, [node]))
    return made


def _characters(tree: Iterable[Node], flags: int) -> Iterator[tuple[Node, int]]:
    """Yield each node that matches exactly one character, with its flags."""
    for kind, value in tree:
        if kind in _CHARACTER:
            yield (kind, value), flags
        elif kind is _constants.SUBPATTERN:
            yield from _characters(value[3], _under(flags, value))
        else:
            for inner in _inside(kind, value):
                yield from _characters(inner, flags)


def _inside(kind: Any, value: Any) -> Sequence[Iterable[Node]]:
    if kind is _constants.BRANCH:
        return value[1]  # type: ignore[no-any-return]
    if kind in _REPEAT:
        return [value[2]]
    if kind in _LOOK:
        return [value[1]]
    if kind is _constants.AT:
        return []
    raise _irregular(kind)


def _under(flags: int, subpattern: Any) -> int:
    _, added, removed, _ = subpattern
    return _compiler._combine_flags(flags, added, removed)  # type: ignore[no-any-return]


def _within_anchors(nodes: Iterable[Node]) -> list[Node]:
    """Remove the anchors at both ends of an expression, or of each of its alternatives."""
    nodes = list(nodes)
    if nodes and nodes[0][0] is _constants.AT and nodes[0][1] in _BEGIN:
        nodes = nodes[1:]
    if nodes and nodes[-1][0] is _constants.AT and nodes[-1][1] in _END:
        nodes = nodes[:-1]
    if len(nodes) == 1 and nodes[0][0] is _constants.BRANCH:
        return [(_constants.BRANCH, (None, list(map(_within_anchors, nodes[0][1][1]))))]
    return nodes


def _irregular(kind: Any) -> NotRegularError:
    return NotRegularError(f"has {_WORDS.get(kind, str(kind).lower())}")


class _Classes:
    """The characters that each one-character node matches, and a symbol for each character."""

    def __init__(self, characters: Iterable[str], apart: str) -> None:
        self._all, self._apart = sorted(set(characters)), set(apart)
        self._members: dict[tuple[str, int], frozenset[str]] = {}

    def add(self, node: Node, flags: int) -> None:
        """Find the characters that a node matches, by Python's own matcher."""
        members = filter(_single(node, flags).fullmatch, self._all)
        self._members[str(node), flags] = frozenset(members)

    def symbols(self) -> dict[str, int]:
        """Return the symbol of each character; characters that match the same nodes share one."""
        numbers: dict[tuple[object, ...], int] = {}
        return {
            character: numbers.setdefault(self._kind(character), len(numbers))
            for character in self._all
        }

    def of(self, node: Node, flags: int) -> frozenset[str]:
        """Return the characters that an added node matches."""
        return self._members[str(node), flags]

    def _kind(self, character: str) -> tuple[object, ...]:
        classes = (character in members for members in self._members.values())
        return (character if character in self._apart else None, *classes)


@dataclass(frozen=True)
class _Condition:
    """From state `start`, a text must lead to state `end`; it must not if `holds` is False."""

    start: int
    end: int
    holds: bool = True


class _Builder:
    """Builds a nondeterministic automaton: states with moves on symbols, and empty moves."""

    def __init__(self, classes: _Classes) -> None:
        self._classes, self.symbols = classes, classes.symbols()
        self.moves: list[tuple[frozenset[int], int] | None] = []
        self.empty: list[list[int]] = []

    def whole(self, nodes: list[Node], flags: int) -> Iterator[_Condition]:
        """Yield one condition for each look-ahead at the start, and one for the rest."""
        nodes = _within_anchors(nodes)
        while nodes and nodes[0][0] in _LOOK and nodes[0][1][0] == 1:
            kind, (_, inner) = nodes.pop(0)
            inner, start = list(inner), self._state()
            if ends := inner[-1:] == _WHOLE_END:
                inner.pop()
            end = self._sequence(inner, flags, start)
            end = end if ends else self._chain(end, self.symbols.values())
            yield _Condition(start, end, holds=kind is _constants.ASSERT)
            nodes = _within_anchors(nodes)
        if len(nodes) == 1 and nodes[0][0] is _constants.SUBPATTERN:
            yield from self.whole(list(nodes[0][1][3]), _under(flags, nodes[0][1]))
        else:
            start = self._state()
            yield _Condition(start, self._sequence(nodes, flags, start))

    def _sequence(self, nodes: Iterable[Node], flags: int, start: int) -> int:
        """Add nodes after a state; return the state after them."""
        for kind, value in nodes:
            start = self._piece(kind, value, flags, start)
        return start

    def _piece(self, kind: Any, value: Any, flags: int, start: int) -> int:
        if kind in _CHARACTER:
            members = self._classes.of((kind, value), flags)
            return self._state(start, frozenset(self.symbols[character] for character in members))
        if kind is _constants.SUBPATTERN:
            return self._sequence(value[3], _under(flags, value), start)
        if kind is _constants.BRANCH:
            ends = [self._sequence(inner, flags, self._after(start)) for inner in value[1]]
            return self._joined(ends)
        if kind in _REPEAT:
            return self._repeat(value, flags, start)
        raise _irregular(kind)

    def _repeat(self, value: Any, flags: int, start: int) -> int:
        least, most, inner = value
        for _ in range(least):
            start = self._sequence(inner, flags, start)
        if most is _constants.MAXREPEAT:
            start = self._after(start)
            self.empty[self._sequence(inner, flags, start)].append(start)
            return self._after(start)
        ends = [start]
        for _ in range(most - least):
            ends.append(self._sequence(inner, flags, self._after(ends[-1])))
        return self._joined(ends)

    def _chain(self, start: int, symbols: Iterable[int]) -> int:
        """Add a loop over these symbols after a state; return the state after the loop."""
        start = self._after(start)
        self.empty[self._state(start, frozenset(symbols))].append(start)
        return start

    def _state(self, before: int | None = None, symbols: frozenset[int] = frozenset()) -> int:
        """Add a state, and a move from `before` to it on these symbols."""
        state = len(self.moves)
        if state >= _MAX_NFA_STATES:
            raise NotRegularError(f"repeats to more than {_MAX_NFA_STATES:,} characters")
        self.moves.append(None)
        self.empty.append([])
        if before is not None:
            self.moves[before] = (symbols, state)
        return state

    def _after(self, before: int) -> int:
        return self._joined([before])

    def _joined(self, ends: Iterable[int]) -> int:
        """Add a state with an empty move from each of these states."""
        state = self._state()
        for end in ends:
            self.empty[end].append(state)
        return state


class _Subsets:
    """The deterministic automaton's states: for each condition, a set of the builder's states."""

    def __init__(self, build: _Builder, conditions: Sequence[_Condition], visits: int) -> None:
        self._build, self._conditions, self._visits = build, conditions, visits
        self.symbols = sorted(set(build.symbols.values()))
        self._ends = {condition.end for condition in conditions}
        self._looked = 0
        self.initial = tuple(self._epsilon_closure([condition.start]) for condition in conditions)

    def follow(self, state: tuple[Places, ...], symbol: int) -> tuple[Places, ...] | None:
        """Return the state after a symbol, or None if the symbol cannot follow."""
        self._looked += sum(map(len, state))
        if self._looked > self._visits:
            raise NotRegularError("has an automaton that takes too long to make")
        moves = ([self._build.moves[place] for place in places] for places in state)
        after = tuple(
            self._epsilon_closure({m[1] for m in some if m and symbol in m[0]}) for some in moves
        )
        pairs = zip(self._conditions, after, strict=True)
        return None if any(c.holds and not places for c, places in pairs) else after

    def accepts(self, state: tuple[Places, ...]) -> bool:
        """Return whether a text may end in a state."""
        pairs = zip(self._conditions, state, strict=True)
        return all((condition.end in places) == condition.holds for condition, places in pairs)

    def _epsilon_closure(self, places: Iterable[int]) -> Places:
        """Follow empty moves; keep the end states, and the states with a move on symbols."""
        reached, left = set(places), list(places)
        while left:
            new = [place for place in self._build.empty[left.pop()] if place not in reached]
            reached.update(new)
            left += new
        self._looked += len(reached)
        moves = self._build.moves
        return frozenset(p for p in reached if moves[p] is not None or p in self._ends)


def _deterministic(subsets: _Subsets) -> Automaton:
    """Return the automaton of the texts that meet all conditions, by the subset construction."""
    states, moves = [subsets.initial], list[dict[int, int]]()
    numbers = {subsets.initial: 0}
    for state in states:  # the loop appends to it
        if len(moves) >= MOST_STATES:
            raise NotRegularError(f"has an automaton of more than {MOST_STATES:,} states")
        moves.append({})
        for symbol in subsets.symbols:
            after = subsets.follow(state, symbol)
            if after is None:
                continue
            if after not in numbers:
                numbers[after] = len(states)
                states.append(after)
            moves[-1][symbol] = numbers[after]
    accepting = frozenset(i for i, state in enumerate(states) if subsets.accepts(state))
    return Automaton(tuple(moves), accepting)
