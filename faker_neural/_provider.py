"""The Faker provider."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any, Unpack

from faker.providers import BaseProvider

from faker_neural._load import load

from ._call_options import count_of, row_options, text_options
from ._catalog.bundled_names import RowName, TextName
from ._catalog.names import known_names
from ._errors import InexactModelWarning
from ._field_methods import FieldMethods
from ._options import Options, OptionValues

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._model import TextModel

__all__ = ["Provider"]

_BEGIN = "neural_"
# Packages that a warning does not point to.
_OURS = ("faker", "faker_neural", "pytest_faker_neural")


class Provider(FieldMethods, BaseProvider):
    """Learned text for Faker: `fake.add_provider(faker_neural.Provider)`.

    Each string or row takes one `getrandbits(64)` from the generator's `random` and nothing else,
    so every way to seed a Faker also seeds them. A number may be text, as Faker's command line
    passes it: `nb="3"`, `max_length="20"`.

    Each bundled field has a method, such as `neural_company()`. A field of your own has one if its
    name is known when the provider is attached and `neural_NAME` is a Python identifier. A field
    called text, texts, row or rows has none.
    """

    def neural_text(
        self,
        model: TextName | str | os.PathLike[str] = "product_name",
        **options: Unpack[OptionValues],
    ) -> str:
        """Draw one string.

        Examples:
            >>> from faker import Faker
            >>> from faker_neural import Provider
            >>> fake = Faker()
            >>> fake.add_provider(Provider)
            >>> fake.seed_instance(0)
            >>> fake.neural_text("product_name")
            'Low Sodium Beef Broth'
            >>> fake.neural_text("product_name", prefix="Sony", max_length=30)
            'Sony XPERIA XZ 32 fl oz'

        Args:
            model: the name of a bundled model, or the path of a model file.
            options: the fields of `faker_neural.Options`, such as `max_length=40`; None, like
                leaving an option out, means the model's own.

        Returns:
            The string; the same seed gives the same string.

        Raises:
            OptionError: an option is out of range, or does not go with another one or the model.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: the model gave only strings that the options reject.
        """
        from ._prefetch import text_prefetcher  # numpy and onnxruntime: not before the first string

        opened = _opened(model)
        wanted = opened.text_options(**text_options(options))
        return text_prefetcher(opened, wanted).next(self.generator.random)

    def neural_texts(
        self,
        model: TextName | str | os.PathLike[str] = "product_name",
        nb: int = 3,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw `nb` strings in one batch; they equal the strings of `nb` calls of `neural_text`.

        Args:
            model: the name of a bundled model, or the path of a model file.
            nb: number of strings, 0 to 10,000,000.
            options: the fields of `faker_neural.Options`, such as `max_length=40`; None, like
                leaving an option out, means the model's own.

        Returns:
            The strings.

        Raises:
            OptionError: an option is out of range, or does not go with another one or the model.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: the model gave only strings that the options reject.
        """
        count, draw = count_of(nb), self.generator.random.getrandbits
        keys = (draw(64) for _ in range(count))
        return _opened(model).texts(keys, **text_options(options))

    def neural_row(
        self,
        model: RowName | str | os.PathLike[str] = "us_place",
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw one row of several columns that fit together.

        Examples:
            >>> from faker import Faker
            >>> from faker_neural import Provider
            >>> fake = Faker()
            >>> fake.add_provider(Provider)
            >>> fake.seed_instance(0)
            >>> ", ".join(fake.neural_row("us_place", given={"state": "TX"}).values())
            '5085 Niagara Falls Boulevard, Fort Worth, TX, 76104'

        Args:
            model: the name of a bundled model of rows, or the path of a model file.
            given: values of columns by name, which the row has; the other columns are drawn to
                fit.
            columns: options of columns by name, such as {"city": Options(max_length=20)}.
            options: options of the whole row: `temperature`, `top_k`, `top_p`, `verbatim` and
                `blocked`.

        Returns:
            The values by the names of the columns; the same seed gives the same row.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: an option is out of range, or a column or a value is not possible.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: the model gave only rows that the options reject.
        """
        from ._prefetch import row_prefetcher

        opened = _opened(model)
        _, request = opened.row_request(given, columns, **row_options(options))
        return dict(row_prefetcher(opened, request).next(self.generator.random))

    def neural_rows(
        self,
        model: RowName | str | os.PathLike[str] = "us_place",
        nb: int = 3,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> list[dict[str, str]]:
        """Draw `nb` rows in one batch; they equal the rows of `nb` calls of `neural_row`.

        Args:
            model: the name of a bundled model of rows, or the path of a model file.
            nb: number of rows, 0 to 10,000,000.
            given: see `neural_row`.
            columns: see `neural_row`.
            options: see `neural_row`.

        Returns:
            The rows, each as `neural_row` returns it.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: an option is out of range, or a column or a value is not possible.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: the model gave only rows that the options reject.
        """
        keys = [self.generator.random.getrandbits(64) for _ in range(count_of(nb))]
        wanted = row_options(options)
        return _opened(model).rows_of(keys, given=given, columns=columns, **wanted)

    def __dir__(self) -> list[str]:
        """Return the names of all methods, among them those of your own fields."""
        own = (_BEGIN + field for field in known_names())
        return sorted({*super().__dir__(), *filter(str.isidentifier, own)})

    if not TYPE_CHECKING:  # else a type checker would accept every name

        def __getattr__(self, name: str) -> Any:
            """Return the method of a field of your own; its model is looked up when it is called.

            A copy of a Faker in another process may have methods of fields that are unknown there.
            """
            field = name.removeprefix(_BEGIN)
            if field in ("", name):
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            return MethodType(_method_of(field), self)


@cache
def _method_of(field: str) -> Callable[..., object]:
    """Return the method of a field of your own, which draws texts or rows."""

    def draw(self: Provider, **request: Any) -> object:
        rows = bool(_opened(field).card.columns)
        return (self.neural_row if rows else self.neural_text)(field, **request)

    draw.__name__ = draw.__qualname__ = _BEGIN + field
    return draw


def _opened(model: str | os.PathLike[str]) -> TextModel:
    opened = load(model)
    if not opened.card.exact:
        _warn_once(opened.path)
    return opened


@cache
def _warn_once(path: Path) -> None:
    warnings.warn(
        f"{path}: its arithmetic is float, so that its strings may differ on another kind "
        f"of processor or with another onnxruntime; `faker-neural info` says why",
        InexactModelWarning,
        stacklevel=_callers_level(),
    )


def _callers_level() -> int:
    """Return the number of frames up to the code that called a Faker or `mock_text`."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame, level = frame.f_back, level + 1
    return level
