"""Finds a model file by its name, in folders, packages and the bundled models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from faker_neural._errors import OptionError, UnknownModelError

from .bundled import bundled_folder, model_files
from .sources import FieldFolder, existing, from_packages, from_project, from_search_path
from .suggestions import nearest

__all__ = [
    "Field",
    "catalog",
    "clear_caches",
    "fields_from",
    "known_names",
    "resolve",
    "searched_folders",
]

_VARIABLE = "FAKER_NEURAL_PATH"
_given: list[Path] = []


class Field(NamedTuple):
    """A model that has a name.

    Attributes:
        path: the model's file.
        origin: where the name comes from, such as "bundled".
    """

    path: Path
    origin: str


def catalog() -> dict[str, Field]:
    """Return every model that has a name, by name; the folders are read anew.

    Names are looked up in this order: in the folders of `fields_from`, of the environment variable
    FAKER_NEURAL_PATH, of `[tool.faker_neural] models` in pyproject.toml and of installed packages,
    and then in the bundled models. If two models have the same name, the first is used.

    Raises:
        SettingError: a setting names something that is not a folder, or is not valid.
    """
    clear_caches()
    return dict(_catalog(*_surroundings()))


def known_names() -> list[str]:
    """Return the names of all models; folders that were read before are not read again.

    Raises:
        SettingError: a setting names something that is not a folder, or is not valid.
    """
    return list(_catalog(*_surroundings()))


def searched_folders() -> list[Path]:
    """Return the folders that names are looked up in, in their order.

    Raises:
        SettingError: a setting names something that is not a folder, or is not valid.
    """
    here, search_path, given = _surroundings()
    return [source.folder for source in _sources(Path(here), search_path, given)]


@contextmanager
def fields_from(*folders: str | os.PathLike[str]) -> Iterator[None]:
    """Look names up in these folders first, in the whole process, until the block ends.

    Args:
        folders: folders of fields, files NAME.onnx. If two fields have the same name, the first
            folder is used.

    Returns:
        A context manager.

    Raises:
        SettingError: a path is not a folder.
    """
    given = [existing(Path(folder).absolute(), "fields_from") for folder in folders]
    _given[:0] = given
    try:
        yield
    finally:
        for folder in given:
            _given.remove(folder)


def resolve(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the path of a model file.

    Args:
        name_or_path: a model's name, or the path of a model file: a path object, or text that ends
            in ".onnx" or holds a slash. The file of a path need not exist.

    Raises:
        OptionError: `name_or_path` is neither text nor a path.
        UnknownModelError: no model has the name.
        SettingError: a setting that names folders of fields cannot be used.
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
        beside = (f"./{text}.onnx",) if os.path.isfile(f"{text}.onnx") else ()  # noqa: PTH113
        raise UnknownModelError(text, known, beside or nearest(text, known))
    return field.path


def _surroundings() -> tuple[str, str, tuple[Path, ...]]:
    """Return everything that decides the file of a name and may change at any time."""
    try:
        here = os.getcwd()  # noqa: PTH109  # a Path is slower than all the rest
    except FileNotFoundError:  # the folder was deleted
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
    yield FieldFolder("bundled", bundled_folder())


def clear_caches() -> None:
    """Clear the caches, so that folders are read anew."""
    _catalog.cache_clear()
    from_packages.cache_clear()
