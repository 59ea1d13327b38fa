"""The pytest plugin: the fixture `mock_text`, and `neural_text` on every Faker of a fixture.

Loading it imports neither numpy nor onnxruntime, nor Faker, which its own plugin has loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, overload

import pytest

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["MockText", "mock_text"]

_FAKER_IN_WAITING = "_session_faker"
"""Faker makes it for every session, used or not; its fixture `faker` then gives the same one."""


class MockText(Protocol):
    """Draws learned text: `mock_text("product_name")`, `mock_text("product_name", nb=5)`."""

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: None = None,
        *,
        temperature: float | None = None,
        label: str | None = None,
        verbatim: str | None = None,
    ) -> str: ...

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: int = ...,
        *,
        temperature: float | None = None,
        label: str | None = None,
        verbatim: str | None = None,
    ) -> list[str]: ...


@pytest.fixture
def mock_text(faker: Faker) -> MockText:
    """Draw learned text, seeded as the `faker` fixture is.

    Returns:
        A function of a model's name or path. It gives a string, or with `nb` a list of as many.
    """

    def draw(
        model: str | os.PathLike[str] = "product_name",
        nb: int | None = None,
        *,
        temperature: float | None = None,
        label: str | None = None,
        verbatim: str | None = None,
    ) -> str | list[str]:
        count = 1 if nb is None else nb
        texts: list[str] = faker.neural_texts(
            model, count, temperature=temperature, label=label, verbatim=verbatim
        )
        return texts[0] if nb is None else texts

    return draw  # type: ignore[return-value]  # mypy does not match a union to overloads


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
