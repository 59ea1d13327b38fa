"""The pytest plugin: the fixtures `mock_text` and `mock_row`, and learned text on every Faker.

Loading it imports neither numpy nor onnxruntime, nor Faker, which its own plugin has loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from ._given import given, remember
from ._global_seed import left_to_randomly, reseed
from ._mock_text import MockRow, MockText, new_mock_row, new_mock_text
from ._settings import PluginSettings, add_options, read_settings
from ._sources import Callers, Remember, Source, SourceOf, for_each_caller, node_id, seeded

if TYPE_CHECKING:
    from faker import Faker

__all__ = [
    "MockRow",
    "MockText",
    "class_mock_row",
    "class_mock_text",
    "mock_row",
    "mock_text",
    "module_mock_row",
    "module_mock_text",
    "package_mock_row",
    "package_mock_text",
    "session_mock_row",
    "session_mock_text",
]

_FAKER_IN_WAITING = "_session_faker"
"""Faker creates this one for every session, used or not; its fixture `faker` returns it."""

_SETTINGS = pytest.StashKey[PluginSettings]()
_CALLERS = pytest.StashKey[Callers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--mock-text-...` and their ini names."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options; a wrong option is a usage error."""
    config.stash[_SETTINGS] = read_settings(config)
    config.stash[_CALLERS] = Callers()


def pytest_report_header(config: pytest.Config) -> str:
    """Return the header line with the seed and the options, so that a run can be repeated."""
    return f"mock_text: {config.stash[_SETTINGS].summary}"


@pytest.fixture
def mock_text(request: pytest.FixtureRequest) -> MockText:
    """Draw learned text, seeded like the `faker` fixture or by --mock-text-seed.

    Examples:
        ```python
        def test_the_shop_lists_its_products(mock_text):
            names = mock_text("product_name", nb=3, max_length=30)
            assert len(names) == 3
            assert all(len(name) <= 30 for name in names)
        ```

    Returns:
        A function of the name or path of a model, `nb`, `unique` and the options of
        `faker_neural.Options`. It returns a string, or a list of `nb` strings. Strings drawn with
        `unique=True` differ from all those drawn so before in the test, from the same model with
        the same options.
    """
    return new_mock_text(*_of_test(request))


@pytest.fixture
def mock_row(request: pytest.FixtureRequest) -> MockRow:
    """Draw learned rows, seeded like the `faker` fixture or by --mock-text-seed.

    Examples:
        ```python
        def test_a_place_lies_in_its_state(mock_row):
            place = mock_row("us_place", given={"state": "TX"})
            assert place["state"] == "TX"
            assert place["city"]
        ```

    Returns:
        A function of the name or path of a model of rows, `nb`, `unique`, and the arguments
        `given`, `columns` and options of `neural_row`. It returns a dict, or a list of `nb` dicts.
    """
    return new_mock_row(*_of_test(request))


def _wide_mock_text(request: pytest.FixtureRequest) -> MockText:
    """Draw learned text, like `mock_text`, for fixtures of a wider scope.

    Each fixture and each test that calls it has a seed, made from its name, so that its strings
    depend neither on the order nor on the selection of the tests.
    """
    return new_mock_text(*_of_scope(request))


def _wide_mock_row(request: pytest.FixtureRequest) -> MockRow:
    """Draw learned rows, like `mock_row`, for fixtures of a wider scope.

    Each fixture and each test that calls it has a seed, made from its name, so that its rows depend
    neither on the order nor on the selection of the tests.
    """
    return new_mock_row(*_of_scope(request))


class_mock_text = pytest.fixture(scope="class", name="class_mock_text")(_wide_mock_text)
module_mock_text = pytest.fixture(scope="module", name="module_mock_text")(_wide_mock_text)
package_mock_text = pytest.fixture(scope="package", name="package_mock_text")(_wide_mock_text)
session_mock_text = pytest.fixture(scope="session", name="session_mock_text")(_wide_mock_text)
class_mock_row = pytest.fixture(scope="class", name="class_mock_row")(_wide_mock_row)
module_mock_row = pytest.fixture(scope="module", name="module_mock_row")(_wide_mock_row)
package_mock_row = pytest.fixture(scope="package", name="package_mock_row")(_wide_mock_row)
session_mock_row = pytest.fixture(scope="session", name="session_mock_row")(_wide_mock_row)


def _of_test(request: pytest.FixtureRequest) -> tuple[SourceOf, Remember]:
    """Return what a fixture of one test draws from, and what keeps the values for the report."""
    seed = request.config.stash[_SETTINGS].seed_of(node_id(request.node))
    fake = request.getfixturevalue("faker") if seed is None else seeded(seed)
    source = Source(fake)
    return lambda: source, partial(remember, request.node)


def _of_scope(request: pytest.FixtureRequest) -> tuple[SourceOf, Remember]:
    """Return what a fixture of a scope draws from, and what keeps the values for the report."""
    callers = request.config.stash[_CALLERS]
    seed = request.config.stash[_SETTINGS].seed_of_scope(request.config, request.scope)

    def remember_for_item(model: str, values: Any) -> None:
        if callers.item is not None:
            remember(callers.item, model, values)

    return for_each_caller(callers, seed), remember_for_item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note which test runs."""
    callers = item.config.stash[_CALLERS]
    callers.item = item
    try:
        return (yield)
    finally:
        callers.item = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Seed factory_boy and the Fakers without a seed, if --mock-text-seed is given."""
    seed = item.config.stash[_SETTINGS].seed_of(node_id(item))
    if seed is not None and not left_to_randomly(item.config):
        reseed(seed)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Note which fixture is set up, and attach the provider to every Faker that one returns."""
    fixtures = request.config.stash[_CALLERS].fixtures
    fixtures.append((fixturedef, request))
    try:
        value = yield
    finally:
        fixtures.pop()
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
