"""A .keras file, opened only if everything it names is known: nothing in it is executed."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from faker_neural import ConversionError, MissingFileError

from ._stack import SUPPORTED, unsupported

__all__ = ["read_keras"]

_CLASS_MODULES = (None, "keras", "keras.layers", "keras.models")
_OBJECT_MODULES = ("keras.initializers", "keras.regularizers", "keras.constraints")
_KNOWN_CLASSES = {"DTypePolicy", "Functional", "Sequential", "__keras_tensor__"} | {
    kind.__name__ for kind in SUPPORTED
}


def read_keras(path: str | os.PathLike[str]) -> keras.Model:
    """Read a model that Keras 3 saved.

    Args:
        path: a file written by `model.save("NAME.keras")`.

    Raises:
        MissingFileError: there is no such file.
        ConversionError: the file is no such model, or names a class that is not known.
    """
    path = Path(path)
    for saved in _saved_objects(_config(path)):
        if not _is_known(saved):
            name, config = saved["class_name"], saved.get("config")
            layer = config.get("name", name) if isinstance(config, dict) else name
            raise unsupported(path, layer, name)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers raise
        raise ConversionError(path, f"cannot be read by Keras ({_first_line(error)})") from None


def _config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            return {name: config[name] for name in ("module", "class_name", "config")}
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such Keras model") from None
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise ConversionError(
            path, 'is no .keras file, or a damaged one; write it with model.save("NAME.keras")'
        ) from None


def _is_known(saved: dict[str, Any]) -> bool:
    module, name = saved.get("module"), saved["class_name"]
    if module in _OBJECT_MODULES:
        return True
    ours = module in _CLASS_MODULES or str(module).startswith("keras.src.models.")
    return ours and name in _KNOWN_CLASSES


def _saved_objects(config: Any) -> Iterator[dict[str, Any]]:
    """Walk everything in a configuration that Keras would make an object of."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        for value in config.values():
            yield from _saved_objects(value)
    elif isinstance(config, list):
        for value in config:
            yield from _saved_objects(value)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
