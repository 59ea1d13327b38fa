"""The functions that the fixtures `mock_text` and `mock_row` return."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, overload

from ._sources import Remember, SourceOf
from ._unique import checked_flag, unique_rows, unique_texts

if TYPE_CHECKING:
    from typing import Unpack

    from faker_neural import Options, OptionValues
    from faker_neural._catalog.bundled_names import RowName, TextName

__all__ = ["MockRow", "MockText", "new_mock_row", "new_mock_text"]


class MockText(Protocol):
    """Draws learned text: `mock_text("product_name")`, `mock_text("product_name", nb=5)`."""

    @overload
    def __call__(
        self,
        model: TextName | str | os.PathLike[str] = ...,
        nb: None = None,
        *,
        unique: bool = ...,
        **options: Unpack[OptionValues],
    ) -> str: ...

    @overload
    def __call__(
        self,
        model: TextName | str | os.PathLike[str] = ...,
        nb: int = ...,
        *,
        unique: bool = ...,
        **options: Unpack[OptionValues],
    ) -> list[str]: ...


class MockRow(Protocol):
    """Draws learned rows: `mock_row("us_place")`, `mock_row("us_place", given={"state": "TX"})`."""

    @overload
    def __call__(
        self,
        model: RowName | str | os.PathLike[str] = ...,
        nb: None = None,
        *,
        unique: bool = ...,
        given: Mapping[str, str] | None = ...,
        columns: Mapping[str, Options] | None = ...,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]: ...

    @overload
    def __call__(
        self,
        model: RowName | str | os.PathLike[str] = ...,
        nb: int = ...,
        *,
        unique: bool = ...,
        given: Mapping[str, str] | None = ...,
        columns: Mapping[str, Options] | None = ...,
        **options: Unpack[OptionValues],
    ) -> list[dict[str, str]]: ...


def new_mock_text(source_of: SourceOf, remember: Remember) -> MockText:
    """Return a function that draws text.

    Args:
        source_of: returns the source of the next value.
        remember: keeps the strings for the report of a failing test.
    """

    def mock_text(
        model: str | os.PathLike[str] = "product_name",
        nb: int | None = None,
        *,
        unique: bool = False,
        **options: Unpack[OptionValues],
    ) -> str | list[str]:
        __tracebackhide__ = True
        source = source_of()
        texts: list[str]
        if checked_flag(unique):
            texts = unique_texts(source, model, nb, options)
        elif nb is None:  # one call in a row of calls is prefetched
            texts = [source.fake.neural_text(model, **options)]
        else:
            texts = source.fake.neural_texts(model, nb, **options)
        remember(os.fspath(model), texts)
        return texts[0] if nb is None else texts

    return mock_text  # type: ignore[return-value]  # mypy does not match a union to overloads


def new_mock_row(source_of: SourceOf, remember: Remember) -> MockRow:
    """Return a function that draws rows.

    Args:
        source_of: returns the source of the next value.
        remember: keeps the rows for the report of a failing test.
    """

    def mock_row(
        model: str | os.PathLike[str] = "us_place",
        nb: int | None = None,
        *,
        unique: bool = False,
        **request: Any,
    ) -> dict[str, str] | list[dict[str, str]]:
        __tracebackhide__ = True
        source = source_of()
        rows: list[dict[str, str]]
        if checked_flag(unique):
            rows = unique_rows(source, model, nb, request)
        elif nb is None:  # one call in a row of calls is prefetched
            rows = [source.fake.neural_row(model, **request)]
        else:
            rows = source.fake.neural_rows(model, nb, **request)
        remember(os.fspath(model), list(map(dict, rows)))
        return rows[0] if nb is None else rows

    return mock_row  # type: ignore[return-value]  # mypy does not match a union to overloads
