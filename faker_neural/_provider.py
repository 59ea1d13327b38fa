"""The Faker provider."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from faker.providers import BaseProvider

from faker_neural._load import load

from ._errors import InexactModelWarning
from ._options import Options, OptionValues, check_count

if TYPE_CHECKING:
    from ._model import TextModel

__all__ = ["Provider"]

# Packages that a warning does not point to.
_OURS = ("faker", "faker_neural", "pytest_faker_neural")


class Provider(BaseProvider):
    """Learned text for Faker: `fake.add_provider(faker_neural.Provider)`.

    Each string takes one `getrandbits(64)` from the generator's `random` and nothing else, so
    every way to seed a Faker also seeds these strings.
    """

    def neural_text(
        self,
        model: str | os.PathLike[str] = "product_name",
        **options: Unpack[OptionValues],
    ) -> str:
        """Draw one string.

        Example:
            >>> from faker import Faker
            >>> from faker_neural import Provider
            >>> fake = Faker()
            >>> fake.add_provider(Provider)
            >>> fake.seed_instance(0)
            >>> fake.neural_text("product_name")
            'Low Sodium Beef Broth'
            >>> fake.neural_text("product_name", prefix="Sony", max_length=30)
            'Sony Mighty 18", 200g'

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
        return text_prefetcher(opened, opened.text_options(**options)).next(self.generator.random)

    def neural_texts(
        self,
        model: str | os.PathLike[str] = "product_name",
        nb: int = 3,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw `nb` strings in one batch; they equal the strings of `nb` calls of `neural_text`.

        Args:
            model: the name of a bundled model, or the path of a model file.
            nb: number of strings, at least 0.
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
        count = check_count("nb", int(nb) if isinstance(nb, str) and nb.isdecimal() else nb)
        draw = self.generator.random.getrandbits
        return _opened(model).texts((draw(64) for _ in range(count)), **options)

    def neural_row(
        self,
        model: str | os.PathLike[str] = "us_place",
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw one row of several columns that fit together.

        Example:
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
        _, request = opened.row_request(given, columns, **options)
        return dict(row_prefetcher(opened, request).next(self.generator.random))

    def neural_rows(
        self,
        model: str | os.PathLike[str] = "us_place",
        nb: int = 3,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> list[dict[str, str]]:
        """Draw `nb` rows in one batch; they equal the rows of `nb` calls of `neural_row`.

        Args:
            model: the name of a bundled model of rows, or the path of a model file.
            nb: number of rows, at least 0.
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
        count = check_count("nb", int(nb) if isinstance(nb, str) and nb.isdecimal() else nb)
        keys = [self.generator.random.getrandbits(64) for _ in range(count)]
        return _opened(model).rows_of(keys, given=given, columns=columns, **options)


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
