"""The first values that a test received, for its report."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

__all__ = ["given", "remember"]

_MOST_SHOWN = 20  # values of a test in its report


class _Given:
    def __init__(self) -> None:
        self.first: list[tuple[str, object]] = []
        self.count = 0


_GIVEN = pytest.StashKey[_Given]()


def remember(node: pytest.Item, model: str, values: Sequence[object]) -> None:
    """Keep the first values that a test receives.

    Args:
        node: the test.
        model: the name of the model.
        values: the values.
    """
    remembered = node.stash.setdefault(_GIVEN, _Given())
    room = _MOST_SHOWN - len(remembered.first)
    remembered.first += [(model, value) for value in values[:room]]
    remembered.count += len(values)


def given(node: pytest.Item) -> list[str]:
    """Return the first values that a test received, one a line, and how many followed.

    Args:
        node: the test.
    """
    remembered = node.stash.get(_GIVEN, _Given())
    lines = [f"{repr(model)[1:-1]}: {value!r}" for model, value in remembered.first]
    more = remembered.count - len(lines)
    return [*lines, f"and {more:,} more"] if more else lines
