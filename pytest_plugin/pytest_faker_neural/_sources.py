"""Where the fixtures draw from: the `faker` fixture, or a generator for each caller."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from faker import Faker

    from faker_neural import Provider

__all__ = ["Callers", "Remember", "Source", "SourceOf", "for_each_caller", "node_id", "seeded"]


@dataclass(frozen=True)
class Source:
    """A Faker, and the values that it drew with `unique=True`.

    Args:
        fake: draws the values.
        seen: the values, by model and options.
    """

    fake: Faker | Provider
    seen: dict[Hashable, set[Hashable]] = field(default_factory=dict)


SourceOf = Callable[[], Source]
"""A function that returns the source of the next value."""

Remember = Callable[[str, Sequence[object]], None]
"""A function that keeps values of a model for the report of a failing test."""


class Callers:
    """The running test and the fixtures that are being set up: one of them calls the plugin."""

    def __init__(self) -> None:
        self.item: pytest.Item | None = None
        self.fixtures: list[tuple[pytest.FixtureDef[Any], pytest.FixtureRequest]] = []

    def id(self) -> str:
        """Return what names the caller in every run, whatever the order and the selection."""
        if not self.fixtures:
            return node_id(self.item) if self.item else ""
        definition, request = self.fixtures[-1]
        index = getattr(request, "param_index", 0)
        return f"{node_id(request.node)}:{definition.baseid}:{definition.argname}:{index}"


def node_id(node: pytest.Item | pytest.Collector) -> str:
    """Return the ID of a node without the group that `pytest --dist=loadgroup` adds to a test's."""
    grouped = node.config.getoption("loadgroup", False)
    if grouped and node.get_closest_marker("xdist_group"):
        return node.nodeid.rpartition("@")[0] or node.nodeid
    return node.nodeid


def for_each_caller(callers: Callers, seed: str) -> SourceOf:
    """Return a function that returns the source of the present caller.

    A generator that all callers share would make strings depend on which test runs first. So each
    test and each fixture has a generator, whose seed depends only on its name and on `seed`.

    Args:
        callers: the test and the fixtures that may call.
        seed: the seed of a scope.
    """
    sources: dict[str, Source] = {}

    def source() -> Source:
        caller = callers.id()
        if caller not in sources:
            sources[caller] = Source(seeded(f"{seed} {caller}"))
        return sources[caller]

    return source


def seeded(seed: int | str) -> Provider:
    """Return a provider with a new generator.

    Args:
        seed: the seed of the generator.
    """
    from random import Random

    from faker.generator import Generator

    from faker_neural import Provider

    generator = Generator()
    generator.random = Random(seed)
    return Provider(generator)
