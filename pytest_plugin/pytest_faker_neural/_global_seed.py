"""Seeds what has no seed of its own: factory_boy, and the Fakers that share one generator."""

from __future__ import annotations

import sys

import pytest

__all__ = ["left_to_randomly", "reseed"]


def left_to_randomly(config: pytest.Config) -> bool:
    """Return whether pytest-randomly seeds these generators, before and within each test.

    Args:
        config: the configuration of the run.
    """
    return bool(config.getoption("randomly_reset_seed", False))


def reseed(seed: int) -> None:
    """Seed the generator that Fakers share, and factory_boy if it has been imported.

    Args:
        seed: the seed.
    """
    if factory := sys.modules.get("factory.random"):
        factory.reseed_random(seed)  # Faker's too
    elif faker := sys.modules.get("faker.generator"):
        faker.random.seed(seed)
