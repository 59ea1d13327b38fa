"""The pytest plugin: the fixtures `mock_text` and `mock_row`, and learned text on every Faker.

Loading it imports neither numpy nor onnxruntime, nor Faker, which its own plugin has loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from ._mock_text import MockRow, MockText, given, new_mock_row, new_mock_text
from ._settings import PluginSettings, add_options, read_settings

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["MockRow", "MockText", "mock_row", "mock_text"]

_FAKER_IN_WAITING = "_session_faker"
"""Faker creates this one for every session, used or not; its fixture `faker` returns it."""

_SETTINGS = pytest.StashKey[PluginSettings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--mock-text-...` and their ini names."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options; a wrong option is a usage error."""
    config.stash[_SETTINGS] = read_settings(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Return the header line with the seed and the options, so that a run can be repeated."""
    return f"mock_text: {config.stash[_SETTINGS].summary}"


@pytest.fixture
def mock_text(request: pytest.FixtureRequest) -> MockText:
    """Draw learned text, seeded like the `faker` fixture or by --mock-text-seed.

    Example:
        def test_the_shop_lists_its_products(mock_text):
            names = mock_text("product_name", nb=3, max_length=30)
            assert len(names) == 3
            assert all(len(name) <= 30 for name in names)

    Returns:
        A function of the name or path of a model, `nb` and the options of `faker_neural.Options`.
        It returns a string, or a list of `nb` strings.
    """
    settings = request.config.stash[_SETTINGS]
    seed = settings.seed_of(request.node.nodeid)
    faker: Faker | None = request.getfixturevalue("faker") if seed is None else None
    return new_mock_text(request.node, faker, seed, settings.options)


@pytest.fixture
def mock_row(request: pytest.FixtureRequest) -> MockRow:
    """Draw learned rows, seeded like the `faker` fixture or by --mock-text-seed.

    Example:
        def test_a_place_lies_in_its_state(mock_row):
            place = mock_row("us_place", given={"state": "TX"})
            assert place["state"] == "TX"
            assert place["city"]

    Returns:
        A function of the name or path of a model of rows, `nb`, and the arguments `given`,
        `columns` and options of `neural_row`. It returns a dict, or a list of `nb` dicts.
    """
    seed = request.config.stash[_SETTINGS].seed_of(request.node.nodeid)
    faker: Faker | None = request.getfixturevalue("faker") if seed is None else None
    return new_mock_row(request.node, faker, seed)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Attach the provider to every Faker that a fixture returns."""
    value = yield
    if fixturedef.argname == _FAKER_IN_WAITING:
        return value
    faker = getattr(sys.modules.get("faker"), "Faker", None)
    if faker is not None and issubclass(type(value), faker):  # a mock only claims to be one
        _attach(value)
    return value


def _attach(fake: Faker) -> None:
    """Attach the provider once to the factory of each locale, since some proxies refuse it."""
    from faker_neural import Provider

    for factory in fake.factories:
        if not any(isinstance(provider, Provider) for provider in factory.get_providers()):
            factory.add_provider(Provider)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the strings that a failing test received to its report."""
    report = yield
    if report.failed and (lines := given(item)):
        report.sections.append(("strings of mock_text", "\n".join(lines)))
    return report
