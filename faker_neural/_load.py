"""A name to a model, opened once a process for each version of its file."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ._catalog.names import forget, resolve
from ._errors import MissingFileError, ModelFileError

if TYPE_CHECKING:
    from ._model import TextModel

__all__ = ["load"]


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
    path = resolve(name_or_path)
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
    forget()
    path = resolve(name_or_path)
    if path == gone:
        raise MissingFileError(name_or_path, "there is no such model file")
    return load(path)


class _ReplacedError(Exception):
    """A file was replaced while it was opened, so that nobody knows which version was read."""

    def __init__(self, opened: TextModel) -> None:
        self.opened = opened


@lru_cache(maxsize=64)
def _shared(path: Path, version: tuple[int, ...]) -> TextModel:
    from ._model import TextModel  # numpy and onnxruntime: not before the first string

    opened = TextModel(path)
    with suppress(OSError):
        if _version(path) == version:
            return opened
    raise _ReplacedError(opened)


def _version(path: Path) -> tuple[int, ...]:
    """Return what tells a file from its replacement, even one of equal size and age."""
    status = path.stat()
    return status.st_ino, status.st_ctime_ns, status.st_mtime_ns, status.st_size
