"""The Faker provider."""

from __future__ import annotations

import os
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from faker.providers import BaseProvider

from faker_neural._load import load

from ._errors import InexactModelWarning
from ._options import OptionValues, check_count

if TYPE_CHECKING:
    from ._model import TextModel

__all__ = ["Provider"]

_OURS = ("faker", "faker_neural", "pytest_faker_neural")  # no place to point a user to


class Provider(BaseProvider):
    """Learned text for Faker: `fake.add_provider(faker_neural.Provider)`.

    Each string takes one `getrandbits(64)` from the generator's `random` and nothing else, so
    every way of seeding a Faker seeds these strings too.
    """

    def neural_text(
        self,
        model: str | os.PathLike[str] = "product_name",
        **options: Unpack[OptionValues],
    ) -> str:
        """Draw one string.

        Args:
            model: the name of a bundled model, or the path of a model file.
            options: `temperature`, `top_k`, `top_p`, `min_length`, `max_length`, `prefix`,
                `pattern`, `alphabet`, `label`, `verbatim`, `blocked`, `length`: see
                `faker_neural.Options`. None is the model's own.

        Raises:
            OptionError: an option is out of range, or does not go with another or the model.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: nothing that the options allow came out.
        """
        from ._prefetch import run_ahead  # numpy and onnxruntime: not before the first string

        opened = _opened(model)
        return run_ahead(opened, opened.options(**options)).text(self.generator.random)

    def neural_texts(
        self,
        model: str | os.PathLike[str] = "product_name",
        nb: int = 3,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw `nb` strings, the same as as many calls of `neural_text`, in one batch.

        Args:
            model: the name of a bundled model, or the path of a model file.
            nb: how many, at least 0.
            options: `temperature`, `top_k`, `top_p`, `min_length`, `max_length`, `prefix`,
                `pattern`, `alphabet`, `label`, `verbatim`, `blocked`, `length`: see
                `faker_neural.Options`. None is the model's own.

        Raises:
            OptionError: an option is out of range, or does not go with another or the model.
            UnknownModelError: no model has the name.
            ModelFileError: the file cannot be used.
            ExhaustedError: nothing that the options allow came out.
        """
        count = check_count("nb", int(nb) if isinstance(nb, str) and nb.isdecimal() else nb)
        draw = self.generator.random.getrandbits
        return _opened(model).texts((draw(64) for _ in range(count)), **options)


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
    """Count the frames from the warning to the code that asked a Faker, or `mock_text`."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame, level = frame.f_back, level + 1
    return level
