"""The pytest plugin: the fixture `mock_text`, and `neural_text` on every Faker of a fixture.

Loading it imports neither numpy nor onnxruntime, nor Faker, which its own plugin has loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from ._mock_text import MockText, given, new_mock_text
from ._settings import PluginSettings, add_options, read_settings

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["MockText", "mock_text"]

_FAKER_IN_WAITING = "_session_faker"
"""Faker makes it for every session, used or not; its fixture `faker` then gives the same one."""

_SETTINGS = pytest.StashKey[PluginSettings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--mock-text-...` and their ini names."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options; what is wrong with them is a usage error."""
    config.stash[_SETTINGS] = read_settings(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Say where the seed comes from, so that a run can be repeated."""
    return f"mock_text: {config.stash[_SETTINGS].summary}"


@pytest.fixture
def mock_text(request: pytest.FixtureRequest) -> MockText:
    """Draw learned text, seeded as the `faker` fixture is or as --mock-text-seed says.

    Returns:
        A function of a model's name or path. It gives a string, or with `nb` a list of as many.
    """
    settings = request.config.stash[_SETTINGS]
    seed = settings.seed_of(request.node.nodeid)
    faker: Faker | None = request.getfixturevalue("faker") if seed is None else None
    return new_mock_text(request.node, faker, seed, settings.options)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Attach the provider to every Faker that a fixture returns."""
    value = yield
    if fixturedef.argname == _FAKER_IN_WAITING:
        return value
    faker = getattr(sys.modules.get("faker"), "Faker", None)
    if faker is not None and issubclass(type(value), faker):  # a mock of one only claims to be
        _attach(value)
    return value


def _attach(fake: Faker) -> None:
    """Attach the provider once; to each locale's factory, since some proxies refuse it."""
    from faker_neural import Provider

    for factory in fake.factories:
        if not any(isinstance(provider, Provider) for provider in factory.get_providers()):
            factory.add_provider(Provider)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """List in a failing test's report the strings that it was given."""
    report = yield
    if report.failed and (lines := given(item)):
        report.sections.append(("strings of mock_text", "\n".join(lines)))
    return report
