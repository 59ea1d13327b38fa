"""Loads a model by its name; a process opens each version of a file once."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Unpack

from ._catalog.bundled_names import ModelName, TextName
from ._catalog.names import clear_caches, resolve
from ._errors import MissingFileError, ModelFileError
from ._options import OptionValues
from ._seeds import Seed, seed_number

if TYPE_CHECKING:
    from ._model import TextModel

__all__ = ["generate", "load"]


def generate(
    model: TextName | str | os.PathLike[str],
    n: int,
    *,
    seed: Seed = 0,
    start: int = 0,
    threads: int = 1,
    unique: bool = False,
    **options: Unpack[OptionValues],
) -> list[str]:
    """Draw strings from a model: `load(model).generate(n, ...)` in one call.

    Examples:
        >>> import faker_neural
        >>> faker_neural.generate("company", 2, seed=1)
        ['PGIM Innovation & Growth Term Trust', 'Sandy Carmart Corp']

    Args:
        model: the name of a model, or the path of a model file.
        n: number of strings, 0 to 2**40 - 1.
        seed: the seed of the column: an integer, a float, text or bytes.
        start: number of the first row, 0 to 2**63 - n - 1. The string of a row depends neither on
            `start` nor on `n`.
        threads: number of threads, 1 to 256; the strings do not depend on it.
        unique: whether to draw a string again if it equals the string of an earlier row from
            `start` on.
        options: see `Options`; None, like leaving an option out, means the model's own.

    Returns:
        The `n` strings in the order of their rows.

    Raises:
        OptionError: an argument is out of range.
        UnknownModelError: no model has the name.
        ModelFileError: the file cannot be used.
        ExhaustedError: there are fewer different strings than asked for.
    """
    return load(model).generate(
        n, seed=seed_number(seed), start=start, threads=threads, unique=unique, **options
    )


def load(name_or_path: ModelName | str | os.PathLike[str]) -> TextModel:
    """Load a model. The process shares it until its file changes.

    Examples:
        >>> from faker_neural import load
        >>> model = load("job_title")
        >>> model.card.data["licence"]
        'CC BY 4.0'
        >>> model.generate(2)
        ['Water Maintenance Mechanic', 'Suction Pipe Irrigator']

    Args:
        name_or_path: a model's name, such as "product_name" (`catalog` lists all), or the path of
            a model file: a path object, or text that ends in ".onnx" or holds a slash.

    Returns:
        The model; two calls for the same file return the same object.

    Raises:
        OptionError: `name_or_path` is neither text nor a path.
        UnknownModelError: no model has the name.
        SettingError: a setting that names folders of fields cannot be used.
        MissingFileError: the file does not exist.
        ModelFileError: the file cannot be used; the message says why.
        ContractError: the file holds a detector, not a text model.
        OldVersionError: onnxruntime is older than 1.20.
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
        return _shared_once(path, version)
    except _ReplacedError as replaced:
        return replaced.opened


def _load_elsewhere(name_or_path: str | os.PathLike[str], gone: Path) -> TextModel:
    """Look a name up again, because its file was deleted."""
    clear_caches()
    path = resolve(name_or_path)
    if path == gone:
        raise MissingFileError(name_or_path, "there is no such model file")
    return load(path)


class _ReplacedError(Exception):
    """A file was replaced while it was opened, so it is unknown which version was read."""

    def __init__(self, opened: TextModel) -> None:
        self.opened = opened


_opening: dict[tuple[Path, tuple[int, ...]], Lock] = {}


def _shared_once(path: Path, version: tuple[int, ...]) -> TextModel:
    """Return the model of a version of a file; other threads wait while one opens it."""
    key = path, version
    with _opening.setdefault(key, Lock()):
        try:
            return _shared(path, version)
        finally:
            _opening.pop(key, None)


if hasattr(os, "register_at_fork"):  # not on Windows; the thread that holds a lock is not forked
    os.register_at_fork(after_in_child=_opening.clear)


@lru_cache(maxsize=64)
def _shared(path: Path, version: tuple[int, ...]) -> TextModel:
    from ._model import TextModel  # loads numpy and onnxruntime: not before they are needed

    opened = TextModel(path)
    with suppress(OSError):
        if _version(path) == version:
            return opened
    raise _ReplacedError(opened)


def _version(path: Path) -> tuple[int, ...]:
    """Return what differs between a file and its replacement, even at equal size and time."""
    status = path.stat()
    return status.st_ino, status.st_ctime_ns, status.st_mtime_ns, status.st_size
