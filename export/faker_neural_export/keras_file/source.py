"""The configuration and the arrays of a model file; its content decides the format."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .plan.fields import ReadError
from .weights.hdf5 import Hdf5, read_hdf5

__all__ = [
    "HOW_TO_PULL",
    "HOW_TO_RESAVE",
    "LFS_POINTER",
    "KerasSource",
    "parse_json",
    "read_source",
]

LFS_POINTER = b"version https://git-lfs"
HOW_TO_PULL = "get the file itself with git lfs pull"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OF_TENSORFLOW = (".index", ".meta", ".pb", ".data-00000-of-00001", ".ckpt")
_MAX_TEXT = 16 * 2**20  # bytes of a configuration; parsed, it takes up to 20 times as much
_MAX_RATIO = 20  # times; Keras does not compress, and weights compress far less
HOW_TO_RESAVE = 'load it with its own TensorFlow or Keras and write model.save("NAME.h5")'
_NEEDED = 'what model.save("NAME.h5") or model.save("NAME.keras") writes is needed'


@dataclass(frozen=True, slots=True)
class KerasSource:
    """The content of a model file.

    Args:
        arrays: the content of its HDF5 file.
        config: the model's configuration, as `parse_json` returns it; None if the file holds only
            weights.
        version: the version of Keras that wrote the file; None if the file does not state it.
    """

    arrays: Hdf5
    config: Any
    version: str | None


def read_source(path: Path) -> KerasSource:
    """Read a model file.

    Args:
        path: an HDF5 or .keras file.

    Raises:
        ReadError: the file is not a Keras model, is damaged, or unpacks to too many bytes.
    """
    with path.open("rb") as file:
        start = file.read(len(LFS_POINTER))
    if start.startswith(_HDF5):
        return _of_hdf5(read_hdf5(path))
    if start[:4] == b"PK\x03\x04":
        return _of_archive(path)
    raise ReadError(_what_else(path, start))


def parse_json(text: str) -> Any:
    """Parse a configuration.

    Args:
        text: the configuration in JSON.

    Raises:
        ReadError: the text is not JSON, is nested too deeply, or has more than 16 MB.
    """
    if len(text) > _MAX_TEXT:
        raise ReadError(f"its configuration has more than {_MAX_TEXT:,} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ReadError("its configuration is not JSON; write it with model.to_json()") from None


def _of_hdf5(arrays: Hdf5) -> KerasSource:
    config = arrays.text("", "model_config")
    version = arrays.text("", "keras_version") or arrays.text("model_weights", "keras_version")
    return KerasSource(arrays, None if config is None else parse_json(config), version)


def _of_archive(path: Path) -> KerasSource:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "config.json" not in names or "model.weights.h5" not in names:
            raise ReadError(f"is a ZIP file and no Keras model; {_NEEDED}")
        _check_size(archive, "model.weights.h5", path.stat().st_size * _MAX_RATIO)
        config = parse_json(_read(archive, "config.json"))
        metadata = parse_json(_read(archive, "metadata.json")) if "metadata.json" in names else None
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return KerasSource(read_hdf5(path), config, version if isinstance(version, str) else None)


def _read(archive: zipfile.ZipFile, name: str) -> str:
    _check_size(archive, name, _MAX_TEXT)
    return archive.read(name).decode("utf-8")


def _check_size(archive: zipfile.ZipFile, name: str, most: int) -> None:
    if archive.getinfo(name).file_size > most:
        raise ReadError(f"its {name} has more than {most:,} bytes")


def _what_else(path: Path, start: bytes) -> str:
    if start == LFS_POINTER:
        return f"is only a pointer of Git LFS: {HOW_TO_PULL}"
    if start.startswith(b"model_ch") or path.suffix in _OF_TENSORFLOW:
        return f"is a part of a TensorFlow checkpoint or SavedModel; {HOW_TO_RESAVE}"
    if start[:1] == b"\x80":
        return f"is a pickle, which is never opened, since opening one runs it; {HOW_TO_RESAVE}"
    if start.lstrip()[:1] == b"{":
        return "is a configuration; name the file of its weights first and this as its config"
    return f"is neither HDF5 nor .keras, or is damaged; {_NEEDED}"
