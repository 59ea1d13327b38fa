"""A name to a model file."""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ._errors import MissingFileError, ModelFileError, OptionError, UnknownModelError

if TYPE_CHECKING:
    from ._model import TextModel

__all__ = ["bundled", "load"]

_BUNDLED = Path(__file__).parent / "models"


def bundled() -> dict[str, Path]:
    """Give the models that ship with the package, by name."""
    return dict(_bundled())


@cache
def _bundled() -> dict[str, Path]:
    return {path.stem: path for path in sorted(_BUNDLED.glob("*.onnx"))}


def load(name_or_path: str | os.PathLike[str]) -> TextModel:
    """Open a model, once a process for each version of its file.

    Args:
        name_or_path: the name of a bundled model, such as "product_name", or the path of a model
            file: a path object, or text that ends in ".onnx" or holds a slash.

    Raises:
        OptionError: it is neither text nor a path.
        UnknownModelError: no bundled model has the name.
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used.
    """
    path = _resolve(name_or_path)
    try:
        status = path.stat()
    except ValueError as error:
        raise ModelFileError(ascii(name_or_path), f"is no path ({error})") from None
    except FileNotFoundError:
        raise MissingFileError(name_or_path, "there is no such model file") from None
    except OSError as error:
        raise ModelFileError(name_or_path, f"cannot be read ({error.strerror})") from None
    return _shared(path, status.st_mtime_ns, status.st_size)


def _resolve(name_or_path: str | os.PathLike[str]) -> Path:
    if not isinstance(name_or_path, str | os.PathLike):
        kind = type(name_or_path).__name__
        raise OptionError("model", name_or_path, f"must be a name or a path, not {kind}")
    text = os.fspath(name_or_path)
    if not isinstance(name_or_path, str) or text.endswith(".onnx") or {"/", os.sep} & set(text):
        return Path(text).absolute()
    models = _bundled()
    if text not in models:
        known = tuple(models)
        raise UnknownModelError(text, known, tuple(get_close_matches(text, known, cutoff=0.65)))
    return models[text]


@lru_cache(maxsize=64)
def _shared(path: Path, modified_ns: int, size: int) -> TextModel:
    from ._model import TextModel  # numpy and onnxruntime: not before the first string

    return TextModel(path)
