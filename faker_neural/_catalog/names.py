"""Names to model files, looked up in folders, packages and the bundled models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from faker_neural._errors import OptionError, UnknownModelError

from .bundled import BUNDLED, model_files
from .sources import FieldFolder, existing, from_packages, from_project, from_search_path

__all__ = ["Field", "catalog", "fields_from", "forget", "resolve"]

_VARIABLE = "FAKER_NEURAL_PATH"
_given: list[Path] = []


class Field(NamedTuple):
    """A model that has a name: its file, and where the name comes from, such as "bundled"."""

    path: Path
    origin: str


def catalog() -> dict[str, Field]:
    """Return every model that has a name, read anew, in the order in which names are looked up.

    That is the folders of `fields_from`, of the environment variable FAKER_NEURAL_PATH, of
    `[tool.faker_neural] models` in pyproject.toml, of installed packages, and the bundled models.
    Of two with one name the first is given.

    Raises:
        SettingError: one of them names something that is no folder, or cannot be read.
    """
    forget()
    return dict(_catalog(*_surroundings()))


@contextmanager
def fields_from(*folders: str | os.PathLike[str]) -> Iterator[None]:
    """Let names be looked up in these folders first, in the whole process, until the block ends.

    Args:
        folders: each holds fields, NAME.onnx; of two with one name the first goes before.

    Raises:
        SettingError: one is no folder.
    """
    given = [existing(Path(folder).absolute(), "fields_from") for folder in folders]
    _given[:0] = given
    try:
        yield
    finally:
        for folder in given:
            _given.remove(folder)


def resolve(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the path of a model file that is named, or given by its path.

    Raises:
        OptionError: it is neither text nor a path.
        UnknownModelError: no model has the name.
        SettingError: what says where fields are cannot be used.
    """
    if not isinstance(name_or_path, str | os.PathLike):
        kind = type(name_or_path).__name__
        raise OptionError("model", name_or_path, f"must be a name or a path, not {kind}")
    text = os.fspath(name_or_path)
    if not isinstance(name_or_path, str) or text.endswith(".onnx") or {"/", os.sep} & set(text):
        return Path(text).absolute()
    field = _catalog(*_surroundings()).get(text) or catalog().get(text)
    if field is None:
        known = tuple(_catalog(*_surroundings()))
        raise UnknownModelError(text, known, tuple(get_close_matches(text, known, cutoff=0.65)))
    return field.path


def _surroundings() -> tuple[str, str, tuple[Path, ...]]:
    """Return what a name's file depends on and what may change at any time."""
    try:
        here = os.getcwd()  # noqa: PTH109  # a Path costs more than all the rest
    except FileNotFoundError:  # deleted
        here = ""
    return here, os.environ.get(_VARIABLE, ""), tuple(_given)


@lru_cache(maxsize=16)
def _catalog(here: str, search_path: str, given: tuple[Path, ...]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for origin, folder in _sources(Path(here), search_path, given):
        for path in model_files(folder):
            fields.setdefault(path.stem, Field(path, origin))
    return fields


def _sources(here: Path, search_path: str, given: tuple[Path, ...]) -> Iterator[FieldFolder]:
    yield from (FieldFolder("fields_from", folder) for folder in given)
    yield from from_search_path(_VARIABLE, search_path, here)
    yield from from_project(here)
    yield from from_packages()
    yield FieldFolder("bundled", BUNDLED)


def forget() -> None:
    """Look names up anew the next time."""
    _catalog.cache_clear()
    from_packages.cache_clear()
