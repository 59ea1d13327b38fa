r"""A regular expression to a deterministic automaton over the characters that a model knows.

Python's own parser reads the expression and Python's own matcher says which characters a class such
as `\w` or `[^a-z]` holds, so that both mean what they mean to `re`. The algebra of automata is
interegular's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # as Hypothesis does
from typing import Any

from interegular.fsm import FSM, Alphabet, epsilon

__all__ = ["IrregularError", "automaton"]

MOST_STATES = 4_000
_MOST_REPEATS, _MOST_GROUPS = 2_000, 200  # of a character, and of a group, which takes time

_CHARACTER = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)
_REPEAT = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_LOOK = (_constants.ASSERT, _constants.ASSERT_NOT)
_BEGIN = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
_END = (_constants.AT_END, _constants.AT_END_STRING)
_WORDS = {
    _constants.ASSERT: "a look-around inside of it",
    _constants.ASSERT_NOT: "a look-around inside of it",
    _constants.AT: "an anchor inside of it (^, $ or \\b)",
    _constants.ATOMIC_GROUP: "an atomic group",
    _constants.GROUPREF: "a reference to a group",
    _constants.GROUPREF_EXISTS: "a condition on a group",
    _constants.POSSESSIVE_REPEAT: "a possessive repetition",
}

Node = tuple[Any, Any]
"""What the parser makes of a piece of the expression: what it is, and its arguments."""


class IrregularError(Exception):
    """An expression has no automaton, or one that is too large."""


def automaton(patterns: Iterable[str], characters: Iterable[str]) -> tuple[FSM, dict[str, int]]:
    """Make the automaton of the texts that all of these expressions match from end to end.

    Args:
        patterns: what `re.fullmatch` takes, at least one.
        characters: all there are.

    Returns:
        A minimal automaton over numbers, and the number of each character.

    Raises:
        IrregularError: an expression asks for what no automaton can decide, or for too many states.
    """
    parsed = [_parser.parse(pattern) for pattern in patterns]
    classes = _Classes(characters)
    for tree in parsed:
        for node, flags in _characters(tree, tree.state.flags):
            classes.add(node, flags)
    build = _Builder(classes)
    machines = [build.whole(list(tree), tree.state.flags) for tree in parsed]
    return _small(reduce(FSM.__and__, machines)), build.symbols


def _characters(tree: Iterable[Node], flags: int) -> Iterator[tuple[Node, int]]:
    """Give each piece of an expression that stands for one character, and the flags it is under."""
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
    raise IrregularError(f"has {_WORDS.get(kind, str(kind).lower())}")


def _under(flags: int, subpattern: Any) -> int:
    _, added, removed, _ = subpattern
    return (flags | added) & ~removed  # type: ignore[no-any-return]


class _Classes:
    """The characters of each piece that stands for one, and which of all are never told apart."""

    def __init__(self, characters: Iterable[str]) -> None:
        self._all = sorted(set(characters))
        self._members: dict[tuple[str, int], frozenset[str]] = {}

    def add(self, node: Node, flags: int) -> None:
        """Ask Python which characters a piece stands for."""
        state = _parser.State()
        state.flags = flags
        single = _compiler.compile(_parser.SubPattern(state, [node]))
        self._members[str(node), flags] = frozenset(filter(single.fullmatch, self._all))

    def symbols(self) -> dict[str, int]:
        """Number the characters, the same number for those that stand in the same classes."""
        numbers: dict[tuple[bool, ...], int] = {}
        return {
            character: numbers.setdefault(
                tuple(character in members for members in self._members.values()), len(numbers)
            )
            for character in self._all
        }

    def of(self, node: Node, flags: int) -> frozenset[str]:
        """Give the characters of a piece that was added."""
        return self._members[str(node), flags]


class _Builder:
    """Turns the pieces of an expression into automata over the symbols of one alphabet."""

    def __init__(self, classes: _Classes) -> None:
        self._classes, self.symbols = classes, classes.symbols()
        self._alphabet = Alphabet.from_groups(*([i] for i in sorted(set(self.symbols.values()))))
        self._nothing = epsilon(self._alphabet)

    def whole(self, nodes: list[Node], flags: int) -> FSM:
        """Give the automaton of all that is to be matched, with anchors and look-ahead."""
        if nodes and nodes[0][0] is _constants.AT and nodes[0][1] in _BEGIN:
            nodes = nodes[1:]
        if nodes and nodes[-1][0] is _constants.AT and nodes[-1][1] in _END:
            nodes = nodes[:-1]
        if len(nodes) == 1 and nodes[0][0] is _constants.BRANCH:
            return _small(FSM.union(*[self.whole(list(one), flags) for one in nodes[0][1][1]]))
        if len(nodes) == 1 and nodes[0][0] is _constants.SUBPATTERN:
            return self.whole(list(nodes[0][1][3]), _under(flags, nodes[0][1]))
        for i, (kind, value) in enumerate(nodes):
            if kind in _LOOK and value[0] == 1:
                ahead = self._sequence(value[1], flags) + self._chain(self._alphabet, 0, None)
                rest = self.whole(nodes[i + 1 :], flags)
                met = rest & ahead if kind is _constants.ASSERT else rest - ahead
                return self._sequence(nodes[:i], flags) + met
        return self._sequence(nodes, flags)

    def _sequence(self, nodes: Iterable[Node], flags: int) -> FSM:
        machines = [self._piece(kind, value, flags) for kind, value in nodes]
        return _small(FSM.concatenate(self._nothing, *machines))

    def _piece(self, kind: Any, value: Any, flags: int) -> FSM:
        if kind in _CHARACTER:
            return self._chain(self._keys((kind, value), flags), 1, 1)
        if kind is _constants.SUBPATTERN:
            return self._sequence(value[3], _under(flags, value))
        if kind is _constants.BRANCH:
            return _small(FSM.union(*[self._sequence(inner, flags) for inner in value[1]]))
        if kind in _REPEAT:
            least, most, inner = value
            return self._repeat(least, None if most is _constants.MAXREPEAT else most, inner, flags)
        raise IrregularError(f"has {_WORDS.get(kind, str(kind).lower())}")

    def _repeat(self, least: int, most: int | None, inner: Any, flags: int) -> FSM:
        nodes, times = list(inner), max(least, most or 0)
        alone = len(nodes) == 1 and nodes[0][0] in _CHARACTER
        if times > (allowed := _MOST_REPEATS if alone else _MOST_GROUPS):
            what = "a character" if alone else "a group"
            raise IrregularError(f"repeats {what} {times:,} times, more than {allowed:,}")
        if alone:
            return self._chain(self._keys(nodes[0], flags), least, most)
        once = self._sequence(nodes, flags)
        repeated = self._nothing if most is not None else _small(once.star())
        for _ in range(least, times):  # from the last one on: that keeps every step small
            repeated = _small(self._nothing | (once + repeated))
        for _ in range(least):
            repeated = _small(once + repeated)
        return repeated

    def _keys(self, node: Node, flags: int) -> set[int]:
        return {self.symbols[character] for character in self._classes.of(node, flags)}

    def _chain(self, keys: Iterable[int], least: int, most: int | None) -> FSM:
        """Give the automaton of `least` to `most` of these symbols."""
        last = least if most is None else most
        moves: dict[int, dict[int, int]] = {i: dict.fromkeys(keys, i + 1) for i in range(last)}
        moves[last] = {} if most is not None else dict.fromkeys(keys, last)
        return FSM(self._alphabet, set(moves), 0, set(range(least, last + 1)), moves)


def _small(machine: FSM) -> FSM:
    if len(machine.states) > MOST_STATES:
        raise IrregularError(f"has an automaton of more than {MOST_STATES:,} states")
    return machine.reduce()
