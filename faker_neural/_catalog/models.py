"""A name to a model file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faker_neural._errors import MissingFileError, ModelFileError, OptionError, UnknownModelError

from .sources import Source, existing, from_packages, from_project, from_search_path

if TYPE_CHECKING:
    from faker_neural._model import TextModel

__all__ = ["Field", "bundled", "catalog", "fields_from", "load"]

_BUNDLED = Path(__file__).parents[1] / "models"
_VARIABLE = "FAKER_NEURAL_PATH"
_given: list[Path] = []


class Field(NamedTuple):
    """A model that has a name: its file, and where the name comes from, such as "bundled"."""

    path: Path
    origin: str


def bundled() -> dict[str, Path]:
    """Give the models that ship with the package, by name."""
    return {path.stem: path for path in _files(_BUNDLED)}


def catalog() -> dict[str, Field]:
    """Give every model that has a name, read anew, in the order in which names are looked up.

    That is the folders of `fields_from`, of the environment variable FAKER_NEURAL_PATH, of
    `[tool.faker_neural] models` in pyproject.toml, of installed packages, and the bundled models.
    Of two with one name the first is given.

    Raises:
        SettingError: one of them names something that is no folder, or cannot be read.
    """
    _forget()
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


def load(name_or_path: str | os.PathLike[str]) -> TextModel:
    """Open a model, once a process for each version of its file.

    Args:
        name_or_path: a model's name, such as "product_name" (`catalog` gives all), or the path of
            a model file: a path object, or text that ends in ".onnx" or holds a slash.

    Raises:
        OptionError: it is neither text nor a path.
        UnknownModelError: no model has the name.
        SettingError: what says where fields are cannot be used.
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used.
    """
    path = _resolve(name_or_path)
    try:
        version = _version(path)
    except ValueError as error:
        raise ModelFileError(ascii(name_or_path), f"is no path ({error})") from None
    except FileNotFoundError:
        return _load_elsewhere(name_or_path, path)
    except OSError as error:
        raise ModelFileError(name_or_path, f"cannot be read ({error.strerror})") from None
    try:
        return _shared(path, version)
    except _ReplacedError as replaced:
        return replaced.opened


def _load_elsewhere(name_or_path: str | os.PathLike[str], gone: Path) -> TextModel:
    """Look again for a name whose file was deleted since."""
    _forget()
    path = _resolve(name_or_path)
    if path == gone:
        raise MissingFileError(name_or_path, "there is no such model file")
    return load(path)


def _resolve(name_or_path: str | os.PathLike[str]) -> Path:
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
    """Give what a name's file depends on and what may change at any time."""
    try:
        here = os.getcwd()  # noqa: PTH109  # a Path costs more than all the rest
    except FileNotFoundError:  # deleted
        here = ""
    return here, os.environ.get(_VARIABLE, ""), tuple(_given)


@lru_cache(maxsize=16)
def _catalog(here: str, search_path: str, given: tuple[Path, ...]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for origin, folder in _sources(Path(here), search_path, given):
        for path in _files(folder):
            fields.setdefault(path.stem, Field(path, origin))
    return fields


def _sources(here: Path, search_path: str, given: tuple[Path, ...]) -> Iterator[Source]:
    yield from (Source("fields_from", folder) for folder in given)
    yield from from_search_path(_VARIABLE, search_path, here)
    yield from from_project(here)
    yield from from_packages()
    yield Source("bundled", _BUNDLED)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.onnx"))


def _forget() -> None:
    _catalog.cache_clear()
    from_packages.cache_clear()


class _ReplacedError(Exception):
    """A file was replaced while it was opened, so that nobody knows which version was read."""

    def __init__(self, opened: TextModel) -> None:
        self.opened = opened


@lru_cache(maxsize=64)
def _shared(path: Path, version: tuple[int, ...]) -> TextModel:
    from faker_neural._model import TextModel  # numpy and onnxruntime: not before the first string

    opened = TextModel(path)
    with suppress(OSError):
        if _version(path) == version:
            return opened
    raise _ReplacedError(opened)


def _version(path: Path) -> tuple[int, ...]:
    """Give what differs in a file that took the place of another, also one of its size and age."""
    status = path.stat()
    return status.st_ino, status.st_ctime_ns, status.st_mtime_ns, status.st_size
