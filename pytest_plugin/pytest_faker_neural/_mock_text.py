"""The functions that the fixtures `mock_text` and `mock_row` return."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, overload

import pytest

if TYPE_CHECKING:
    from typing import Unpack

    from faker import Faker

    from faker_neural import Options, OptionValues, Provider

__all__ = ["MockRow", "MockText", "given", "new_mock_row", "new_mock_text"]

_MOST_SHOWN = 20  # strings of a test in its report
_GIVEN = pytest.StashKey["_Given"]()


class MockText(Protocol):
    """Draws learned text: `mock_text("product_name")`, `mock_text("product_name", nb=5)`."""

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: None = None,
        **options: Unpack[OptionValues],
    ) -> str: ...

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: int = ...,
        **options: Unpack[OptionValues],
    ) -> list[str]: ...


def new_mock_text(
    node: pytest.Item, faker: Faker | None, seed: int | None, defaults: Mapping[str, Any]
) -> MockText:
    """Return the function for one test.

    Args:
        node: the test; its strings are kept for its report.
        faker: the Faker whose seed is used; None to use `seed`.
        seed: the seed of a new generator, if `faker` is None.
        defaults: options of every string, which a call can override.
    """
    source: Faker | Provider = _seeded(seed) if faker is None else faker
    remembered = node.stash.setdefault(_GIVEN, _Given())

    def mock_text(
        model: str | os.PathLike[str] = "product_name",
        nb: int | None = None,
        **options: Unpack[OptionValues],
    ) -> str | list[str]:
        __tracebackhide__ = True
        wanted: OptionValues = {**defaults, **options}  # type: ignore[typeddict-item]
        if nb is None:  # one call in a row of calls is prefetched
            text: str = source.neural_text(model, **wanted)
            remembered.add(os.fspath(model), [text])
            return text
        texts: list[str] = source.neural_texts(model, nb, **wanted)
        remembered.add(os.fspath(model), texts)
        return texts

    return mock_text  # type: ignore[return-value]  # mypy does not match a union to overloads


class MockRow(Protocol):
    """Draws learned rows: `mock_row("us_place")`, `mock_row("us_place", given={"state": "TX"})`."""

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: None = None,
        *,
        given: Mapping[str, str] | None = ...,
        columns: Mapping[str, Options] | None = ...,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]: ...

    @overload
    def __call__(
        self,
        model: str | os.PathLike[str] = ...,
        nb: int = ...,
        *,
        given: Mapping[str, str] | None = ...,
        columns: Mapping[str, Options] | None = ...,
        **options: Unpack[OptionValues],
    ) -> list[dict[str, str]]: ...


def new_mock_row(node: pytest.Item, faker: Faker | None, seed: int | None) -> MockRow:
    """Return the function for one test.

    Args:
        node: the test; its rows are kept for its report.
        faker: the Faker whose seed is used; None to use `seed`.
        seed: the seed of a new generator, if `faker` is None.
    """
    source: Faker | Provider = _seeded(seed) if faker is None else faker
    remembered = node.stash.setdefault(_GIVEN, _Given())

    def mock_row(
        model: str | os.PathLike[str] = "us_place",
        nb: int | None = None,
        **request: Any,
    ) -> dict[str, str] | list[dict[str, str]]:
        __tracebackhide__ = True
        if nb is None:  # one call in a row of calls is prefetched
            row: dict[str, str] = source.neural_row(model, **request)
            remembered.add(os.fspath(model), [dict(row)])
            return row
        rows: list[dict[str, str]] = source.neural_rows(model, nb, **request)
        remembered.add(os.fspath(model), list(map(dict, rows)))
        return rows

    return mock_row  # type: ignore[return-value]  # mypy does not match a union to overloads


def given(node: pytest.Item) -> list[str]:
    """Return the first strings that a test received, one a line, and how many followed."""
    remembered = node.stash.get(_GIVEN, _Given())
    lines = [f"{model}: {text!r}" for model, text in remembered.first]
    more = remembered.count - len(lines)
    return [*lines, f"and {more:,} more"] if more else lines


class _Given:
    """The first strings that a test received, and the number of all of them."""

    def __init__(self) -> None:
        self.first: list[tuple[str, object]] = []
        self.count = 0

    def add(self, model: str, texts: Sequence[object]) -> None:
        room = _MOST_SHOWN - len(self.first)
        self.first += [(model, text) for text in texts[:room]]
        self.count += len(texts)


def _seeded(seed: int | None) -> Provider:
    from random import Random

    from faker.generator import Generator

    from faker_neural import Provider

    generator = Generator()
    generator.random = Random(seed)
    return Provider(generator)
